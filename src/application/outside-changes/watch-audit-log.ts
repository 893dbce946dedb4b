import { utcDay } from '../../domain/accounts/outside-change.ts';
import type { AuditActor, AuditEvent } from '../../domain/audit/audit-event.ts';
import { retryPauseMs } from '../../domain/backoff.ts';
import { accountEvent } from '../accounts/account-event.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { JobResult } from '../ports/job-store.ts';
import type { LogPage, LogPosition, RecordedFromLog } from './outside-change-store.ts';

const WATCH_EVERY_MS = 10 * 60_000;
/** One run must end within its lease, and must not delay the other jobs of the server for long. */
const MAX_PAGES = 20;
const MAX_RUN_MS = 45_000;
/** When a run has more to read. */
const NEXT_RUN_MS = 5_000;
/** If Keysmith was stopped for longer, older entries aren't read. */
const MAX_GAP_MS = 30 * 24 * 60 * 60_000;

type WatchPorts = Pick<Ports, 'store' | 'backend' | 'now' | 'monotonicMs' | 'logger'>;

/** Returns the handler of the job that reads the audit log of the W&B server, page by page, from where the last run ended. */
export function auditLogHandler(ports: WatchPorts): JobHandler<'audit_log'> {
  return {
    concurrency: 1,
    longestDelayMs: 60 * 60_000,
    // A failing job stays visible, and continues once the server returns its log again.
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    run: () => watch(ports),
  };
}

async function watch({ store, backend, now, monotonicMs, logger }: WatchPorts): Promise<JobResult> {
  const source = backend.outsideChanges;
  // The setting was turned off.
  if (source === undefined) return 'done';
  const endMs = monotonicMs() + MAX_RUN_MS;
  let position = positionNow(await store.auditLogPosition(), now());
  // A server that refuses its own cursors, or returns one again, must not be asked without end.
  const cursors = new Set([position.cursor]);
  let hasRestarted = false;
  let newestAtMs = 0;
  // Where the next run starts, while this one already reads today: yesterday's entries may appear for another hour.
  let unsettled: LogPosition | undefined;
  for (let pages = 0; pages < MAX_PAGES && monotonicMs() < endMs; pages += 1) {
    const read = await source.read(position);
    if (!read.ok) {
      // A server whose clock is behind doesn't know today yet.
      if (unsettled !== undefined) break;
      // The server may no longer accept the cursor. Entries that were read before have no effect.
      const isRefused = position.cursor !== undefined && CURSOR_REFUSED.has(read.failure);
      if (!isRefused || hasRestarted) return { retry: read.failure };
      position = { day: position.day };
      cursors.clear();
      hasRestarted = true;
      continue;
    }
    const { page } = read;
    // A server may return the newest entries first, so that further ones aren't on the last page.
    const isNewest = (page.newestAtMs ?? 0) >= newestAtMs;
    newestAtMs = Math.max(newestAtMs, page.newestAtMs ?? 0);
    const next = page.next ?? (isNewest ? position : { day: position.day });
    // Today's deleted keys wait for all keys that were created yesterday.
    const recorded =
      unsettled === undefined
        ? { page, from: position, next }
        : { page: { ...page, keyEvents: [] }, from: unsettled, next: unsettled };
    await record({ store, logger }, { ...recorded, day: position.day, nowMs: now() });
    if (page.next === undefined) {
      const today = utcDay(now());
      if (unsettled !== undefined || position.day >= today) return { again: now() + WATCH_EVERY_MS };
      unsettled = next;
      position = { day: today };
      newestAtMs = 0;
      cursors.clear();
      continue;
    }
    if (page.next.day !== position.day) cursors.clear();
    position = page.next;
    if (position.cursor !== undefined && cursors.has(position.cursor)) return { retry: 'cursor_repeated' };
    cursors.add(position.cursor);
  }
  return { again: now() + (unsettled === undefined ? NEXT_RUN_MS : WATCH_EVERY_MS) };
}

/** Changes per write, which blocks the process for some milliseconds. */
const PART_SIZE = 50;

/** Stores a page in parts, between which requests run. Only the last one moves the position. */
async function record(
  { store, logger }: Pick<WatchPorts, 'store' | 'logger'>,
  read: { page: LogPage; day: string; from: LogPosition; next: LogPosition; nowMs: number },
): Promise<void> {
  const { page, day, from, next, nowMs } = read;
  const ofPage = { nowMs, eventOf: (one: RecordedFromLog) => eventOf(one, nowMs) };
  let rest = page.changes;
  let recorded = 0;
  while (rest.length > PART_SIZE) {
    const part = { changes: rest.slice(0, PART_SIZE), keyEvents: [], newestAtMs: undefined };
    recorded += (await store.recordLogPage({ page: part, position: from, ...ofPage })).recorded;
    rest = rest.slice(PART_SIZE);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const last = { ...page, changes: rest };
  recorded += (await store.recordLogPage({ page: last, position: next, ...ofPage })).recorded;
  if (recorded > 0) logger.info({ recorded, day }, 'outside changes recorded');
}

const CURSOR_REFUSED: ReadonlySet<string> = new Set([
  'refused',
  'not_found',
  'conflict',
  'other_page',
  'no_api',
]);

/** Returns a position between the longest gap and today, also after the clock was set back. */
function positionNow(stored: LogPosition | undefined, nowMs: number): LogPosition {
  const today = utcDay(nowMs);
  const first = utcDay(nowMs - MAX_GAP_MS);
  if (stored === undefined || stored.day > today) return { day: today };
  return stored.day < first ? { day: first } : stored;
}

const LOG: AuditActor = { type: 'system', name: 'wandb_audit_log' };

function eventOf(recorded: RecordedFromLog, nowMs: number): AuditEvent {
  switch (recorded.kind) {
    case 'change': {
      const { teamName: team, kind, actor = null, subject = null, atMs } = recorded.change;
      return {
        atMs: nowMs,
        actor: LOG,
        action: 'outside_change.recorded',
        subject: `team:${team}`,
        details: { team, kind, actor, subject, at: new Date(atMs).toISOString() },
        requestId: null,
      };
    }
    case 'limit_reached': {
      const { teamName: team, day } = recorded;
      const details = { team, day };
      const action = 'outside_change.limit_reached';
      return { atMs: nowMs, actor: LOG, action, subject: `team:${team}`, details, requestId: null };
    }
    case 'keys_deleted':
      return accountEvent(recorded.account, {
        action: 'server_account.keys_deleted',
        actor: LOG,
        atMs: nowMs,
        requestId: null,
        details: { server_account: recorded.serverAccountId },
      });
  }
}
