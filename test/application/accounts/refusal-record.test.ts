import { describe, expect, test } from 'vitest';
import { createRefusalRecord } from '../../../src/application/accounts/refusal-record.ts';
import type { RefusedAttempt } from '../../../src/application/ports/refusals.ts';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { collectLog } from '../../api/test-server.ts';
import { dee, NOW_MS } from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const WINDOW_MS = 10 * 60_000;

const refusedList = (overrides: Partial<RefusedAttempt> = {}): RefusedAttempt => ({
  slackUserId: dee.slackUserId,
  person: dee,
  action: 'service_account.list_refused',
  reason: 'no_team',
  subject: undefined,
  details: {},
  requestId: 'ks_first',
  ...overrides,
});

/** A record over a real store, whose writes fail while `isFull`. */
async function openRecord() {
  const world = await openSqliteWorld();
  const clock = { nowMs: NOW_MS, monotonicMs: 0 };
  const disk = { isFull: false };
  const log = collectLog();
  const record = createRefusalRecord({
    store: {
      ...world.store,
      appendAuditEvent: async (event) => {
        if (disk.isFull) throw new StoreUnavailableError('full', { cause: undefined });
        return world.store.appendAuditEvent(event);
      },
    },
    organization: { name: 'acme' },
    now: () => clock.nowMs,
    monotonicMs: () => clock.monotonicMs,
    logger: log.logger,
  });
  const before = (await world.store.auditRecords()).length;
  const recorded = async () =>
    (await world.store.auditRecords())
      .slice(before)
      .map(({ action, subject, details, requestId }) => ({ action, subject, details, requestId }));
  const linesOf = (msg: string) => log.lines.filter((line) => line.msg === msg);
  return { record, clock, disk, recorded, linesOf, log };
}

const FIRST = {
  action: 'service_account.list_refused',
  subject: 'organization:acme',
  details: { reason: 'no_team' },
  requestId: 'ks_first',
};

describe('The record of refusals', () => {
  test('has two events for 3,000 equal refusals: the first at once, and the number of the others after ten minutes', async () => {
    const { record, clock, recorded, linesOf, log } = await openRecord();
    for (let times = 0; times < 3_000; times += 1) record.note(refusedList());
    expect(await recorded()).toEqual([FIRST]);
    clock.monotonicMs += WINDOW_MS - 1;
    await record.flush();
    expect(await recorded()).toHaveLength(1);

    clock.monotonicMs += 1;
    await record.flush();
    const repeated = {
      ...FIRST,
      details: { reason: 'no_team', repeated: 2_999, since_ms: NOW_MS },
      requestId: null,
    };
    expect(await recorded()).toEqual([FIRST, repeated]);
    expect(linesOf('refused repeatedly')).toMatchObject([{ level: 40, repeated: 2_999 }]);
    expect(log.lines.filter(({ level }) => Number(level) >= 30).length).toBeLessThan(60);

    record.note(refusedList());
    expect(await recorded()).toEqual([FIRST, repeated, FIRST]);
  });

  test('is as short for 3,000 different team names, accounts and identifiers, and names the first ten of them', async () => {
    const { record, recorded } = await openRecord();
    for (let index = 0; index < 3_000; index += 1) {
      record.note(
        refusedList({ details: { team: `team-${index}` }, subject: `service_account:sa_${index}` }),
      );
    }
    await record.stop();

    expect(await recorded()).toEqual([
      {
        ...FIRST,
        subject: 'service_account:sa_0',
        details: { reason: 'no_team', team: 'team-0' },
      },
      {
        ...FIRST,
        details: {
          reason: 'no_team',
          repeated: 2_999,
          since_ms: NOW_MS,
          targets: Array.from({ length: 10 }, (_, index) => `service_account:sa_${index + 1}`),
        },
        requestId: null,
      },
    ]);
  });

  test('names the teams that were tried while the disk was full', async () => {
    const { record, disk, recorded } = await openRecord();
    disk.isFull = true;
    for (const team of ['research', 'vision', 'vision', 'speech'])
      record.note(refusedList({ details: { team } }));
    await record.flush();
    disk.isFull = false;
    await record.stop();

    expect(await recorded()).toEqual([
      {
        ...FIRST,
        details: {
          reason: 'no_team',
          team: 'research',
          repeated: 3,
          targets: ['team:vision', 'team:speech'],
        },
      },
    ]);
  });

  test('starts over with a refusal after the window in which nothing was repeated', async () => {
    const { record, clock, recorded } = await openRecord();
    record.note(refusedList());
    clock.monotonicMs += WINDOW_MS;
    record.note(refusedList());

    expect(await recorded()).toEqual([FIRST, FIRST]);
  });

  test('tells actions, reasons and people apart', async () => {
    const { record, recorded } = await openRecord();
    record.note(refusedList());
    record.note(refusedList({ reason: 'team_unknown' }));
    record.note(refusedList({ action: 'service_account.create_refused' }));
    record.note(
      refusedList({ slackUserId: 'U0OTHER', person: { slackUserId: 'U0OTHER', email: 'o@acme.test' } }),
    );

    expect(await recorded()).toHaveLength(4);
  });

  test('has no event for callers who couldn’t be identified, who are only logged', async () => {
    const { record, recorded, linesOf } = await openRecord();
    for (let times = 0; times < 100; times += 1)
      record.note(refusedList({ person: undefined, reason: 'guest' }));
    await record.stop();

    expect(await recorded()).toEqual([]);
    expect(linesOf('refused, not recorded')).toHaveLength(1);
    expect(linesOf('refused repeatedly')).toMatchObject([{ repeated: 99 }]);
  });

  test('is completed once a full disk has space again, with every refusal counted', async () => {
    const { record, clock, disk, recorded, linesOf } = await openRecord();
    disk.isFull = true;
    for (let times = 0; times < 5; times += 1) record.note(refusedList());
    await record.flush();
    expect(await recorded()).toEqual([]);
    expect(linesOf('refusal not recorded, retrying later').length).toBeGreaterThan(0);

    disk.isFull = false;
    await record.flush();
    expect(await recorded()).toEqual([{ ...FIRST, details: { reason: 'no_team', repeated: 4 } }]);
    clock.monotonicMs += WINDOW_MS;
    await record.flush();
    await record.stop();
    expect(await recorded()).toHaveLength(1);
  });

  test('keeps the refusals that arrive while their count is written', async () => {
    const { record, clock, recorded } = await openRecord();
    record.note(refusedList());
    record.note(refusedList());
    clock.monotonicMs += WINDOW_MS;
    const flushing = record.flush();
    record.note(refusedList());
    await flushing;
    await record.stop();

    const counted = (await recorded()).reduce((sum, { details }) => sum + Number(details.repeated ?? 1), 0);
    expect(counted).toBe(3);
  });

  test('keeps a bounded number of callers in memory, and writes the counts of the oldest early', async () => {
    const { record, recorded } = await openRecord();
    const other = (index: number) => ({
      slackUserId: `U${index}`,
      person: { slackUserId: `U${index}`, email: 'o@acme.test' },
    });
    record.note(refusedList());
    record.note(refusedList());
    for (let index = 0; index < 1_000; index += 1) record.note(refusedList(other(index)));
    await Promise.resolve();

    const early = (await recorded()).filter(({ details }) => details.repeated !== undefined);
    expect(early).toMatchObject([{ details: { repeated: 1 } }]);
  });
});
