import type { KnownBlock, RichTextElement } from '@slack/types';
import type { NearMatchCard, NearMatchRecord } from '../../../application/care/care-records.ts';
import type { AcceptNearMatchResult, IgnoreNearMatchResult } from '../../../application/care/near-matches.ts';
import { gitHubSubject, type MarkedPart, markDifference } from '../../../domain/care/near-match.ts';
import { code, day, escapeMarkup, type Message, plainText, shortened } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { accountName } from './names.ts';

export const NEAR_MATCH_ACTIONS = { use: 'use_subject', ignore: 'ignore_subject' } as const;

/** Returns the card of a JWT whose subject resembles the registered one. */
export function nearMatchCardContent({ match }: NearMatchCard): { message: Message; log: readonly string[] } {
  const { account, state, decidedBySlackUserId: by, decidedAtMs } = match;
  const name = accountName(account);
  const text = `A workload was refused: the subject of its JWT resembles that of ${account.name} in ${escapeMarkup(account.teamName)}.`;
  if (state === 'open') return { message: { text, blocks: openBlocks(match) }, log: [] };
  const decided =
    by === undefined ? '' : ` by <@${by}>${decidedAtMs === undefined ? '' : ` on ${day(decidedAtMs)}`}`;
  const outcome =
    state === 'used'
      ? `:white_check_mark: The subject of ${name} was replaced${decided}. JWTs with the old one are refused.`
      : state === 'ignored'
        ? `:no_bell: A subject that resembles that of ${name} was ignored${decided}.`
        : `:no_entry: A subject resembled that of ${name}, which has ended or whose team is archived.`;
  return {
    message: { text, blocks: [section(outcome), subjects([['In the JWT', unmarked(match.subject)]])] },
    log: [],
  };
}

function openBlocks(match: NearMatchRecord): KnownBlock[] {
  const { account, subject } = match;
  const registered = account.externalIdentity?.subject ?? '';
  const marked = markDifference(registered, subject);
  return [
    section(
      `:mag: *Keysmith refused a workload that may belong to ${accountName(account)}.* Its JWT is correctly signed by ${code(shortened(account.externalIdentity?.issuer ?? '', 200))}, but its subject differs from the registered one:`,
    ),
    subjects([
      ['Registered', marked.registered],
      ['In the JWT', marked.presented],
    ]),
    section(
      `${idsText(registered, subject)}If it’s your workload, an admin of ${code(account.teamName)} can use the new subject. JWTs with the old one are then refused.`,
    ),
    {
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: NEAR_MATCH_ACTIONS.use,
          style: 'primary',
          text: plainText('Use this subject'),
          value: match.id,
        },
        { type: 'button', action_id: NEAR_MATCH_ACTIONS.ignore, text: plainText('Ignore'), value: match.id },
      ],
    },
  ];
}

/** Someone who takes over a freed name has other IDs. */
function idsText(registered: string, presented: string): string {
  const [before, now] = [gitHubSubject(registered), gitHubSubject(presented)];
  const { ownerId, repositoryId } = now ?? {};
  if (ownerId === undefined || repositoryId === undefined || before?.ownerId !== undefined) return '';
  return `GitHub’s new form has the ID of the owner (${code(ownerId)}) and of the repository (${code(repositoryId)}). *Compare them with yours on GitHub*: someone else who takes over a freed name has other IDs. `;
}

/** Each subject starts a line, so that they can be compared. */
function subjects(lines: [string, readonly MarkedPart[]][]): KnownBlock {
  return {
    type: 'rich_text',
    elements: lines.map(([label, parts]) => ({
      type: 'rich_text_section' as const,
      elements: [
        { type: 'text', text: `${label}:\n` },
        ...parts.map(partElement),
        { type: 'text', text: '\n' },
      ],
    })),
  };
}

/** Shown unchanged, to be compared and copied. */
function partElement({ text, isSame }: MarkedPart): RichTextElement {
  return { type: 'text', text, style: { code: true, ...(!isSame && { bold: true }) } };
}

function unmarked(text: string): MarkedPart[] {
  return [{ text, isSame: true }];
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}

/** Returns the outcome of a click that the card doesn't show. Markup. */
export function nearMatchText(result: AcceptNearMatchResult | IgnoreNearMatchResult): string {
  switch (result.kind) {
    case 'used':
      return `:white_check_mark: The subject of ${accountName(result.match.account)} was replaced. JWTs with the old one are refused.`;
    case 'ignored':
      return `:white_check_mark: Ignored. Keysmith won’t ask about this subject of ${accountName(result.match.account)} again.`;
    case 'already_decided':
      return `Nothing was changed: someone has already decided about this subject of ${accountName(result.match.account)}, or the account has ended.`;
    case 'not_allowed':
      return `Nothing was changed: the subjects of ${code(result.match.account.teamName)} no longer allow this one. Ask an organization admin to add a pattern for it to the team’s subjects.`;
    case 'subject_taken':
      return 'Nothing was changed: another account has this subject.';
    case 'issuer_removed':
      return 'Nothing was changed: the issuer of this account is no longer registered. Ask an organization admin to register it again.';
    case 'not_found':
      return 'Nothing was changed: none of your teams has this account.';
    case 'refused':
      return `Nothing was changed. ${refusalText(result.refusal)}`;
  }
}
