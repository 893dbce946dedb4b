import { describe, expect, test } from 'vitest';
import {
  auditLogDay,
  createAuditLogClient,
} from '../../../../src/backends/wandb/audit-log/audit-log-client.ts';
import { json, type Reply, scimError, scriptedFetch, webPage } from '../rest/scripted-fetch.ts';

/** The clock is at 06:00 of this day. */
const TODAY = '2026-11-24';

function startAuditLog(...first: Reply[]) {
  const setup = scriptedFetch(...first);
  return { ...setup, log: createAuditLogClient(setup.dependencies) };
}

const page = (audit_logs: unknown, next_cursor: unknown = null): Reply =>
  json({ audit_logs, range_start_time: `${TODAY}T00:00:00Z`, count: 1, next_cursor });

const lines = (...entries: unknown[]): Reply => {
  const text = entries.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry))).join('\n');
  return () => new Response(`${text}\n`);
};

const created = {
  action: 'team:create_service_account',
  actor_email: 'Ada@Acme.test',
  actor_ip: '10.0.0.1',
  actor_user_id: 42,
  entity_name: 'ML Platform',
  response_code: 200,
  timestamp: `${TODAY}T01:02:03Z`,
  user_asset: 'VXNlcjox',
};
const runRead = { action: 'run:update', timestamp: created.timestamp };

const readCreated = {
  id: expect.stringMatching(/^[\w-]{43}$/),
  action: 'team:create_service_account',
  atMs: Date.UTC(2026, 10, 24, 1, 2, 3),
  actorId: '42',
  actorEmail: 'ada@acme.test',
  userId: 'VXNlcjox',
  userEmail: undefined,
  entityName: 'ML Platform',
};

describe('a page of the audit log', () => {
  test('has the entries about accounts, keys, teams and people', async () => {
    const { log, requests } = startAuditLog(page([created, runRead]));
    expect(await log.read({ day: TODAY })).toEqual({
      ok: true,
      value: { entries: [readCreated], skipped: 0, next: undefined },
    });
    expect(requests).toMatchObject([
      { method: 'GET', path: `/admin/audit_logs?startDate=${TODAY}&limit=1000` },
    ]);
  });

  test('has the same entries from a server that sends one object per line', async () => {
    const { log } = startAuditLog(lines(runRead, created, '{"action": "team:create"', ''));
    expect(await log.read({ day: TODAY })).toEqual({
      ok: true,
      value: { entries: [readCreated], skipped: 1, next: undefined },
    });
  });

  test.each<[string, Reply]>([
    ['an empty list', page([])],
    ['null instead of a list', page(null)],
    ['no lines', lines()],
  ])('may be empty, with %s', async (_, reply) => {
    const { log } = startAuditLog(reply);
    expect(await log.read({ day: TODAY })).toMatchObject({ ok: true, value: { entries: [], skipped: 0 } });
  });

  test('skips and counts unusable entries, and leaves out actions that failed', async () => {
    const odd = [null, 'x', {}, { ...created, timestamp: 'yesterday' }, { ...created, timestamp: '1' }];
    const failed = { ...created, response_code: 403 };
    const { log } = startAuditLog(page([...odd, failed, { ...created, entity_name: null, actor_email: 7 }]));
    expect(await log.read({ day: TODAY })).toMatchObject({
      value: { entries: [{ entityName: undefined, actorEmail: undefined }], skipped: 5 },
    });
  });

  test.each<[string, Reply]>([
    ['a web page', webPage],
    ['403', scimError(403, 'admins only')],
    ['404', json({}, 404)],
    ['an error with 200', json({ error: 'internal error' })],
    ['something else than a list', json({ audit_logs: 'unavailable' })],
    ['lines of something else', lines({ level: 'error' }, { level: 'error' })],
  ])('is a failure after %s', async (_, reply) => {
    const { log } = startAuditLog(reply);
    expect(await log.read({ day: TODAY })).toMatchObject({ ok: false });
  });
});

test('A page with more than Keysmith reads at once is reported as too large', async () => {
  const { log } = startAuditLog(page(Array.from({ length: 20_000 }, () => created)));
  expect(await log.read({ day: TODAY })).toMatchObject({ failure: { reason: 'too_large' } });
});

test('the same entry has the same ID in every page and format, and another entry another ID', async () => {
  const { log } = startAuditLog(
    page([created]),
    lines(Object.fromEntries(Object.entries(created).toReversed())),
    page([{ ...created, actor_ip: '10.0.0.2' }]),
  );
  const ids = [];
  for (let at = 0; at < 3; at += 1) {
    const read = await log.read({ day: TODAY });
    ids.push(read.ok && read.value.entries[0]?.id);
  }
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

describe('reading continues', () => {
  test('with the next page, then the next day, until today’s last page', async () => {
    const { log, requests } = startAuditLog(page([runRead], 'c1'), page([]), page([]));
    const days = [];
    for (let at: { day: string; cursor?: string } | undefined = { day: '2026-11-23' }; at !== undefined; ) {
      days.push(at);
      const read = await log.read(at, { limit: 10 });
      at = read.ok ? read.value.next : undefined;
    }
    expect(days).toEqual([{ day: '2026-11-23' }, { day: '2026-11-23', cursor: 'c1' }, { day: TODAY }]);
    expect(requests[1]?.path).toBe('/admin/audit_logs?startDate=2026-11-23&limit=10&cursor=c1');
  });

  test('with the next day when the server repeats its cursor', async () => {
    const { log } = startAuditLog(page([runRead], 'c1'));
    expect(await log.read({ day: TODAY, cursor: 'c1' })).toMatchObject({ value: { next: undefined } });
  });

  test('with the next day after an empty page, although the server returns a new cursor with it', async () => {
    const { log } = startAuditLog(page([], 'c2'));
    expect(await log.read({ day: TODAY, cursor: 'c1' })).toMatchObject({ value: { next: undefined } });
  });

  test('with the next day an hour after midnight, as the server may show entries late or its clock be behind', async () => {
    const { log, clock } = startAuditLog(page([]), page([]));
    clock.nowMs = Date.UTC(2026, 10, 25, 0, 59);
    expect(await log.read({ day: TODAY })).toMatchObject({ value: { next: undefined } });
    clock.nowMs = Date.UTC(2026, 10, 25, 1, 0);
    expect(await log.read({ day: TODAY })).toMatchObject({ value: { next: { day: '2026-11-25' } } });
  });

  test('over the end of a month', async () => {
    const { log } = startAuditLog(page([]));
    expect(await log.read({ day: '2026-10-31' })).toMatchObject({ value: { next: { day: '2026-11-01' } } });
  });
});

test('W&B’s own cloud is asked at its own path', async () => {
  const { dependencies, requests } = startAuditLog(page([]));
  const log = createAuditLogClient({ ...dependencies, baseUrl: 'https://api.wandb.ai' });
  await log.read({ day: auditLogDay(Date.UTC(2026, 10, 24, 23, 59)) });
  expect(requests[0]?.path).toBe(`https://api.wandb.ai/audit_logs?startDate=${TODAY}&limit=1000`);
});
