import { describe, expect, it } from 'vitest';
import { listServiceAccounts } from '../../../../src/application/accounts/list-service-accounts.ts';
import { ada } from '../../../store/contract/world.ts';
import { expectBothSidesAgree, expectNoSecretKept, settleAll } from './both-sides.ts';
import {
  collect,
  create,
  createdAccount,
  createFederated,
  ISSUER,
  MINUTE_MS,
  messages,
  NAME,
  openWandbWorld,
  type Replica,
  revoke,
  type SlackAttempt,
  TAGGED_NAME,
  TEAM,
} from './wandb-world.ts';

describe('a service account with a key on the W&B server', () => {
  it('is created on the server, and its key is delivered', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    expect(await create(replica)).toMatchObject({
      kind: 'created',
      account: { name: NAME, teamName: TEAM, method: 'api_key' },
      key: { kind: 'delivered' },
    });
    const [account] = world.wandb.team(TEAM).serviceAccounts();
    expect(world.delivered).toEqual([account?.keys[0]?.secret]);
    expectBothSidesAgree(world, replica);
    expectNoSecretKept(world, replica);
    const actions = (await replica.store.auditRecords()).map(({ action }) => action);
    expect(actions).toEqual([
      'organization.created',
      'service_account.creation_started',
      'service_account.created',
      'api_key.delivered',
    ]);
  });

  it('has a random tag in its name on the server, by which its key is found', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const elsewhere = world.wandb.team(TEAM).createServiceAccount(NAME);
    expect(await create(replica)).toMatchObject({ kind: 'created', account: { name: NAME } });
    const [, account] = world.wandb.team(TEAM).serviceAccounts();
    expect(account).toMatchObject({ name: TAGGED_NAME, keys: [{ secret: world.delivered[0] }] });
    expect(world.delivered).not.toContain(elsewhere.apiKey);
    const { accounts } = await replica.backend.listAccounts(ada, { limit: 10 });
    expect(accounts).toMatchObject([{ account: { name: NAME }, serverName: account?.name }]);
  });

  it('is created once when the same form is submitted twice', async () => {
    const world = await openWandbWorld();
    const [one, other] = [await world.replica(), await world.replica()];
    const results = await Promise.all([
      create(one, { submissionId: 'sub_same' }),
      create(other, { submissionId: 'sub_same' }),
    ]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['already_submitted', 'created']);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expectBothSidesAgree(world, one);
  });

  it('is refused when Keysmith already has an account of that name', async () => {
    const replica = await (await openWandbWorld()).replica();
    await create(replica);
    expect(await create(replica)).toEqual({
      kind: 'invalid',
      problems: [{ field: 'name', reason: 'name_taken' }],
    });
  });

  it('is revoked on both sides, and its name can be used again', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const { id } = createdAccount(await create(replica));
    expect(await revoke(replica, id)).toMatchObject({ kind: 'revoked' });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect(await revoke(replica, id)).toMatchObject({ kind: 'already_revoked' });
    replica.clock.nowMs += 1;
    expect(await create(replica)).toMatchObject({ kind: 'created' });
    expectBothSidesAgree(world, replica);
  });

  it('counts as revoked when someone has already removed it on the server', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const { id } = createdAccount(await create(replica));
    const [member] = world.wandb.team(TEAM).serviceAccounts();
    world.wandb.team(TEAM).removeMember(member?.id ?? '');
    const list = await replica.backend.listAccounts(ada, { limit: 10 });
    expect(list.accounts).toMatchObject([{ account: { name: NAME }, isMissing: true }]);
    expect(await revoke(replica, id)).toMatchObject({ kind: 'revoked' });
    expectBothSidesAgree(world, replica);
  });
});

describe('a key that is not delivered', () => {
  it.each(['rejected', 'unknown'] as const)(
    'is revoked with its account when the delivery is %s, and Collect key creates both again',
    async (outcome) => {
      const world = await openWandbWorld();
      const replica = await world.replica();
      replica.attempts.push({ outcome, cause: 'test' });
      const created = await create(replica);
      expect(created).toMatchObject({ kind: 'created', key: { kind: 'collect', notified: true } });
      await replica.runJobs();
      expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
      expectBothSidesAgree(world, replica);
      expect(await collect(world, replica)).toMatchObject({ kind: 'collected', key: { kind: 'delivered' } });
      expect(world.delivered).toHaveLength(1);
      expectBothSidesAgree(world, replica);
      expect(await collect(world, replica)).toMatchObject({
        kind: 'not_collectable',
        reason: 'already_collected',
      });
      expect(messages(world)).toEqual(['key_collectable']);
      expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    },
  );

  it('is reported as one that works until the server has deleted its account', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'unknown', cause: 'test' });
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 503 });
    expect(await create(replica)).toMatchObject({
      kind: 'created',
      key: { kind: 'collect', failure: { reason: 'slack_unavailable' }, onServer: true },
    });
    await settleAll(replica);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    world.wandb.failures.clear();
    replica.clock.nowMs += 2 * 60 * 60_000;
    await replica.runJobs();
    expect(messages(world)).toEqual(['key_collectable']);
    expectBothSidesAgree(world, replica);
  });
});

describe('a federated account on the W&B server', () => {
  it('is created as an OAuth client of the issuer and revoked completely', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    expect(await replica.backend.issuers()).toContain(ISSUER);
    const created = await createFederated(replica);
    expect(created).toMatchObject({ kind: 'created_federated', announced: 'in_conversation' });
    if (created.kind !== 'created_federated') throw new Error(created.kind);
    expect(world.wandb.team(TEAM).serviceAccounts()).toMatchObject([
      { name: TAGGED_NAME, keys: [], OAuthClients: [{ subject: 'repo:acme/web', issuerUrl: ISSUER }] },
    ]);
    expectBothSidesAgree(world, replica);
    expect(await revoke(replica, created.account.id)).toMatchObject({ kind: 'revoked' });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
  });

  it('is refused at the Subject field when the server reports a conflict', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('createClient', { kind: 'status', status: 409 });
    expect(await createFederated(replica)).toEqual({
      kind: 'invalid',
      problems: [{ field: 'subject', reason: 'subject_taken' }],
    });
    expectBothSidesAgree(world, replica);
  });
});

describe('the account list', () => {
  it('shows the accounts of Keysmith, and apart from them those that were created elsewhere', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.team(TEAM).createServiceAccount('created-elsewhere');
    world.wandb.team('research').createServiceAccount('invisible');
    await create(replica);
    replica.clock.nowMs += 61_000;
    const list = await listServiceAccounts(replica.ports, {
      slackUserId: 'U0ADA',
      page: {},
      requestId: 'req_3',
    });
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(list).toMatchObject({
      ok: true,
      total: 1,
      accounts: [{ account: { name: NAME }, key: { expiresAtMs: undefined } }],
      unmanaged: { accounts: [{ teamName: TEAM, name: 'created-elsewhere', link }], total: 1 },
    });
  });
});

/** Starts the delivery of a new account's key; the test decides its outcome. */
async function startDelivery(replica: Replica) {
  const attempt = Promise.withResolvers<SlackAttempt>();
  replica.attempts.push(attempt.promise);
  const creating = create(replica);
  const accounts = () => replica.query('SELECT account_id AS id FROM api_keys') as { id: string }[];
  await expect.poll(accounts, { timeout: 10_000 }).toHaveLength(1);
  return { creating, attempt, accountId: accounts()[0]?.id ?? '' };
}

describe('an account that is revoked while its undelivered key is being revoked', () => {
  it('has no key to collect while the server is still deleting it', async () => {
    const world = await openWandbWorld();
    const [replica, other] = [await world.replica(), await world.replica()];
    const { creating, attempt, accountId } = await startDelivery(replica);
    const held = world.wandb.hold('deleteInvite', { at: 'after' });
    const revoking = revoke(other, accountId);
    await held.reached;
    attempt.resolve({ outcome: 'rejected', cause: 'test' });
    expect(await creating).toMatchObject({ key: { kind: 'not_collectable', reason: 'being_revoked' } });
    await replica.runJobs();
    expect(replica.query('SELECT id FROM collections')).toEqual([]);
    held.release();
    expect(await revoking).toMatchObject({ kind: 'revoked' });
    await settleAll(replica);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect([messages(world), world.delivered]).toEqual([[], []]);
    expectBothSidesAgree(world, replica);
  });

  it('has no key to collect while the server fails to delete it', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const { creating, attempt, accountId } = await startDelivery(replica);
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 503 });
    attempt.resolve({ outcome: 'unknown', cause: 'test' });
    expect(await creating).toMatchObject({ key: { kind: 'collect' } });
    expect(await revoke(replica, accountId)).toMatchObject({ kind: 'pending' });
    expect(await collect(world, replica)).toMatchObject({
      kind: 'not_collectable',
      reason: 'being_revoked',
    });
    world.wandb.failures.clear();
    for (let round = 0; round < 20; round += 1) {
      replica.clock.nowMs += MINUTE_MS / 2;
      await replica.runJobs();
    }
    expect(messages(world)).toEqual(['key_collectable', 'account_revoked']);
    expect(world.delivered).toEqual([]);
    expectBothSidesAgree(world, replica);
  });
});
