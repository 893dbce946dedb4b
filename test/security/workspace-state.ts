import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';
import { visibleText } from '../driver/visible-text.ts';
import type { RunningWorkspace } from '../world/running-workspace.ts';

/** Jobs that Keysmith schedules for itself: each of them runs again and again, whatever people do. */
const STANDING_JOBS = ['audit_head', 'audit_log', 'contact_check', 'unused_review'];
/** What Keysmith changes in a standing job whenever it runs. */
const SCHEDULE = [
  'attempts',
  'failing_since_ms',
  'last_failure',
  'lease_token',
  'lease_until_ms',
  'payload',
  'run_at_ms',
];

export function isOfStandingJob({ kind }: Record<string, unknown>): boolean {
  return STANDING_JOBS.includes(String(kind));
}

/**
 * Returns every row of every table except the audit record, to compare before and after. Standing jobs run in the background, so
 * their schedule is left out.
 */
export function effects({ databaseFile }: RunningWorkspace): Record<string, unknown[]> {
  const database = new Database(databaseFile, { readonly: true });
  try {
    const tables = database
      .prepare<[], { name: string }>(
        "select name from sqlite_schema where type = 'table' and name not in ('audit_events', 'audit_subjects', '__drizzle_migrations') order by name",
      )
      .all();
    return Object.fromEntries(
      tables.map(({ name }) => {
        const rows = database
          .prepare<[], Record<string, unknown>>(`select * from "${name}" order by 1, 2, 3`)
          .all();
        return [name, name === 'jobs' ? rows.map(withoutSchedule) : rows];
      }),
    );
  } finally {
    database.close();
  }
}

function withoutSchedule(job: Record<string, unknown>): Record<string, unknown> {
  if (!isOfStandingJob(job)) return job;
  return Object.fromEntries(Object.entries(job).filter(([column]) => !SCHEDULE.includes(column)));
}

/** Counts the audit events without verifying their chain. */
export function auditCount(workspace: RunningWorkspace): number {
  return workspace.rows<{ count: number }>('select count(*) as count from audit_events')[0]?.count ?? 0;
}

export interface LogLine {
  level: number;
  msg: string;
  requestId?: string;
  reason?: string;
  status?: number;
  [field: string]: unknown;
}

export function logLines(workspace: RunningWorkspace): LogLine[] {
  return workspace
    .logs()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}

/** Polls until `find` returns a value, for a log line or a row that nothing announces. */
export async function until<Found>(
  description: string,
  find: () => Found | undefined | false,
): Promise<Found> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`Waited for ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface AuditRow {
  action: string;
  actor: { type: string; slackUserId?: string };
  subject: string;
  details: { reason?: string; [name: string]: unknown };
  request_id: string;
}

/** Returns the newest audit event. */
export function lastAudit(workspace: RunningWorkspace): AuditRow {
  const [row] = workspace.rows<Record<'action' | 'actor' | 'subject' | 'details' | 'request_id', string>>(
    'select action, actor, subject, details, request_id from audit_events order by sequence desc limit 1',
  );
  if (!row) throw new Error('The audit record is empty.');
  return { ...row, actor: JSON.parse(row.actor), details: JSON.parse(row.details) };
}

/** Returns the reference that a message or view shows. */
export function referenceIn(shown: PageMessage | PageModal): string | undefined {
  return /Reference (ks_\w+)/.exec(visibleText(shown))?.[1];
}

/** Checks that Keysmith acknowledged every request so far. */
export function expectAcknowledged(workspace: RunningWorkspace): void {
  const statuses = workspace.slack.traffic
    .filter(({ direction }) => direction === 'to_app')
    .map(({ response, failure }) => response?.status ?? failure);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
}

/** Checks that Slack accepted everything Keysmith sent. */
export function expectAcceptedBySlack(workspace: { slack: { traffic: readonly TrafficRecord[] } }): void {
  const refused = workspace.slack.traffic
    .filter(({ direction, failure }) => direction === 'to_slack' && failure === undefined)
    .filter(({ response }) => response !== undefined && !/^ok$|"ok":true/.test(response.body))
    .map(({ method, response }) => ({ method, response: response?.body }))
    // Look-ups may fail because Slack doesn't know the person.
    .filter(({ method }) => !method.startsWith('users.'));
  expect(refused).toEqual([]);
}
