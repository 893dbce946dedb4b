import { describe, expect, it } from 'vitest';
import type { DeliveryAttempt } from '../../../../src/application/ports/slack.ts';
import { expectBothSidesAgree, expectNoSecretKept, runJobsFor, settleAll } from './both-sides.ts';
import {
  collect,
  create,
  createdAccount,
  createFederated,
  MINUTE_MS,
  messages,
  openWandbWorld,
  type Replica,
  revoke,
  TAGGED_NAME,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

/** Freezes a process at a call to the server, as if it had crashed, and starts another after its request should have ended. */
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

/** The frozen process continues; whatever it does then, both sides agree again and nobody is notified twice. */
async function continues(world: WandbWorld, lost: Awaited<ReturnType<typeof lostAt>>) {
  const before = messages(world);
  lost.lost.clock.nowMs += 5 * MINUTE_MS;
  lost.held.release();
  await lost.outcome;
  await runJobsFor(lost.next, 40);
  expectBothSidesAgree(world, lost.next);
  expectNoSecretKept(world, lost.next);
  expect(messages(world)).toEqual(before);
}

const accounts = ({ wandb }: WandbWorld) => wandb.team(TEAM).serviceAccounts();

describe('a crash during the creation of an account with a key', () => {
  it('before the server created the account lets the person collect a key, and Keysmith deletes the account if it appears', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createServiceAccount', 'before', create);
    await settleAll(lost.next);
    expect(world.notified).toMatchObject([{ message: 'key_collectable', keyId: null, to: 'U0ADA' }]);
    expectBothSidesAgree(world, lost.next);
    await continues(world, lost);
    expect(accounts(world)).toEqual([]);
    await collect(world, lost.next);
    expect(accounts(world)).toMatchObject([{ name: TAGGED_NAME }]);
    expectBothSidesAgree(world, lost.next);
  });

  it('deletes the account when it happens after the server created it, and the person can collect a key', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createServiceAccount', 'after', create);
    await lost.next.runJobs();
    expectBothSidesAgree(world, lost.next);
    expect(accounts(world)).toEqual([]);
    expect(messages(world)).toEqual(['key_collectable']);
    expect(await collect(world, lost.next)).toMatchObject({ kind: 'collected', key: { kind: 'delivered' } });
    expectBothSidesAgree(world, lost.next);
    await continues(world, lost);
    expect(accounts(world)).toHaveLength(1);
  });

  it('deletes the account when it happens while the key is read, and never reads the key later', async () => {
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
    await next.runJobs();
    expect(world.wandb.requests.slice(before).some(({ query }) => query?.includes('apiKey'))).toBe(false);
    expectBothSidesAgree(world, next);
    expect(messages(world)).toEqual(['key_collectable']);
    await continues(world, { lost, next, outcome, held: reading });
    expect(world.delivered).toEqual([]);
  });

  it('leaves accounts of that name alone that an admin created meanwhile', async () => {
    const world = await openWandbWorld();
    const { next } = await lostAt(world, 'createServiceAccount', 'after', create);
    const theirs = world.wandb.team(TEAM).createServiceAccount('nightly-eval');
    await settleAll(next);
    expect(accounts(world)).toMatchObject([{ id: theirs.id, keys: [{ secret: theirs.apiKey }] }]);
    expect(messages(world)).toEqual(['key_collectable']);
  });

  it('leaves both accounts alone when two have its tag, and the person is notified once', async () => {
    const world = await openWandbWorld();
    const { next } = await lostAt(world, 'createServiceAccount', 'after', create);
    const { name } = accounts(world)[0] ?? { name: '' };
    world.wandb.team(TEAM).createServiceAccount(name);
    await settleAll(next);
    expect(accounts(world)).toHaveLength(2);
    const problem = { message: 'server_account_problem', problem: 'duplicate_tag', serverName: name };
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(world.notified).toMatchObject([{ message: 'key_collectable' }, { ...problem, link }]);
    // The job goes on: once an admin has deleted one, Keysmith deletes the other.
    world.wandb.team(TEAM).removeMember(accounts(world)[1]?.id ?? '');
    await runJobsFor(next, 65);
    expect(accounts(world)).toEqual([]);
    expect(messages(world)).toHaveLength(2);
  });

  it('is not assumed by another replica while the request may still be running', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    const outcome = create(lost);
    await held.reached;
    const other = await world.replica({ laterMs: 80_000 });
    await other.runJobs();
    expect(accounts(world)).toHaveLength(1);
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
    const lost = await lostAt(world, 'createServiceAccount', at, (replica) => collect(world, replica));
    await lost.next.runJobs();
    expect(messages(world)).toEqual(['key_collectable', 'key_collectable']);
    expectBothSidesAgree(world, lost.next);
    expect(await collect(world, lost.next)).toMatchObject({ kind: 'collected' });
    await continues(world, lost);
    expect(world.delivered).toHaveLength(1);
    expect(accounts(world)).toHaveLength(1);
  });
});

describe('a crash during the creation of a federated account', () => {
  it.each(['before', 'after'] as const)(
    '%s the server created it leads to one account, and the person is notified once',
    async (at) => {
      const world = await openWandbWorld();
      const lost = await lostAt(world, 'createClient', at, createFederated);
      await settleAll(lost.next);
      expect(messages(world)).toEqual(['federated_account_created']);
      expectBothSidesAgree(world, lost.next);
      await continues(world, lost);
      expect(accounts(world)).toMatchObject([{ OAuthClients: [{ subject: 'repo:acme/web' }] }]);
    },
  );

  it('leads to no account if the person is no longer an admin of the team, and they are notified once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createClient', 'before', createFederated);
    world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
    await settleAll(lost.next);
    expect(world.notified).toMatchObject([{ message: 'account_not_created', cause: 'not_admin' }]);
    await continues(world, lost);
    expect(accounts(world)).toEqual([]);
  });

  it('leads to no account if the server refuses it then, and the person is notified once', async () => {
    const world = await openWandbWorld();
    const lost = await lostAt(world, 'createClient', 'before', createFederated);
    world.wandb.failures.set('createClient', { kind: 'status', status: 403 });
    await settleAll(lost.next);
    expect(world.notified).toMatchObject([{ message: 'account_not_created', cause: 'not_allowed' }]);
    world.wandb.failures.clear();
    await continues(world, lost);
    expect(accounts(world)).toEqual([]);
  });
});

describe('a crash during the revocation of an account', () => {
  it.each(['before', 'after'] as const)(
    '%s the server deleted it completes the revocation, and the person is notified once',
    async (at) => {
      const world = await openWandbWorld();
      const account = createdAccount(await create(await world.replica()));
      const lost = await lostAt(world, 'deleteInvite', at, (replica) => revoke(replica, account.id));
      await settleAll(lost.next);
      expect(accounts(world)).toEqual([]);
      expect(messages(world)).toEqual(['account_revoked']);
      expectBothSidesAgree(world, lost.next);
      await continues(world, lost);
    },
  );
});

describe('a crash during the delivery of a key', () => {
  async function lostInDelivery(world: WandbWorld) {
    const lost = await world.replica();
    const slack = Promise.withResolvers<DeliveryAttempt>();
    lost.attempts.push(slack.promise);
    const outcome = create(lost);
    const next = await world.replica({ laterMs: 5 * MINUTE_MS });
    await expect.poll(() => next.query("SELECT id FROM deliveries WHERE state = 'sending'")).toHaveLength(1);
    return { lost, next, slack, outcome };
  }

  it('revokes the key with its account, even when Slack accepts it later', async () => {
    const world = await openWandbWorld();
    const { next, slack, outcome } = await lostInDelivery(world);
    await next.runJobs();
    expect(messages(world)).toEqual(['key_collectable']);
    expectBothSidesAgree(world, next);
    slack.resolve({ outcome: 'accepted' });
    expect(await outcome).toMatchObject({
      kind: 'created',
      key: { kind: 'collect', failure: { reason: 'confirmed_too_late' } },
    });
    expectBothSidesAgree(world, next);
    expect(messages(world)).toHaveLength(1);
  });

  it('lets the person collect another key while the server still deletes the account of the first', async () => {
    const world = await openWandbWorld();
    const { next, slack, outcome } = await lostInDelivery(world);
    const held = world.wandb.hold('deleteInvite', { at: 'before' });
    const running = next.runJobs();
    await held.reached;
    await expect.poll(() => messages(world)).toEqual(['key_collectable']);
    const other = await world.replica({ laterMs: 5 * MINUTE_MS });
    expect(await collect(world, other)).toMatchObject({ kind: 'collected', key: { kind: 'delivered' } });
    slack.resolve({ outcome: 'accepted' });
    expect(await outcome).toMatchObject({ key: { failure: { reason: 'confirmed_too_late' } } });
    held.release();
    await running;
    expect(accounts(world)).toHaveLength(1);
    // The first key reached the person too, but it is revoked.
    expectBothSidesAgree(world, next);
  });
});

describe('a crash after Keysmith stored that the server refused', () => {
  /** A process that is lost once it has stored that an attempt ended. */
  async function lostAfterAbandoning(world: WandbWorld, work: (replica: Replica) => Promise<unknown>) {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const lost = await world.replica({
      over: (store) => ({
        ...store,
        async abandonCreation(abandoned) {
          await store.abandonCreation(abandoned);
          resolve();
          return new Promise(() => {});
        },
      }),
    });
    world.wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
    void work(lost);
    await reached;
    return world.replica({ laterMs: 5 * MINUTE_MS });
  }

  it('notifies the person that the account wasn’t created', async () => {
    const world = await openWandbWorld();
    const next = await lostAfterAbandoning(world, create);
    await next.runJobs();
    expect(messages(world)).toEqual(['account_not_created']);
    expectBothSidesAgree(world, next);
  });

  it('offers the key again that the person clicked to collect', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    first.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(first);
    await first.runJobs();
    const next = await lostAfterAbandoning(world, (replica) => collect(world, replica));
    await next.runJobs();
    expect(messages(world)).toEqual(['key_collectable', 'key_collectable']);
    expectBothSidesAgree(world, next);
  });
});
