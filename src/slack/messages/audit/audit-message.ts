import type { Button, KnownBlock } from '@slack/types';
import type { AuditFilter, ReadAuditResult } from '../../../application/audit/read-audit.ts';
import {
  code,
  type Message,
  notice,
  plainNotice,
  plainText,
  quoted,
  suggestion,
  teamOption,
} from '../blocks.ts';
import { refusalMessage } from '../failures/refusal-text.ts';
import { auditLine } from './audit-sentence.ts';

export const AUDIT_PAGE_ACTIONS = { older: 'audit_older', newest: 'audit_newest' } as const;

/** One page of the record. `before`: the sequence number that it ends before; undefined for the newest events. */
export interface AuditPosition {
  filter: AuditFilter;
  before: number | undefined;
}

/** Returns a page of the audit record, or why there is none. */
export function auditMessage(result: ReadAuditResult, position: AuditPosition, reference: string): Message {
  const { filter } = position;
  switch (result.kind) {
    case 'refused':
      return refusalMessage(result.refusal, reference, filter.teamName);
    case 'since_unclear':
      return plainNotice(
        `Keysmith doesn’t understand the time ${quoted(result.since)}. Use a date such as 2026-11-01, or 24h, 7d or 2w.`,
        reference,
      );
    case 'account_unknown':
      return accountUnknownMessage(result, filter, reference);
    case 'page':
      return pageMessage(result, position);
  }
}

function accountUnknownMessage(
  { name, nearest }: Extract<ReadAuditResult, { kind: 'account_unknown' }>,
  { teamName }: AuditFilter,
  reference: string,
): Message {
  const message = plainNotice(`None of your teams has or had an account named ${quoted(name)}.`, reference);
  if (nearest === undefined) return message;
  const team = teamName === undefined ? '' : ` ${teamOption(teamName)}`;
  const hint = suggestion(nearest, `/wandb audit --account ${nearest}${team}`);
  return { ...message, blocks: message.blocks.toSpliced(1, 0, hint) };
}

/** Slack's limit for a section. */
const MAX_SECTION_LENGTH = 3_000;

function pageMessage(page: Extract<ReadAuditResult, { kind: 'page' }>, position: AuditPosition): Message {
  const title = titleOf(page.isOrganization, position.filter);
  if (page.records.length === 0) {
    return notice(`${title}: no events${position.before === undefined ? '' : ' before these'}.`);
  }
  const sections: string[] = [];
  for (const line of page.records.map(auditLine)) {
    const joined = `${sections.at(-1) ?? ''}\n${line}`;
    if (sections.length > 0 && joined.length <= MAX_SECTION_LENGTH) sections[sections.length - 1] = joined;
    else sections.push(line);
  }
  return {
    text: 'The audit record.',
    blocks: [
      section(`*${title}*, newest first`),
      ...sections.map(section),
      ...pageButtons(page.olderThan, position),
      {
        type: 'context',
        elements: [
          plainText(
            `Events ${page.records.at(-1)?.sequence} to ${page.records[0]?.sequence} of the record. Keysmith’s operators can verify and export it.`,
          ),
        ],
      },
    ],
  };
}

function titleOf(isOrganization: boolean, { teamName, accountName }: AuditFilter): string {
  const team = teamName === undefined ? '' : ` in ${code(teamName)}`;
  if (accountName !== undefined) return `Audit record of ${code(accountName)}${team}`;
  if (isOrganization) return 'Audit record of the organization';
  return teamName === undefined ? 'Audit record of your teams' : `Audit record of ${code(teamName)}`;
}

function pageButtons(olderThan: number | undefined, { filter, before }: AuditPosition): KnownBlock[] {
  const button = (label: string, actionId: string, to: number | undefined): Button => ({
    type: 'button',
    action_id: actionId,
    text: plainText(label),
    value: auditButtonValue({ filter, before: to }),
  });
  const buttons = [
    ...(before === undefined ? [] : [button('Newest', AUDIT_PAGE_ACTIONS.newest, undefined)]),
    ...(olderThan === undefined ? [] : [button('Older', AUDIT_PAGE_ACTIONS.older, olderThan)]),
  ];
  return buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons }];
}

/** Short enough for a button: names have at most some hundred characters. */
function auditButtonValue({ filter: { teamName, accountName, since }, before }: AuditPosition): string {
  return JSON.stringify({
    team: teamName?.slice(0, 300),
    account: accountName?.slice(0, 100),
    since: since?.slice(0, 40),
    before,
  });
}

/** Reads the value of a button. Anyone can forge it: it is only a filter, and permissions are checked again. */
export function readAuditButton(value: string): AuditPosition {
  const read = parsed(value);
  const text = (name: string) => (typeof read[name] === 'string' ? read[name] : undefined);
  const { before } = read;
  return {
    filter: { teamName: text('team'), accountName: text('account'), since: text('since') },
    before: typeof before === 'number' && Number.isSafeInteger(before) && before > 0 ? before : undefined,
  };
}

function parsed(value: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(value);
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
