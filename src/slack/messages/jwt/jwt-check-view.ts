import type { KnownBlock, ModalView } from '@slack/types';
import type { CheckJwtResult } from '../../../application/authority/jwt/check-jwt.ts';
import type { JwtReport, JwtState } from '../../../application/authority/jwt/jwt-report.ts';
import { notice, plainText } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import type { JwtLine } from './jwt-line.ts';
import { jwtLines, jwtVerdictText } from './jwt-report-text.ts';

export const JWT_CHECK_CALLBACK = 'check_jwt';
export const JWT_CHECK_TITLE = 'Check JWT';
export const JWT_FIELD = 'jwt';

/** Slack's limit for a text input. */
const MAX_INPUT_LENGTH = 3_000;

/** Returns the form *Check JWT*. */
export function jwtFormView(): ModalView {
  return {
    ...frame(),
    submit: plainText('Check'),
    close: plainText('Cancel'),
    blocks: [
      ...notice(
        'Paste an *expired* JWT if you can: others can use a valid one until it expires, and Slack keeps what you send. Keysmith checks everything else in it, and stores nothing.',
      ).blocks,
      {
        type: 'input',
        block_id: JWT_FIELD,
        label: plainText('JWT'),
        element: {
          type: 'plain_text_input',
          action_id: JWT_FIELD,
          multiline: true,
          max_length: MAX_INPUT_LENGTH,
          placeholder: plainText('eyJ…'),
        },
        hint: plainText(
          'At most 3,000 characters. For a longer one, ask your Keysmith administrator to run “npm run keysmith -- check-jwt”.',
        ),
      },
    ],
  };
}

/** Returns the view during slow work, and where the JWT wasn't checked. */
export function jwtTextView(markup: string, reference?: string): ModalView {
  return { ...frame(), close: plainText('Close'), blocks: notice(markup, reference).blocks };
}

/** Returns the view with the outcome. */
export function jwtReportView(report: JwtReport): ModalView {
  const { verdict } = report;
  const mark = verdict === 'refused' ? 'wrong' : verdict === 'uncertain' ? 'not_checked' : 'ok';
  return {
    ...frame(),
    close: plainText('Close'),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${MARKS[mark]} ${jwtVerdictText(report)}*` } },
      { type: 'divider' },
      ...jwtLines(report, 'of your teams').map(lineBlock),
      { type: 'context', elements: [plainText('Keysmith didn’t store or log the JWT.')] },
    ],
  };
}

/** Returns why a JWT wasn't checked. Markup. */
export function jwtNotCheckedText(result: Exclude<CheckJwtResult, { kind: 'checked' }>): string {
  if (result.kind === 'refused') return refusalText(result.refusal);
  return result.isOnServer
    ? 'The JWT wasn’t checked: the W&B server verifies JWTs itself, and doesn’t show Keysmith its issuers’ rules. Compare `iss` and `sub` of the JWT with the account in W&B.'
    : 'The JWT wasn’t checked: this Keysmith doesn’t accept JWTs. Ask your Keysmith administrator to turn on `KEYSMITH_AUTHORITY`.';
}

const MARKS: Record<JwtState, string> = {
  ok: ':white_check_mark:',
  wrong: ':x:',
  note: ':information_source:',
  not_checked: ':grey_question:',
};

const STATES: Record<JwtState, string> = { ok: '✅', wrong: '❌', note: 'ℹ️', not_checked: '❔' };

const MAX_SECTION_LENGTH = 3_000;

/** Plain text, because everything in it may come from the JWT. */
function lineBlock({ state, part, came, expected, change }: JwtLine): KnownBlock {
  const lines = [
    `${STATES[state]} ${part}: ${came}`,
    ...(expected === undefined ? [] : [`Expected: ${expected}`]),
    ...(change === undefined ? [] : [change]),
  ];
  return { type: 'section', text: plainText(lines.join('\n').slice(0, MAX_SECTION_LENGTH).toWellFormed()) };
}

function frame() {
  return { type: 'modal' as const, callback_id: JWT_CHECK_CALLBACK, title: plainText(JWT_CHECK_TITLE) };
}
