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

/** Freezes a process at a call to the server, as if it had crashed, and starts another after its lease has ended. */
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

/** The frozen process continues; whatever it does then, both sides agree again. */
async function continues(world: WandbWorld, lost: Awaited<ReturnType<typeof lostAt>>) {
  lost.lost.clock.nowMs += 5 * MINUTE_MS;
  lost.held.release();
  await lost.outcome;
  await settleAll(lost.next);
  await settleAll(lost.next);
  expectBothSidesAgree(world, lost.next);
  expectNoSecretKept(world, lost.next);
}

describe('a crash during the creation of an account with a key', () => {
  it('leaves no account when it happens before the server created it, and the person is notified once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createServiceAccount', 'before', create);
    await lost.next.sweep();
    await settleAll(lost.next);
    expect(world.endings).toMatchObject([
      { kind: 'not_made', slackUserId: 'U0ADA', account: { name: NAME } },
    ]);
    expectBothSidesAgree(world, lost.next);
    // An account that the server creates afterwards is removed.
    await continues(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect(world.endings).toHaveLength(1);
  });

  it('removes the account when it happens after the server created it, and the person can collect a key', async () => {
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
    await continues(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expect(world.offers).toHaveLength(1);
  });

  it('removes the account when it happens while the key is read, and never reads the key later', async () => {
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
    await continues(world, { lost, next, outcome, held: reading });
    expect(world.delivered).toEqual([]);
  });

  it('leaves both accounts alone when two new ones have the name, and the admin gets a link to the team', async () => {
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

  it('is settled once when several replicas find it at the same time', async () => {
    const world = await openWandbWorld();
    const { next } = await lostAt(world, 'createServiceAccount', 'after', create);
    const third = await world.replica({ laterMs: 5 * MINUTE_MS });
    await Promise.all([next.sweep(), third.sweep(), next.sweep(), third.sweep()]);
    await Promise.all([settleAll(next), settleAll(third)]);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, next);
  });

  it('is not settled by another replica before the lease ends', async () => {
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

describe('a crash during the creation of a collected key', () => {
  it.each(['before', 'after'] as const)('%s the server created it reopens the collection', async (at) => {
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
    await continues(world, lost);
    expect(world.delivered).toHaveLength(1);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
  });
});

describe('a crash during the creation of a federated account', () => {
  it('leaves no account when it happens before the server created it, and the person is notified once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createClient', 'before', createFederated);
    await settleAll(lost.next);
    expect(world.endings).toMatchObject([{ kind: 'not_made' }]);
    await continues(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
  });

  it('completes the account when it happens after the server created it, and the person is notified once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createClient', 'after', createFederated);
    await settleAll(lost.next);
    expect(world.endings).toMatchObject([{ kind: 'created_late', account: { name: NAME } }]);
    expectBothSidesAgree(world, lost.next);
    await continues(world, lost);
    expect(world.wandb.team(TEAM).serviceAccounts()).toMatchObject([{ OAuthClients: [{}] }]);
  });
});

describe('a crash during the revocation of an account', () => {
  it.each(['before', 'after'] as const)(
    '%s the server removed it completes the revocation, and the person is notified once',
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
      await continues(world, lost);
      expect(world.endings).toHaveLength(1);
    },
  );
});

describe('a crash during the delivery of a key', () => {
  it('revokes the key with its account, even when Slack accepts it later', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const slackResponse = Promise.withResolvers<DeliveryAttempt>();
    lost.attempts.push(slackResponse.promise);
    const outcome = create(lost);
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await expect.poll(() => next.query("SELECT id FROM deliveries WHERE state = 'sending'")).toHaveLength(1);
    await next.sweep();
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, next);
    slackResponse.resolve({ outcome: 'accepted' });
    expect(await outcome).toMatchObject({
      kind: 'created',
      key: { kind: 'collect', failure: { reason: 'confirmed_too_late' } },
    });
    expectBothSidesAgree(world, next);
  });

  it('does not report a key as delivered while it is being revoked', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const slackResponse = Promise.withResolvers<DeliveryAttempt>();
    lost.attempts.push(slackResponse.promise);
    const outcome = create(lost);
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await expect.poll(() => next.query("SELECT id FROM deliveries WHERE state = 'sending'")).toHaveLength(1);
    const held = world.wandb.hold('deleteInvite', { at: 'before' });
    const sweeping = next.sweep();
    await held.reached;
    slackResponse.resolve({ outcome: 'accepted' });
    expect(await outcome).toMatchObject({ kind: 'created', key: { kind: 'revocation_pending' } });
    held.release();
    await sweeping;
    expectBothSidesAgree(world, next);
  });
});

describe('a crash between the delivery of a key and its record', () => {
  it('revokes the key with its account, and the person can collect another', async () => {
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
    await continues(world, { lost, next, outcome, held });
    expect(world.offers).toHaveLength(1);
  });

  it('leaves a key alone that was collected before the process continues', async () => {
    const world = await openWandbWorld();
    const [claimed, wakes] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lost = await world.replica({
      over: (store) => ({
        ...store,
        async claimKeyRevocation(...values) {
          const server = await store.claimKeyRevocation(...values);
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
    // Its clock hasn't advanced, yet it may remove only the account of its own key.
    wakes.resolve();
    await outcome;
    await settleAll(next);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expect(world.wandb.activeKeys().map(({ secret }) => secret)).toEqual(
      expect.arrayContaining(world.delivered),
    );
    expectBothSidesAgree(world, next);
  });
});
