import { expect, test } from 'vitest';
import type {
  LogPage,
  LogPosition,
  OutsideChangeSource,
  RecordLogPage,
} from '../../../src/application/outside-changes/outside-change-store.ts';
import { auditLogHandler } from '../../../src/application/outside-changes/watch-audit-log.ts';
import type { JobResult } from '../../../src/application/ports/job-store.ts';
import type { OutsideChange } from '../../../src/domain/accounts/outside-change.ts';
import { NOW_MS } from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const DAY_MS = 24 * 60 * 60_000;
const EMPTY: LogPage = { changes: [], keyEvents: [], newestAtMs: undefined, next: undefined };
const TODAY = '2026-01-15';
const job = {
  id: 'job_1',
  leaseToken: 'x',
  kind: 'audit_log',
  subject: 'wandb',
  payload: {},
  attempts: 1,
} as const;

type Answer = Awaited<ReturnType<OutsideChangeSource['read']>>;

/** Returns a function that runs the job over a server whose responses come from `answer`, and what it asked for. */
async function watching(answer: (from: LogPosition, call: number) => Answer) {
  const { store } = await openSqliteWorld();
  await store.startAuditLog(NOW_MS);
  const asked: LogPosition[] = [];
  let monotonic = 0;
  const recorded: RecordLogPage[] = [];
  const watched = {
    auditLogPosition: () => store.auditLogPosition(),
    recordLogPage(read: RecordLogPage) {
      recorded.push(read);
      return store.recordLogPage(read);
    },
  } as typeof store;
  const source: OutsideChangeSource = {
    read: async (from) => {
      asked.push(from);
      monotonic += 100;
      return answer(from, asked.length);
    },
  };
  const run = async (nowMs = NOW_MS): Promise<JobResult> => {
    const logger = { info() {} } as never;
    const backend = { outsideChanges: source } as never;
    const clock = { now: () => nowMs, monotonicMs: () => monotonic };
    return auditLogHandler({ store: watched, backend, ...clock, logger }).run(job);
  };
  return { store, asked, recorded, run };
}

const page = (next?: LogPosition): Answer => ({ ok: true, page: { ...EMPTY, next } });

test('the audit log is read page by page to its end, and again from its last page after ten minutes', async () => {
  const { asked, run } = await watching((from) =>
    page(from.cursor === undefined ? { day: TODAY, cursor: 'b' } : undefined),
  );
  expect(await run()).toEqual({ again: NOW_MS + 10 * 60_000 });
  await run();
  expect(asked).toEqual([{ day: TODAY }, { day: TODAY, cursor: 'b' }, { day: TODAY, cursor: 'b' }]);
});

test('a day is read again from its beginning when the newest entries come first', async () => {
  const { asked, run } = await watching(({ cursor }) => {
    const [newestAtMs, next] = cursor === undefined ? [NOW_MS, { day: TODAY, cursor: 'b' }] : [NOW_MS - 1];
    return { ok: true, page: { ...EMPTY, newestAtMs, next } };
  });
  await run();
  await run();
  expect(asked).toEqual([
    { day: TODAY },
    { day: TODAY, cursor: 'b' },
    { day: TODAY },
    { day: TODAY, cursor: 'b' },
  ]);
});

test('days may have the same cursors', async () => {
  const { asked, run } = await watching(({ day, cursor }) => {
    if (cursor === undefined) return page({ day, cursor: '1000' });
    return page(day === TODAY ? { day: '2026-01-16' } : undefined);
  });
  expect(await run(NOW_MS + DAY_MS)).toEqual({ again: NOW_MS + DAY_MS + 10 * 60_000 });
  expect(asked).toHaveLength(4);
});

test('one run reads at most 20 pages, and the next one continues soon', async () => {
  const { asked, run, store } = await watching((_, call) => page({ day: TODAY, cursor: String(call) }));
  expect(await run()).toEqual({ again: NOW_MS + 5_000 });
  expect(asked).toHaveLength(20);
  expect(await store.auditLogPosition()).toEqual({ day: TODAY, cursor: '20' });
});

test('a day is read from its beginning when the server doesn’t accept the cursor anymore', async () => {
  const { asked, run } = await watching((from, call) => {
    if (from.cursor !== undefined) return { ok: false, failure: 'refused' };
    return page(call === 1 ? { day: TODAY, cursor: 'old' } : undefined);
  });
  expect(await run()).toEqual({ again: NOW_MS + 10 * 60_000 });
  expect(asked).toEqual([{ day: TODAY }, { day: TODAY, cursor: 'old' }, { day: TODAY }]);
});

test.each<[string, (from: LogPosition) => Answer, string]>([
  [
    'refuses its own cursors',
    ({ cursor }) =>
      cursor === undefined ? page({ day: TODAY, cursor: 'a' }) : { ok: false, failure: 'refused' },
    'refused',
  ],
  [
    'returns the same cursors in turn',
    ({ cursor }) => page({ day: TODAY, cursor: cursor === 'a' ? 'b' : 'a' }),
    'cursor_repeated',
  ],
])('the job fails visibly when the server %s', async (_, answer, failure) => {
  const { asked, run } = await watching(answer);
  expect(await run()).toEqual({ retry: failure });
  expect(asked.length).toBeLessThan(5);
});

test('a failed read makes the job fail and leaves the position unchanged', async () => {
  const { run, store } = await watching(() => ({ ok: false, failure: 'not_allowed' }));
  expect(await run()).toEqual({ retry: 'not_allowed' });
  expect(await store.auditLogPosition()).toEqual({ day: TODAY, cursor: undefined });
});

test.each([
  ['a year later, the last 30 days', 365, '2026-12-16'],
  ['with the clock set back, today', -3, '2026-01-12'],
  ['the next day, the day before', 1, TODAY],
])('are read %s', async (_, days, from) => {
  const { asked, run } = await watching(() => page());
  await run(NOW_MS + days * DAY_MS);
  expect(asked[0]).toEqual({ day: from });
});

test('at 00:25 UTC, today is read too, while yesterday stays the position and today’s keys wait for it', async () => {
  const nowMs = Date.UTC(2026, 0, 16, 0, 25);
  const today = '2026-01-16';
  const change = (atMs: number): OutsideChange => ({
    entryId: `entry_${atMs}`,
    teamName: 'ml-platform',
    kind: 'account_created',
    atMs,
    actor: 'ada@acme.test',
    userId: '20',
    subject: 'by-ada',
  });
  const deleted = (atMs: number) => ({ kind: 'deleted', userId: '21', atMs, isOwn: false }) as const;
  const [early, late] = [nowMs - 5 * 60_000, nowMs - 40 * 60_000];
  const { asked, recorded, run, store } = await watching(({ day, cursor }) => {
    if (day === TODAY) return page(cursor === undefined ? { day, cursor: '1000' } : undefined);
    const next = cursor === undefined ? { day, cursor: '1000' } : undefined;
    // In two parts, of which neither may move the position.
    const changes = Array.from({ length: 51 }, (_, nth) => change(early + nth));
    const ofPage = next === undefined ? { changes: [] } : { changes, keyEvents: [deleted(early)] };
    return { ok: true, page: { ...EMPTY, ...ofPage, newestAtMs: early, next } };
  });
  const yesterday = { day: TODAY, cursor: '1000' };
  expect(await run(nowMs)).toEqual({ again: nowMs + 10 * 60_000 });
  expect(asked).toEqual([{ day: TODAY }, yesterday, { day: today }, { day: today, cursor: '1000' }]);
  expect(await store.auditLogPosition()).toEqual(yesterday);
  const ofTeam = await store.changesOfTeam('ml-platform', { sinceMs: late, untilMs: nowMs + 1, limit: 1 });
  expect(ofTeam).toMatchObject({ changes: [{ subject: 'by-ada' }], more: 50 });
  expect(recorded.flatMap(({ page }) => page.keyEvents)).toEqual([]);

  asked.length = 0;
  await run(nowMs + 10 * 60_000);
  expect(asked).toEqual([yesterday, { day: today }, { day: today, cursor: '1000' }]);
});

test('a server that doesn’t return today yet, shortly after midnight, doesn’t make the job fail', async () => {
  const nowMs = NOW_MS + DAY_MS / 2 + 60_000;
  const { run } = await watching(({ day }) => (day === TODAY ? page() : { ok: false, failure: 'refused' }));
  expect(await run(nowMs)).toEqual({ again: nowMs + 10 * 60_000 });
});

test('the job ends when the setting is off', async () => {
  const backend = { outsideChanges: undefined };
  expect(await auditLogHandler({ backend } as never).run(job)).toBe('done');
});
