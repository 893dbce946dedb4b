import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import type { DeliveryAttempt } from '../../../../src/application/ports/slack.ts';
import { expectBothSidesAgree, expectNoSecretKept, settleAll } from './both-sides.ts';
import {
  create,
  createFederated,
  MINUTE_MS,
  NAME,
  openWandbWorld,
  type Replica,
  route,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

/** The process stands at a call that was held, and is as good as dead: another one comes when its lease is over. */
async function lostAt(
  world: WandbWorld,
  operation: string,
  at: 'before' | 'after',
  work: (replica: Replica) => Promise<unknown>,
) {
  const lost = await world.replica();
  const held = world.wandb.hold(operation, { at });
  const outcome = work(lost);
  await held.reached;
  const next = await world.replica({ laterMs: 5 * MINUTE_MS });
  return { lost, next, outcome, held };
}

/** The dead one wakes up after all; whatever it then does, both sides agree again. */
async function wakesUp(world: WandbWorld, lost: Awaited<ReturnType<typeof lostAt>>) {
  lost.lost.clock.nowMs += 5 * MINUTE_MS;
  lost.held.release();
  await lost.outcome;
  await settleAll(lost.next);
  await settleAll(lost.next);
  expectBothSidesAgree(world, lost.next);
  expectNoSecretKept(world, lost.next);
}

describe('a process that is lost while it makes an account with a key', () => {
  it('before the server made it: nothing was made, and that is told once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createServiceAccount', 'before', create);
    await lost.next.sweep();
    await settleAll(lost.next);
    expect(world.endings).toMatchObject([
      { kind: 'not_made', slackUserId: 'U0ADA', account: { name: NAME } },
    ]);
    expectBothSidesAgree(world, lost.next);
    // What the server makes in the end, it makes for nobody: it goes again.
    await wakesUp(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect(world.endings).toHaveLength(1);
  });

  it('after the server made it: it is removed again, and a key may be collected', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createServiceAccount', 'after', create);
    await lost.next.sweep();
    expectBothSidesAgree(world, lost.next);
    expect(world.wandb.activeKeys().filter(({ owner }) => owner.accountType === 'SERVICE')).toEqual([]);
    expect(world.offers).toMatchObject([{ revokedKeyId: undefined }]);
    expect(world.endings).toEqual([]);
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    expect(await collectKey(lost.next.ports, request)).toMatchObject({
      kind: 'collected',
      key: { kind: 'delivered' },
    });
    expectBothSidesAgree(world, lost.next);
    await wakesUp(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expect(world.offers).toHaveLength(1);
  });

  it('while it reads the key: the account is removed again, and the key is never read later', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    const outcome = create(lost);
    await held.reached;
    const reading = world.wandb.hold('entity', { at: 'after' });
    held.release();
    await reading.reached;
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    const before = world.wandb.requests.length;
    await next.sweep();
    expect(world.wandb.requests.slice(before).some(({ query }) => query?.includes('apiKey'))).toBe(false);
    expectBothSidesAgree(world, next);
    expect(world.offers).toHaveLength(1);
    await wakesUp(world, { lost, next, outcome, held: reading });
    expect(world.handedOver).toEqual([]);
  });

  it('with two new accounts of its name on the server: none is touched, and the admin is told where', async () => {
    const world = await openWandbWorld();
    const { next } = await lostAt(world, 'createServiceAccount', 'after', create);
    world.wandb.team(TEAM).createServiceAccount(NAME);
    await settleAll(next);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(2);
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(world.endings).toMatchObject([{ kind: 'several_candidates', link }]);
    expect(world.offers).toEqual([]);
    expect(next.query('SELECT state FROM backend_operations')).toEqual([{ state: 'unclear' }]);
  });

  it('is settled by one of several that come at once, and told once', async () => {
    const world = await openWandbWorld();
    const { next } = await lostAt(world, 'createServiceAccount', 'after', create);
    const third = await world.replica({ laterMs: 5 * MINUTE_MS });
    await Promise.all([next.sweep(), third.sweep(), next.sweep(), third.sweep()]);
    await Promise.all([settleAll(next), settleAll(third)]);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, next);
  });

  it('is not settled while its lease runs', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    const outcome = create(lost);
    await held.reached;
    const other = await world.replica({ laterMs: 80_000 });
    await other.sweep();
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    held.release();
    expect(await outcome).toMatchObject({ kind: 'created', key: { kind: 'delivered' } });
    expectBothSidesAgree(world, other);
  });
});

describe('a process that is lost while a collected key is made', () => {
  it.each(['before', 'after'] as const)('%s the server made it: the offer opens again', async (at) => {
    const world = await openWandbWorld();
    const first = await world.replica();
    first.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(first);
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    const lost = await lostAt(world, 'createServiceAccount', at, ({ ports }) => collectKey(ports, request));
    await lost.next.sweep();
    expect(world.offers).toHaveLength(2);
    expectBothSidesAgree(world, lost.next);
    expect(await collectKey(lost.next.ports, request)).toMatchObject({ kind: 'collected' });
    await wakesUp(world, lost);
    expect(world.handedOver).toHaveLength(1);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
  });
});

describe('a process that is lost while it makes a federated account', () => {
  it('before the server made it: nothing was made, and that is told once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createClient', 'before', createFederated);
    await settleAll(lost.next);
    expect(world.endings).toMatchObject([{ kind: 'not_made' }]);
    await wakesUp(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
  });

  it('after the server made it: it is completed, and that is told once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createClient', 'after', createFederated);
    await settleAll(lost.next);
    expect(world.endings).toMatchObject([{ kind: 'created_late', account: { name: NAME } }]);
    expectBothSidesAgree(world, lost.next);
    await wakesUp(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toMatchObject([{ OAuthClients: [{}] }]);
  });
});

describe('a process that is lost while it revokes an account', () => {
  it.each(['before', 'after'] as const)(
    '%s the server removed it: it is revoked, and that is told once',
    async (at) => {
      const world = await openWandbWorld();
      const first = await world.replica();
      const created = await create(first);
      if (created.kind !== 'created') throw new Error(created.kind);
      const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
      const lost = await lostAt(world, 'deleteInvite', at, ({ ports }) =>
        revokeServiceAccount(ports, request),
      );
      await settleAll(lost.next);
      expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
      expect(world.endings).toMatchObject([{ kind: 'revoked_late' }]);
      expectBothSidesAgree(world, lost.next);
      await wakesUp(world, lost);
      expect(world.endings).toHaveLength(1);
    },
  );
});

describe('a process that is lost while a key is on its way', () => {
  it('leaves a key that is cut off with its account, also where Slack took it after all', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const answered = Promise.withResolvers<DeliveryAttempt>();
    lost.attempts.push(answered.promise);
    const outcome = create(lost);
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await expect.poll(() => next.query("SELECT id FROM deliveries WHERE state = 'sending'")).toHaveLength(1);
    await next.sweep();
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, next);
    answered.resolve({ outcome: 'accepted' });
    expect(await outcome).toMatchObject({ kind: 'created', key: { kind: 'collect', attempt: 'unknown' } });
    expectBothSidesAgree(world, next);
  });

  it('is not said to have delivered a key that is being cut off at that moment', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const answered = Promise.withResolvers<DeliveryAttempt>();
    lost.attempts.push(answered.promise);
    const outcome = create(lost);
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await expect.poll(() => next.query("SELECT id FROM deliveries WHERE state = 'sending'")).toHaveLength(1);
    const held = world.wandb.hold('deleteInvite', { at: 'before' });
    const sweeping = next.sweep();
    await held.reached;
    answered.resolve({ outcome: 'accepted' });
    expect(await outcome).toMatchObject({ kind: 'created', key: { kind: 'revocation_pending' } });
    held.release();
    await sweeping;
    expectBothSidesAgree(world, next);
  });
});

describe('a process that is lost between a key’s delivery and its record', () => {
  it('leaves a key that is cut off with its account, and one may be collected', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    lost.attempts.push({ outcome: 'unknown', cause: 'test' });
    const held = world.wandb.hold('deleteInvite', { at: 'before' });
    const outcome = create(lost);
    await held.reached;
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await next.sweep();
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, next);
    await wakesUp(world, { lost, next, outcome, held });
    expect(world.offers).toHaveLength(1);
  });

  it('and that wakes up when another key was collected leaves that one alone', async () => {
    const world = await openWandbWorld();
    const [claimed, wakes] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lost = await world.replica({
      over: (store) => ({
        ...store,
        async claimKeyRevocation(...asked) {
          const server = await store.claimKeyRevocation(...asked);
          claimed.resolve();
          await wakes.promise;
          return server;
        },
      }),
    });
    lost.attempts.push({ outcome: 'unknown', cause: 'test' });
    const outcome = create(lost);
    await claimed.promise;
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await next.sweep();
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    expect(await collectKey(next.ports, request)).toMatchObject({ key: { kind: 'delivered' } });
    // Its clock stands: even then it is the account of its own key that it removes.
    wakes.resolve();
    await outcome;
    await settleAll(next);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expect(world.wandb.activeKeys().map(({ secret }) => secret)).toEqual(
      expect.arrayContaining(world.handedOver),
    );
    expectBothSidesAgree(world, next);
  });
});
