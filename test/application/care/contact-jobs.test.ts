import { expect, it } from 'vitest';
import { contactHandlers } from '../../../src/application/care/contact-jobs.ts';
import type { Ports } from '../../../src/application/ports/account-ports.ts';
import type { ClaimedJob } from '../../../src/application/ports/job-store.ts';
import { memberProfile } from '../../slack-profile.ts';
import { claimDue, insertSending, NOW_MS } from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const CONTACTS = 10_000;
/** What Slack allows an app for `users.info`. */
const ALLOWED_A_MINUTE = 100;
const DAY_MS = 24 * 60 * 60_000;

it('10,000 contacts are checked once a day each, at a fifth of what Slack allows', async () => {
  const world = await openSqliteWorld();
  const { account } = await insertSending(world, world.mlPlatform);
  const columns = world.client
    .prepare<[], { name: string }>("select name from pragma_table_info('service_accounts')")
    .all()
    .map(({ name }) => name);
  const copied = columns.map((name) =>
    name === 'id' || name === 'name' || name === 'contact' ? `printf('U0COPY%05d', value)` : `"${name}"`,
  );
  world.client
    .prepare(
      `with recursive numbers (value) as (select 1 union all select value + 1 from numbers where value < ?)
       insert into service_accounts (${columns.map((name) => `"${name}"`).join(', ')})
       select ${copied.join(', ')} from service_accounts, numbers where id = ?`,
    )
    .run(CONTACTS - 1, account.id);
  let nowMs = NOW_MS;
  /** When Slack was asked for each contact. */
  const asked = new Map<string, number[]>();
  const ports = {
    store: world.store,
    now: () => nowMs,
    wakeJobs: () => {},
    backend: {
      administeredIn: 'teams_file',
      teamAccess: async () => ({ team: world.mlPlatform, role: 'member', isOrganizationAdmin: false }),
    },
    directory: {
      workspace: { workspaceId: 'T1', enterpriseId: undefined },
      profile: async (slackUserId: string) => {
        asked.set(slackUserId, [...(asked.get(slackUserId) ?? []), nowMs]);
        return memberProfile(slackUserId, `${slackUserId.toLowerCase()}@acme.test`);
      },
    },
  } as unknown as Ports;
  const handler = contactHandlers(ports).contact_check;
  const run = async (job: ClaimedJob<'contact_check'>) => {
    expect(await handler.run(job)).toBe('done');
    await world.store.finishJob({ ...job, outcome: 'done', nowMs });
  };
  await world.store.startContactChecks(nowMs);
  let runs = 0;
  for (; runs < 10_000; runs += 1) {
    const [job] = await claimDue(world.store, 'contact_check', nowMs);
    if (job !== undefined) await run(job);
    if (asked.size === CONTACTS) break;
    nowMs += 60_000;
  }

  expect(asked.size).toBe(CONTACTS);
  expect([...asked.values()].every((times) => times.length === 1)).toBe(true);
  const perMinute = new Map<number, number>();
  for (const [atMs] of asked.values()) {
    const minute = Math.floor(((atMs ?? 0) - NOW_MS) / 60_000);
    perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
  }
  expect(Math.max(...perMinute.values())).toBe(ALLOWED_A_MINUTE / 5);
  expect(nowMs - NOW_MS).toBeLessThan(9 * 60 * 60_000);
  // The last part is full, so the next one finds nobody and ends the round until the next day.
  nowMs += 60_000;
  for (const job of await claimDue(world.store, 'contact_check', nowMs)) await run(job);
  expect(await claimDue(world.store, 'contact_check', nowMs + DAY_MS - 60_000)).toEqual([]);
  expect(await claimDue(world.store, 'contact_check', nowMs + DAY_MS)).toMatchObject([
    { payload: { after: '' } },
  ]);
});
