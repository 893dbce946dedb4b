import { expect, it, onTestFinished } from 'vitest';
import { createAdmission } from '../../../src/api/server/admission.ts';
import { createWorkLimit } from '../../../src/api/server/work-limit.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import type { TeamMember } from '../../../src/domain/organization/team.ts';
import { isLongForm } from '../../long-form.ts';
import { collectLog } from '../test-server.ts';
import { ask, startGraphql } from './graphql-server.ts';

const MEMBERS = '{ entity { members { id name username email role memberRole accountType admin pending } } }';
const PEOPLE = isLongForm ? 3_000 : 250;
const QUERIES = isLongForm ? 2_500 : 40;
const WAITING = isLongForm ? 500 : 10;

/** A store whose team has many people. It counts the reads, and how many requests read at the same time. */
function crowded(store: Store) {
  const people = Array.from({ length: PEOPLE }, (_, index): TeamMember => {
    const username = `person-${String(index).padStart(5, '0')}`;
    return { username, email: `${username}@acme.test`, role: 'member' };
  });
  const seen = { reads: 0, running: 0, peak: 0 };
  const wrapped: Store = {
    ...store,
    findTeam(name) {
      seen.running += 1;
      seen.peak = Math.max(seen.peak, seen.running);
      return store.findTeam(name);
    },
    async teamPeople(_, { after = '', limit }) {
      seen.reads += 1;
      return people.filter(({ email }) => email > after).slice(0, limit);
    },
    async teamServiceAccounts(teamId, part) {
      seen.running -= 1;
      return store.teamServiceAccounts(teamId, part);
    },
  };
  return { wrapped, seen };
}

async function startCrowded() {
  const perCaller = { running: 2, waiting: WAITING, unreadBytes: 8e6 };
  const limit = createWorkLimit({ perCaller, overall: { running: 8, waiting: 1_000, unreadBytes: 64e6 } });
  const log = collectLog();
  let seen = { reads: 0, running: 0, peak: 0 };
  const server = await startGraphql(
    (store) => {
      const made = crowded(store);
      seen = made.seen;
      return made.wrapped;
    },
    { admit: createAdmission({ limit, logger: log.logger }) },
  );
  onTestFinished(server.close);
  // Loads the graphql package.
  await ask(server, server.everywhere, { query: '{ viewer { id } }' });
  return { server, seen, log };
}

it('runs two of many equal queries at a time, queues some, and asks the others to come back', async () => {
  const { server, seen, log } = await startCrowded();
  const responses = await Promise.all(
    Array.from({ length: QUERIES }, () => ask(server, server.nightly, { query: MEMBERS })),
  );
  const served = responses.filter(({ status }) => status === 200);
  const refused = responses.filter(({ status }) => status !== 200);
  expect(served.length).toBeGreaterThanOrEqual(WAITING + 2);
  expect(refused.length).toBeGreaterThan(0);
  for (const { json } of served) {
    expect(json.data).toMatchObject({ entity: { members: expect.objectContaining({ length: PEOPLE + 2 }) } });
  }
  for (const { status, headers, json } of refused) {
    expect([status, headers.get('retry-after')]).toEqual([429, '2']);
    // W&B's clients show it while they wait.
    expect(json.errors).toEqual([{ message: expect.stringMatching(/^Too many requests .*Try again/) }]);
  }
  expect(seen.peak).toBe(2);
  expect(seen.reads).toBe(served.length * Math.ceil((PEOPLE + 1) / 100));
  expect(log.lines.filter(({ level }) => Number(level) >= 40)).toEqual([
    expect.objectContaining({ msg: 'requests refused', caller: server.nightly.id, reason: 'caller_busy' }),
  ]);
}, 120_000);

it('verifies the credential again after a request has waited', async () => {
  const server = await startGraphql(undefined, {
    async admit() {
      // Revoked in the meantime.
      server.verified.length = 0;
      const over = new AbortController().signal;
      return { over, abandon() {}, hasWaited: true, respond() {}, done() {} };
    },
  });
  onTestFinished(server.close);
  const { status, json } = await ask(server, server.nightly, { query: '{ viewer { id } }' });
  expect([status, json.data]).toEqual([401, undefined]);
});

it('serves another account while one floods it', async () => {
  const { server } = await startCrowded();
  const order: string[] = [];
  const flood = Array.from({ length: 10 }, async () => {
    await ask(server, server.nightly, { query: MEMBERS });
    order.push('flood');
  });
  await ask(server, server.everywhere, { query: '{ viewer { teams { edges { node { name } } } } }' });
  order.push('other');
  await Promise.all(flood);
  expect(order.indexOf('other')).toBeLessThan(5);
}, 120_000);
