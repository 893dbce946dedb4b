import { describe, expect, it } from 'vitest';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import type { WandbFailure } from '../../../../src/sandbox/wandb/wandb-failures.ts';
import { isLongForm } from '../../../long-form.ts';
import { expectBothSidesAgree, settleAll } from './both-sides.ts';
import { create, createFederated, NAME, openWandbWorld, TEAM, type WandbWorld } from './wandb-world.ts';

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

/** Leaves out servers that carry out an operation and deny it: Keysmith would list the account as created elsewhere. */
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
          expect(members).toMatchObject([{ name: NAME }]);
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
          expect(world.endings.length + world.offers.length).toBe(1);
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

  it('is sent once, and the form can be submitted again when it was not carried out', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('createServiceAccount', tooMany, { times: 1 });
    expect(await create(replica)).toMatchObject({
      kind: 'not_created',
      failure: { reason: 'rate_limited', retryAfterSeconds: 1 },
    });
    expect(sent(world)).toBe(1);
    expect(await create(replica)).toMatchObject({ kind: 'created' });
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
    expect(world.offers).toHaveLength(1);
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
      if (result.kind === 'outcome_unknown') expect(world.endings).toHaveLength(1);
      else expect(world.endings).toEqual([]);
    },
  );
});

describe('a revocation that gets', () => {
  it.each(alternating(CASES, 'after'))(
    '$name $when the effect is reported as done only when it is',
    async ({ failure, reason }) => {
      const world = await openWandbWorld();
      const replica = await world.replica({ timeoutMs: timeoutOf(failure) });
      const created = await create(replica);
      if (created.kind !== 'created') throw new Error(created.kind);
      world.wandb.failures.set('deleteInvite', failure, { times: 1 });
      const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
      const result = await revokeServiceAccount(replica.ports, request);
      const exists = world.wandb.team(TEAM).serviceAccounts().length === 1;
      if (result.kind === 'revoked') expect(exists).toBe(false);
      if (result.kind === 'not_revoked') expect(result.failure.reason).toBe(reason);
      await settleAll(replica);
      expectBothSidesAgree(world, replica);
      const account = await replica.backend.findAccount(created.account.id);
      expect(account?.status).toBe(result.kind === 'not_revoked' ? 'active' : 'revoked');
      expect(world.endings.map(({ kind }) => kind)).toEqual(
        result.kind === 'outcome_unknown' ? ['revoked_late'] : [],
      );
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
      expect(['not_created', 'outcome_unknown']).toContain(result.kind);
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
    expect(await create(replica)).toEqual({ kind: 'no_key_shown', removed: true, link });
    expectBothSidesAgree(world, replica);
    const restarted = await world.replica({ laterMs: 23 * 60 * 60_000 });
    expect(await restarted.backend.features()).toMatchObject({
      apiKeys: { available: false, reason: 'no_key_shown' },
    });
    expect(await create(restarted)).toMatchObject({
      problems: [{ field: 'method', reason: 'no_key_shown' }],
    });
    world.wandb.switch('showsServiceAccountKeys', true);
    const later = await world.replica({ laterMs: 25 * 60 * 60_000 });
    expect(await create(later)).toMatchObject({ kind: 'created' });
    expect(await later.backend.features()).toMatchObject({ apiKeys: { available: true } });
  });

  it('keeps the account while it refuses its removal; the person is notified once it is removed', async () => {
    const world = await openWandbWorld({ capabilities: { showsServiceAccountKeys: false } });
    const replica = await world.replica();
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 403 }, { times: 3 });
    expect(await create(replica)).toMatchObject({ kind: 'no_key_shown', removed: false });
    await settleAll(replica);
    await settleAll(replica);
    expectBothSidesAgree(world, replica);
    expect(world.endings).toMatchObject([{ kind: 'removed_again' }]);
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
