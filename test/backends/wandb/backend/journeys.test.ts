import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { listServiceAccounts } from '../../../../src/application/accounts/list-service-accounts.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { ada } from '../../../store/contract/world.ts';
import { expectBothSidesAgree, expectNoSecretKept, settleAll } from './both-sides.ts';
import {
  create,
  createFederated,
  ISSUER,
  MINUTE_MS,
  NAME,
  openWandbWorld,
  type Replica,
  route,
  type SlackAttempt,
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

  it('is found by the ID that the server returned, even when another account was created meanwhile', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    const creating = create(replica);
    await held.reached;
    const elsewhere = world.wandb.team(TEAM).createServiceAccount('created-elsewhere');
    held.release();
    expect(await creating).toMatchObject({ kind: 'created' });
    expect(world.delivered).not.toContain(elsewhere.apiKey);
    expect(world.delivered).toHaveLength(1);
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

  it('is refused when the server already has a service account of that name', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.team(TEAM).createServiceAccount(NAME);
    const refused = (reason: string) => ({ kind: 'invalid', problems: [{ field: 'name', reason }] });
    expect(await create(replica)).toEqual(refused('name_taken_on_server'));
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);

    await create(replica, { name: 'weekly-report' });
    expect(await create(replica, { name: 'weekly-report' })).toEqual(refused('name_taken'));
  });

  it('is revoked on both sides, and its name can be used again', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const created = await create(replica);
    if (created.kind !== 'created') throw new Error(created.kind);
    const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
    expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'revoked' });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'already_revoked' });
    replica.clock.nowMs += 1;
    expect(await create(replica)).toMatchObject({ kind: 'created' });
    expectBothSidesAgree(world, replica);
  });

  it('counts as revoked when someone has already removed it on the server', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const created = await create(replica);
    if (created.kind !== 'created') throw new Error(created.kind);
    const [member] = world.wandb.team(TEAM).serviceAccounts();
    world.wandb.team(TEAM).removeMember(member?.id ?? '');
    const list = await replica.backend.listAccounts(ada, { limit: 10 });
    expect(list.accounts).toMatchObject([{ account: { name: NAME }, isMissing: true }]);
    const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
    expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'revoked' });
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
      expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
      expectBothSidesAgree(world, replica);
      const [offer] = world.offers;
      const request = {
        slackUserId: 'U0ADA',
        collectionId: offer?.collection.id ?? '',
        route,
        requestId: 'r',
      };
      expect(await collectKey(replica.ports, request)).toMatchObject({
        kind: 'collected',
        key: { kind: 'delivered' },
      });
      expect(world.delivered).toHaveLength(1);
      expectBothSidesAgree(world, replica);
      expect(await collectKey(replica.ports, request)).toEqual({
        kind: 'not_collectable',
        reason: 'already_collected',
      });
      expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    },
  );

  it('is reported as pending, not as revoked, until the server has removed its account', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'unknown', cause: 'test' });
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 503 });
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(await create(replica)).toMatchObject({
      kind: 'created',
      key: {
        kind: 'revocation_pending',
        failure: { reason: 'slack_unavailable' },
        revocationFailure: { reason: 'server_error' },
        link,
      },
    });
    await settleAll(replica);
    expect(world.offers).toEqual([]);
    world.wandb.failures.clear();
    replica.clock.nowMs += 2 * 60 * 60_000;
    await replica.sweep();
    expect(world.offers).toHaveLength(1);
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
      { name: NAME, keys: [], OAuthClients: [{ subject: 'repo:acme/web', issuerUrl: ISSUER }] },
    ]);
    expectBothSidesAgree(world, replica);
    const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
    expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'revoked' });
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
      page: { teamName: undefined, offset: 0 },
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

const revoke = ({ ports }: Replica, accountId: string) =>
  revokeServiceAccount(ports, { slackUserId: 'U0ADA', accountId, requestId: 'req_2' });

describe('an account that is revoked while its undelivered key is being revoked', () => {
  it('has no key to collect while the server is still removing it', async () => {
    const world = await openWandbWorld();
    const [replica, other] = [await world.replica(), await world.replica()];
    const { creating, attempt, accountId } = await startDelivery(replica);
    const held = world.wandb.hold('deleteInvite', { at: 'after' });
    const revoking = revoke(other, accountId);
    await held.reached;
    attempt.resolve({ outcome: 'rejected', cause: 'test' });
    expect(await creating).toMatchObject({ key: { kind: 'not_collectable', reason: 'being_revoked' } });
    await replica.sweep();
    expect(world.offers).toEqual([]);
    const [waiting] = replica.query('SELECT id FROM collections') as { id: string }[];
    const request = { slackUserId: 'U0ADA', collectionId: waiting?.id ?? '', route, requestId: 'req_3' };
    expect(await collectKey(replica.ports, request)).toEqual({
      kind: 'not_collectable',
      reason: 'being_revoked',
    });
    held.release();
    expect(await revoking).toMatchObject({ kind: 'revoked' });
    await settleAll(replica);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect([world.offers, world.delivered]).toEqual([[], []]);
    expectBothSidesAgree(world, replica);
  });

  it('has no key to collect while the server fails to remove it', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const { creating, attempt, accountId } = await startDelivery(replica);
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 503 });
    attempt.resolve({ outcome: 'unknown', cause: 'test' });
    expect(await creating).toMatchObject({ key: { kind: 'revocation_pending' } });
    expect(await revoke(replica, accountId)).toMatchObject({ kind: 'outcome_unknown' });
    world.wandb.failures.clear();
    for (let sweep = 0; sweep < 20; sweep += 1) {
      replica.clock.nowMs += MINUTE_MS / 2;
      await replica.sweep();
    }
    expect(world.endings).toMatchObject([{ kind: 'revoked_late' }]);
    expect([world.offers, world.delivered]).toEqual([[], []]);
    expectBothSidesAgree(world, replica);
  });
});
