import { describe, expect, test, vi } from 'vitest';
import { generateSigningPair, signJwt } from '../../world/issuer-server.ts';
import { claimsOf, ISSUER, openStatedWorld } from './assertion-world.ts';

const REGISTERED = 'repo:acme/web:ref:refs/heads/main';
const IMMUTABLE = 'repo:acme@1234567/web@7654321:ref:refs/heads/main';

async function openWorld() {
  const world = await openStatedWorld();
  const account = await world.addAccount(ISSUER, REGISTERED);
  return {
    ...world,
    account,
    send: async (sub: string, pair = world.pair) =>
      world.exchange(await signJwt(pair, claimsOf(world, { sub }))),
    jobs: () =>
      world.client
        .prepare<[], { subject: string }>("select subject from jobs where kind = 'notification'")
        .all(),
    logged: (message: string) => world.log.lines.filter(({ msg }) => msg === message),
  };
}

describe('A JWT whose subject has GitHub’s newer form of a registered one', () => {
  test('is refused like any other unknown subject, and the log and the team’s admins get it once', async () => {
    const world = await openWorld();

    const responses = [
      await world.send(IMMUTABLE),
      await world.send('repo:acme/nothing'),
      await world.send(IMMUTABLE),
    ];

    expect(new Set(responses.map(({ status, body }) => JSON.stringify({ status, body }))).size).toBe(1);
    expect(world.counted).toEqual(Array(3).fill('unknown_subject'));
    const similar = { accountId: world.account.id, difference: 'ids_added' };
    expect(world.logged('assertion rejected').map((line) => line.similar)).toEqual([
      similar,
      undefined,
      similar,
    ]);
    await vi.waitFor(() => expect(world.logged('workload subject changed')).toHaveLength(1));
    expect(world.jobs()).toEqual([{ subject: `subject_changed:${world.account.id}:ada@acme.test` }]);
    expect(JSON.stringify(responses)).not.toContain(world.account.id);
  });

  test('has no effect if it isn’t signed by the issuer', async () => {
    const world = await openWorld();
    const forger = await generateSigningPair('ES256', world.pair.kid);

    await world.send(IMMUTABLE, forger);
    await world.exchange(await signJwt(world.pair, claimsOf(world, { sub: IMMUTABLE, aud: 'other' })));

    expect(world.counted).toEqual(['bad_signature', 'wrong_audience']);
    expect(world.logged('assertion rejected').map((line) => line.similar)).toEqual([undefined, undefined]);
    expect(world.jobs()).toEqual([]);
  });

  test('also notifies them if the registered subject has IDs that the JWT doesn’t have', async () => {
    const world = await openWorld();
    const { id } = await world.addAccount(ISSUER, IMMUTABLE.replace('web', 'api'));

    await world.send(REGISTERED.replace('web', 'api'));

    await vi.waitFor(() => expect(world.jobs()).toHaveLength(1));
    expect(world.logged('workload subject changed')).toMatchObject([
      { account: id, difference: 'ids_missing' },
    ]);
  });
});

test.each([
  ['in letter case', REGISTERED, REGISTERED.replace('acme/web', 'Acme/Web'), 'letter_case'],
  ['in GitHub’s IDs', IMMUTABLE, IMMUTABLE.replace('7654321', '9999999'), 'other_ids'],
])(
  'A JWT whose subject differs %s from a registered one is only logged',
  async (_what, subject, sub, difference) => {
    const world = await openStatedWorld();
    const { id: accountId } = await world.addAccount(ISSUER, subject);

    await world.exchange(await signJwt(world.pair, claimsOf(world, { sub })));

    expect(world.log.lines.find(({ msg }) => msg === 'assertion rejected')).toMatchObject({
      similar: { accountId, difference },
    });
    expect(await world.store.queueLengths()).toMatchObject({ jobs: 0 });
  },
);
