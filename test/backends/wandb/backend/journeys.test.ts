import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { listServiceAccounts } from '../../../../src/application/accounts/list-service-accounts.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { ada } from '../../../store/contract/world.ts';
import { expectBothSidesAgree, expectNoSecretKept, settleAll } from './both-sides.ts';
import { create, createFederated, ISSUER, NAME, openWandbWorld, route, TEAM } from './wandb-world.ts';

describe('a service account with a key', () => {
  it('is made on the server, its key handed over, and both sides know it', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    expect(await create(replica)).toMatchObject({
      kind: 'created',
      account: { name: NAME, teamName: TEAM, method: 'api_key' },
      key: { kind: 'delivered' },
    });
    const [account] = world.wandb.team(TEAM).serviceAccounts();
    expect(world.handedOver).toEqual([account?.keys[0]?.secret]);
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

  it('is found by the id that the server answered, also when others join after it', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    const creating = create(replica);
    await held.reached;
    const elsewhere = world.wandb.team(TEAM).createServiceAccount('made-elsewhere');
    held.release();
    expect(await creating).toMatchObject({ kind: 'created' });
    expect(world.handedOver).not.toContain(elsewhere.apiKey);
    expect(world.handedOver).toHaveLength(1);
  });

  it('is not made twice by the same form, and the second answer tells of the first', async () => {
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

  it('may not have the name of one that stands on the server, made by whomever', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.team(TEAM).createServiceAccount(NAME);
    expect(await create(replica)).toEqual({
      kind: 'invalid',
      problems: [{ field: 'name', reason: 'name_taken' }],
    });
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
  });

  it('is revoked on the server and here, its name free again', async () => {
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

  it('counts as revoked where somebody has removed it on the server before', async () => {
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

describe('a key that does not arrive', () => {
  it.each(['rejected', 'unknown'] as const)(
    'is cut off with its account where Slack’s answer is %s, and a click makes both anew',
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
      expect(world.handedOver).toHaveLength(1);
      expectBothSidesAgree(world, replica);
      expect(await collectKey(replica.ports, request)).toEqual({ kind: 'over', reason: 'already_collected' });
      expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    },
  );

  it('is not said to be dead while the server does not cut it off, and is tried until it is', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'unknown', cause: 'test' });
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 503 });
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(await create(replica)).toMatchObject({
      kind: 'created',
      key: { kind: 'revocation_pending', attempt: 'unknown', failure: { reason: 'server_error' }, link },
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

describe('a federated account', () => {
  it('is a client with its subject under the organization’s provider, and is revoked whole', async () => {
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

  it('whose subject somebody has taken on the server is refused at its field', async () => {
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

describe('the list', () => {
  it('joins what the server says with what Keysmith knows, and marks what was made elsewhere', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.team(TEAM).createServiceAccount('made-elsewhere');
    world.wandb.team('research').createServiceAccount('not-to-be-seen');
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
      unmanaged: { accounts: [{ teamName: TEAM, name: 'made-elsewhere', link }], total: 1 },
    });
  });
});
