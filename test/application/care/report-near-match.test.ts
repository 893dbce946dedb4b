import { describe, expect, test, vi } from 'vitest';
import { generateSigningPair, signJwt } from '../../world/issuer-server.ts';
import { claimsOf, ISSUER, openStatedWorld } from '../authority/assertion-world.ts';

const REGISTERED = 'repo:acme/web:ref:refs/heads/main';

async function openNearWorld(subjects: readonly string[] = [REGISTERED]) {
  const world = await openStatedWorld();
  const accounts: string[] = [];
  for (const subject of subjects) accounts.push((await world.addAccount(ISSUER, subject)).id);
  return {
    ...world,
    accounts,
    send: async (sub: string, pair = world.pair) =>
      world.exchange(await signJwt(pair, claimsOf(world, { sub }))),
    opened: () =>
      world.client
        .prepare<[], { account_id: string; subject: string }>('select account_id, subject from near_matches')
        .all(),
    near: () =>
      world.log.lines.filter(({ msg }) => msg === 'assertion rejected').map(({ similar }) => similar),
  };
}

describe('A JWT whose subject resembles a registered one', () => {
  test('is refused like any other unknown subject, and opens one near match however often it comes', async () => {
    const world = await openNearWorld();
    const subject = REGISTERED.replace('main', 'next');
    const responses = [
      await world.send(subject),
      await world.send('repo:other/nothing'),
      await world.send(subject),
    ];

    expect(new Set(responses.map(({ status, body }) => JSON.stringify({ status, body }))).size).toBe(1);
    expect(world.counted).toEqual(Array(3).fill('unknown_subject'));
    const near = { accountId: world.accounts[0], resemblance: 'branch' };
    expect(world.near()).toEqual([near, undefined, near]);
    await vi.waitFor(() => expect(world.nearMatches).toEqual(['reported', 'known']));
    expect(world.opened()).toEqual([{ account_id: world.accounts[0], subject }]);
  });

  test('has no effect unless its issuer signed it for Keysmith', async () => {
    const world = await openNearWorld();
    const sub = REGISTERED.toUpperCase();
    const forger = await generateSigningPair('ES256', world.pair.kid);
    await world.send(sub, forger);
    await world.exchange(await signJwt(world.pair, claimsOf(world, { sub, aud: 'other' })));
    await world.exchange(await signJwt(world.pair, claimsOf(world, { sub, exp: 1 })));

    expect(world.near()).toEqual([undefined, undefined, undefined]);
    expect(world.nearMatches).toEqual([]);
  });

  test.each([
    ['the patterns of the team don’t allow it', 'repo:acme@1/web@2:ref:refs/heads/main'],
    ['it has a wildcard', 'repo:acme/web:ref:refs/heads/*'],
  ])('is only counted where %s', async (_, subject) => {
    const world = await openNearWorld();
    await world.send(subject);
    expect(world.nearMatches).toEqual(['not_allowed']);
    expect(world.opened()).toEqual([]);
  });

  test('is only counted where it resembles those of many accounts', async () => {
    const names = ['a', 'b', 'c', 'd'].map((name) => `repo:acme/${name}:ref:refs/heads/main`);
    const world = await openNearWorld(names);
    await world.send('repo:acme/e:ref:refs/heads/main');
    expect(world.nearMatches).toEqual(['not_allowed']);
    expect(world.opened()).toEqual([]);
  });
});
