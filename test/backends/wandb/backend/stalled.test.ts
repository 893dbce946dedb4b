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

/** Told after an hour and a bit, not before, once in half a day, and recorded. */
async function expectToldOnce(
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

describe('an account that the server will not remove again', () => {
  it('is told once to stand there with a key that nobody holds, tried on every hour, and told when it is gone', async () => {
    const world = await openWandbWorld({ capabilities: { showsServiceAccountKeys: false } });
    const replica = await world.replica();
    world.wandb.failures.set('deleteInvite', forbidden);
    expect(await create(replica)).toMatchObject({ kind: 'no_key_shown', removed: false });
    await expectToldOnce(world, replica, 'still_there');
    const asked = () =>
      world.wandb.requests.filter(({ operations }) => operations.includes('deleteInvite')).length;
    const before = asked();
    await sweepFor(replica, 5 * 60);
    expect(asked() - before).toBeGreaterThanOrEqual(3);
    expect(asked() - before).toBeLessThanOrEqual(6);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_there', 'removed_again']);
    expectBothSidesAgree(world, replica);
  });

  it('and that an admin removed by hand is told to be gone', async () => {
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

  it('because its key was not delivered is told once, and that a key may be collected when it is gone', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'unknown', cause: 'test' });
    world.wandb.failures.set('deleteInvite', forbidden);
    expect(await create(replica)).toMatchObject({ kind: 'created', key: { kind: 'revocation_pending' } });
    await expectToldOnce(world, replica, 'still_there', 150);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_there']);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, replica);
  });
});

describe('a creation of which nobody can say what it made', () => {
  /** The answer is lost, and the team can't be seen for some time. */
  async function unclear(world: WandbWorld, replica: Replica) {
    const made = world.wandb.hold('createServiceAccount', { at: 'after' });
    world.wandb.failures.set('createServiceAccount', { kind: 'reset', afterEffect: true }, { times: 1 });
    const creating = create(replica);
    await made.reached;
    world.wandb.failures.set('entity', { kind: 'null' });
    made.release();
    expect(await creating).toMatchObject({ kind: 'outcome_unknown' });
  }

  it('is told once to be unclear still; then what stands there is told, and left to people', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await unclear(world, replica);
    await expectToldOnce(world, replica, 'still_unclear');
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_unclear', 'appeared_late']);
    expect(world.wandb.team(TEAM).serviceAccounts()).toMatchObject([{ name: NAME }]);
  });

  it('and that an admin made anew by hand, as they were asked to see to it, is not removed', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await unclear(world, replica);
    await sweepFor(replica, 120);
    const team = world.wandb.team(TEAM);
    team.removeMember(team.serviceAccounts()[0]?.id ?? '');
    const byHand = team.createServiceAccount(NAME);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(team.serviceAccounts()).toMatchObject([{ id: byHand.id }]);
    expect(world.wandb.activeKeys().map(({ secret }) => secret)).toContain(byHand.apiKey);
  });

  it('and was not made is told so when the team can be seen again', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await unclear(world, replica);
    const team = world.wandb.team(TEAM);
    team.removeMember(team.serviceAccounts()[0]?.id ?? '');
    await sweepFor(replica, 120);
    world.wandb.failures.clear();
    await sweepFor(replica, 65);
    expect(kinds(world)).toEqual(['still_unclear', 'not_made']);
    expectBothSidesAgree(world, replica);
  });

  it('is taken back without a word of that where the team can be seen again in time', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    await unclear(world, replica);
    await sweepFor(replica, 30);
    world.wandb.failures.clear();
    await sweepFor(replica, 40);
    expect(world.endings).toEqual([]);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, replica);
  });
});

describe('a removal of which nobody can say whether it was done', () => {
  it.each(['api_key', 'federated'] as const)(
    'is told once to be so still, and when it is done (%s)',
    async (method) => {
      const world = await openWandbWorld();
      const replica = await world.replica();
      const created = await (method === 'api_key' ? create(replica) : createFederated(replica));
      if (created.kind !== 'created' && created.kind !== 'created_federated') throw new Error(created.kind);
      world.wandb.failures.set('deleteInvite', { kind: 'reset' });
      const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_2' };
      expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'outcome_unknown' });
      await expectToldOnce(world, replica, 'still_not_revoked');
      world.wandb.failures.clear();
      await sweepFor(replica, 65);
      expect(kinds(world)).toEqual(['still_not_revoked', 'revoked_late']);
      expectBothSidesAgree(world, replica);
    },
  );

  it('is not told of an hour later where the server said no meanwhile', async () => {
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
