import { describe, expect, it } from 'vitest';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { expectBothSidesAgree, settleAll, sweepFor } from './both-sides.ts';
import {
  create,
  createFederated,
  NAME,
  openWandbWorld,
  type Replica,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

const forbidden = { kind: 'status', status: 403 } as const;
const linkOf = ({ wandb }: WandbWorld) => `${wandb.baseUrl}/${TEAM}/service-accounts`;
const kinds = ({ endings }: WandbWorld) => endings.map(({ kind }) => kind);

async function stalls({ store }: Replica) {
  const records = await store.auditRecords();
  return records.filter(({ action }) => action === 'service_account.reconciliation_stalled');
}

/** Asserts one notification, sent after a little more than an hour and not repeated for half a day, and an audit event. */
async function expectNotifiedOnce(
  world: WandbWorld,
  replica: Replica,
  kind: string,
  withinMinutes = 120,
): Promise<void> {
  await sweepFor(replica, 45);
  expect(kinds(world)).toEqual([]);
  await sweepFor(replica, withinMinutes - 45);
  expect(world.endings).toMatchObject([
    { kind, account: { name: NAME }, slackUserId: 'U0ADA', link: linkOf(world) },
  ]);
  await sweepFor(replica, 10 * 60);
  expect(kinds(world)).toEqual([kind]);
  expect(await stalls(replica)).toMatchObject([{ details: { team: TEAM, name: NAME } }]);
}

describe('an account that the server refuses to remove', () => {
  it('leads to one notification while Keysmith retries every hour, and to another once it is removed', async () => {
    const world = await openWandbWorld({ capabilities: { showsServiceAccountKeys: false } });
    const replica = await world.replica();
    world.wandb.failures.set('deleteInvite', forbidden);
    expect(await create(replica)).toMatchObject({ kind: 'no_key_shown', removed: false });
    await expectNotifiedOnce(world, replica, 'still_there');
    const removalsSent = () =>
      world.wandb.requests.filter(({ operations }) => operations.includes('deleteInvite')).length;
    const before = removalsSent();
    await sweepFor(replica, 5 * 60);
    expect(removalsSent() - before).toBeGreaterThanOrEqual(3);
    expect(removalsSent() - before).toBeLessThanOrEqual(6);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_there', 'removed_again']);
    expectBothSidesAgree(world, replica);
  });

  it('is reported as removed when an admin removed it manually', async () => {
    const world = await openWandbWorld({ capabilities: { showsServiceAccountKeys: false } });
    const replica = await world.replica();
    world.wandb.failures.set('deleteInvite', { kind: 'errors', message: 'permission denied' });
    await create(replica);
    await sweepFor(replica, 120);
    const [account] = world.wandb.team(TEAM).serviceAccounts();
    world.wandb.team(TEAM).removeMember(account?.id ?? '');
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_there', 'removed_again']);
    expectBothSidesAgree(world, replica);
  });

  it('whose key was not delivered leads to one notification, and to a collectable key once it is removed', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'unknown', cause: 'test' });
    world.wandb.failures.set('deleteInvite', forbidden);
    expect(await create(replica)).toMatchObject({ kind: 'created', key: { kind: 'revocation_pending' } });
    await expectNotifiedOnce(world, replica, 'still_there', 150);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_there']);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, replica);
  });
});

describe('a creation with an unknown outcome', () => {
  /** The response is lost, and the team can't be read until the failures are cleared. */
  async function loseOutcome(world: WandbWorld, replica: Replica) {
    const created = world.wandb.hold('createServiceAccount', { at: 'after' });
    world.wandb.failures.set('createServiceAccount', { kind: 'reset', afterEffect: true }, { times: 1 });
    const creating = create(replica);
    await created.reached;
    world.wandb.failures.set('entity', { kind: 'null' });
    created.release();
    expect(await creating).toMatchObject({ kind: 'outcome_unknown' });
  }

  it('leads to one notification while it lasts; an account found later is reported and left alone', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await loseOutcome(world, replica);
    await expectNotifiedOnce(world, replica, 'still_unclear');
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_unclear', 'appeared_late']);
    expect(world.wandb.team(TEAM).serviceAccounts()).toMatchObject([{ name: NAME }]);
  });

  it('does not lead to the removal of an account that an admin recreated manually', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await loseOutcome(world, replica);
    await sweepFor(replica, 120);
    const team = world.wandb.team(TEAM);
    team.removeMember(team.serviceAccounts()[0]?.id ?? '');
    const recreated = team.createServiceAccount(NAME);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(team.serviceAccounts()).toMatchObject([{ id: recreated.id }]);
    expect(world.wandb.activeKeys().map(({ secret }) => secret)).toContain(recreated.apiKey);
  });

  it('is reported as not created once the team can be read and has no such account', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await loseOutcome(world, replica);
    const team = world.wandb.team(TEAM);
    team.removeMember(team.serviceAccounts()[0]?.id ?? '');
    await sweepFor(replica, 120);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_unclear', 'not_made']);
    expectBothSidesAgree(world, replica);
  });

  it('ends with the removal of the account, without a notification, when the team can be read again in time', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await loseOutcome(world, replica);
    await sweepFor(replica, 30);
    world.wandb.failures.clear();
    await sweepFor(replica, 40);
    expect(world.endings).toEqual([]);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, replica);
  });
});

describe('a removal with an unknown outcome', () => {
  it.each(['api_key', 'federated'] as const)(
    'leads to one notification while it lasts and another when it is done (%s)',
    async (method) => {
      const world = await openWandbWorld();
      const replica = await world.replica();
      const created = await (method === 'api_key' ? create(replica) : createFederated(replica));
      if (created.kind !== 'created' && created.kind !== 'created_federated') throw new Error(created.kind);
      world.wandb.failures.set('deleteInvite', { kind: 'reset' });
      const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
      expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'outcome_unknown' });
      await expectNotifiedOnce(world, replica, 'still_not_revoked');
      world.wandb.failures.clear();
      await sweepFor(replica, 65);
      expect(kinds(world)).toEqual(['still_not_revoked', 'revoked_late']);
      expectBothSidesAgree(world, replica);
    },
  );

  it('leads to no notification after an hour when the server has refused the removal by then', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const created = await create(replica);
    if (created.kind !== 'created') throw new Error(created.kind);
    world.wandb.failures.set('deleteInvite', { kind: 'reset' });
    const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
    await revokeServiceAccount(replica.ports, request);
    world.wandb.failures.set('deleteInvite', forbidden);
    await settleAll(replica);
    await sweepFor(replica, 120);
    expect(world.endings).toMatchObject([{ kind: 'not_revoked', link: linkOf(world) }]);
    expect(await stalls(replica)).toEqual([]);
  });
});
