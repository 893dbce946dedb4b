import { describe, expect, it } from 'vitest';
import type { WandbFailure } from '../../../../src/sandbox/wandb/wandb-failures.ts';
import { isLongForm } from '../../../long-form.ts';
import { expectBothSidesAgree, settleAll } from './both-sides.ts';
import {
  collect,
  create,
  createdAccount,
  createFederated,
  messages,
  openWandbWorld,
  revoke,
  TAGGED_NAME,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

/** Kinds of failure and the reason that Keysmith reports for them. */
const KINDS: { name: string; failure: WandbFailure; reason: string }[] = [
  { name: '401', failure: { kind: 'status', status: 401 }, reason: 'credential_refused' },
  { name: '403', failure: { kind: 'status', status: 403 }, reason: 'not_allowed' },
  { name: '429', failure: { kind: 'status', status: 429 }, reason: 'rate_limited' },
  { name: '500', failure: { kind: 'status', status: 500 }, reason: 'server_error' },
  { name: '502', failure: { kind: 'status', status: 502 }, reason: 'server_error' },
  { name: 'GraphQL errors', failure: { kind: 'errors', message: 'no more seats' }, reason: 'refused' },
  { name: 'a login page', failure: { kind: 'login_page' }, reason: 'other_page' },
  { name: 'text that is not JSON', failure: { kind: 'not_json' }, reason: 'other_page' },
  { name: 'null', failure: { kind: 'null' }, reason: 'other_answer' },
  { name: 'a redirect', failure: { kind: 'redirect', location: '/login' }, reason: 'redirected' },
  { name: 'a broken connection', failure: { kind: 'reset' }, reason: 'broken_off' },
  { name: 'no response', failure: { kind: 'timeout' }, reason: 'too_slow' },
];

const CASES = KINDS.flatMap((one) => [
  { ...one, when: 'before', failure: one.failure },
  { ...one, when: 'after', failure: { ...one.failure, afterEffect: true } as WandbFailure },
]);

/** Leaves out servers that carry out an operation and deny it: nobody could know of the account. */
const HONEST = CASES.filter(({ name, when }) => when === 'before' || !['401', '403'].includes(name));

/** In every run each kind of failure once, before or after its effect; in the long form both. */
const alternating = (cases: typeof CASES, first: 'before' | 'after') =>
  cases.filter(
    ({ name, when }) =>
      isLongForm || (KINDS.findIndex((kind) => kind.name === name) % 2 === 0) === (when === first),
  );

/** Short when the server never responds; otherwise long enough for a busy machine. */
const timeoutOf = ({ kind }: WandbFailure) => (kind === 'timeout' ? 600 : 10_000);

describe('a creation that gets', () => {
  it.each(HONEST)(
    '$name $when the effect leaves both sides in agreement, and the person learns the outcome',
    async (one) => {
      const world = await openWandbWorld();
      const replica = await world.replica({ timeoutMs: timeoutOf(one.failure) });
      world.wandb.failures.set('createServiceAccount', one.failure, { times: 1 });
      const result = await create(replica);
      await settleAll(replica);
      expectBothSidesAgree(world, replica);
      const members = world.wandb.team(TEAM).serviceAccounts();
      switch (result.kind) {
        case 'created':
          expect(members).toMatchObject([{ name: TAGGED_NAME }]);
          expect(world.delivered).toHaveLength(1);
          break;
        case 'not_created':
          expect(result.failure.reason).toBe(one.reason);
          expect(members).toEqual([]);
          // The person can submit the form again.
          expect(await create(replica)).toMatchObject({ kind: 'created' });
          break;
        case 'outcome_unknown':
          expect(result.cause.reason).toBe(one.reason);
          expect(messages(world)).toEqual(['key_collectable']);
          break;
        default:
          throw new Error(result.kind);
      }
    },
  );
});

describe('a creation that gets 429', () => {
  const tooMany = { kind: 'status', status: 429, retryAfter: 1 } as const;
  const sent = ({ wandb }: WandbWorld) =>
    wandb.requests.filter(({ operations }) => operations.includes('createServiceAccount')).length;

  it('is not sent again when it was carried out: Keysmith finds the account and delivers its key', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('createServiceAccount', { ...tooMany, afterEffect: true });
    expect(await create(replica)).toMatchObject({ kind: 'created', key: { kind: 'delivered' } });
    expect(sent(world)).toBe(1);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expectBothSidesAgree(world, replica);
  });

  it('is sent once, and creates nothing when the server shows that it was not carried out', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('createServiceAccount', tooMany, { times: 1 });
    expect(await create(replica)).toMatchObject({
      kind: 'not_created',
      failure: { reason: 'rate_limited', retryAfterSeconds: 1 },
    });
    expect(sent(world)).toBe(1);
    expect(await create(replica)).toMatchObject({ kind: 'created', key: { kind: 'delivered' } });
    expectBothSidesAgree(world, replica);
  });

  it('has an unknown outcome when the check gets 429 too, and is settled later', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    world.wandb.failures.set('createServiceAccount', { ...tooMany, afterEffect: true });
    const creating = create(replica);
    await held.reached;
    world.wandb.failures.set('entity', tooMany);
    held.release();
    expect(await creating).toMatchObject({ kind: 'outcome_unknown', cause: { reason: 'rate_limited' } });
    world.wandb.failures.clear();
    await settleAll(replica);
    expect(messages(world)).toEqual(['key_collectable']);
    expectBothSidesAgree(world, replica);
  });
});

describe('a federated creation that gets', () => {
  it.each(alternating(HONEST, 'before'))(
    '$name $when the effect leaves both sides in agreement',
    async ({ failure }) => {
      const world = await openWandbWorld();
      const replica = await world.replica({ timeoutMs: timeoutOf(failure) });
      world.wandb.failures.set('createClient', failure, { times: 1 });
      const result = await createFederated(replica);
      await settleAll(replica);
      expectBothSidesAgree(world, replica);
      expect(messages(world)).toEqual(result.kind === 'outcome_unknown' ? ['federated_account_created'] : []);
    },
  );
});

describe('a revocation that gets', () => {
  it.each(alternating(CASES, 'after'))(
    '$name $when the effect is reported as done only when it is',
    async ({ failure, reason }) => {
      const world = await openWandbWorld();
      const replica = await world.replica({ timeoutMs: timeoutOf(failure) });
      const account = createdAccount(await create(replica));
      world.wandb.failures.set('deleteInvite', failure, { times: 1 });
      const result = await revoke(replica, account.id);
      const exists = world.wandb.team(TEAM).serviceAccounts().length === 1;
      if (result.kind === 'revoked') expect(exists).toBe(false);
      else expect(result).toMatchObject({ kind: 'pending', cause: { reason } });
      await settleAll(replica);
      expectBothSidesAgree(world, replica);
      expect(await replica.backend.findAccount(account.id)).toMatchObject({ state: 'revoked' });
      expect(messages(world)).toEqual(result.kind === 'pending' ? ['account_revoked'] : []);
    },
  );
});

describe('reading a new key that gets', () => {
  it.each(CASES.filter(({ when }) => when === 'before'))(
    '$name leaves no account and no key without an owner',
    async ({ failure }) => {
      const world = await openWandbWorld();
      const replica = await world.replica({ timeoutMs: timeoutOf(failure) });
      const created = world.wandb.hold('createServiceAccount', { at: 'after' });
      const creating = create(replica);
      await created.reached;
      world.wandb.failures.set('entity', failure);
      created.release();
      const result = await creating;
      world.wandb.failures.clear();
      await settleAll(replica);
      expectBothSidesAgree(world, replica);
      expect(result.kind).toBe('outcome_unknown');
      expect(messages(world)).toEqual(['key_collectable']);
      expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
      expect(world.delivered).toEqual([]);
    },
  );
});

describe('a server that returns no new keys', () => {
  it('is detected by the first creation, remembered across restarts and tried again after a day', async () => {
    const world = await openWandbWorld({ capabilities: { showsServiceAccountKeys: false } });
    const replica = await world.replica();
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(await create(replica)).toMatchObject({ kind: 'created_without_key', link });
    await replica.runJobs();
    expect(messages(world)).toEqual(['account_without_key_created']);
    expect(world.wandb.team(TEAM).serviceAccounts()).toMatchObject([{ name: TAGGED_NAME }]);
    expectBothSidesAgree(world, replica, { returnsKeys: false });
    const restarted = await world.replica({ laterMs: 23 * 60 * 60_000 });
    expect(await restarted.backend.features()).toMatchObject({
      apiKeys: { available: false, reason: 'no_key_shown' },
    });
    expect(await create(restarted, { name: 'weekly-eval' })).toMatchObject({
      problems: [{ field: 'method', reason: 'no_key_shown' }],
    });
    world.wandb.switch('showsServiceAccountKeys', true);
    const later = await world.replica({ laterMs: 25 * 60 * 60_000 });
    expect(await create(later, { name: 'weekly-eval' })).toMatchObject({ kind: 'created' });
    expect(await later.backend.features()).toMatchObject({ apiKeys: { available: true } });
  });

  it('leaves a collected key to an admin too, and the collection is over', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(replica);
    await replica.runJobs();
    world.wandb.switch('showsServiceAccountKeys', false);
    expect(await collect(world, replica)).toMatchObject({ kind: 'no_key_shown' });
    await replica.runJobs();
    expect(messages(world)).toEqual(['key_collectable', 'account_without_key_created']);
    expect(await collect(world, replica)).toMatchObject({ reason: 'already_collected' });
    expectBothSidesAgree(world, replica, { returnsKeys: false });
  });
});

describe('a server that cannot be read', () => {
  it('leads to no account and no row, and the connection failure is reported', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('entity', { kind: 'reset' });
    await expect(create(replica)).rejects.toMatchObject({
      name: 'BackendUnavailableError',
      failure: { reason: 'broken_off' },
    });
    expect(replica.query('SELECT id FROM service_accounts')).toEqual([]);
  });
});
