import { expect } from 'vitest';
import type { PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';
import { visibleText } from '../driver/visible-text.ts';
import type { RunningWorkspace } from '../world/running-workspace.ts';

export interface AuditRow {
  action: string;
  actor: { type: string; slackUserId?: string };
  subject: string;
  details: { reason?: string; [name: string]: unknown };
  request_id: string;
}

/** The newest record of the audit chain. */
export function lastAudit(workspace: RunningWorkspace): AuditRow {
  const [row] = workspace.rows<Record<'action' | 'actor' | 'subject' | 'details' | 'request_id', string>>(
    'select action, actor, subject, details, request_id from audit_events order by sequence desc limit 1',
  );
  if (!row) throw new Error('The audit record is empty.');
  return { ...row, actor: JSON.parse(row.actor), details: JSON.parse(row.details) };
}

/** The reference that a refusal tells the person. */
export function referenceIn(shown: PageMessage | PageModal): string | undefined {
  return /Reference (ks_\w+)/.exec(visibleText(shown))?.[1];
}

/** Every request to the app so far was acknowledged. */
export function expectAcknowledged(workspace: RunningWorkspace): void {
  const statuses = workspace.slack.traffic
    .filter(({ direction }) => direction === 'to_app')
    .map(({ answer, failure }) => answer?.status ?? failure);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
}

/** What the app sent, Slack took: nothing was refused as malformed. */
export function expectTakenBySlack(workspace: { slack: { traffic: readonly TrafficRecord[] } }): void {
  const refused = workspace.slack.traffic
    .filter(({ direction, failure }) => direction === 'to_slack' && failure === undefined)
    .filter(({ answer }) => answer !== undefined && !/^ok$|"ok":true/.test(answer.body))
    .map(({ method, answer }) => ({ method, answer: answer?.body }))
    // Asked whether Slack knows somebody.
    .filter(({ method }) => !method.startsWith('users.'));
  expect(refused).toEqual([]);
}
