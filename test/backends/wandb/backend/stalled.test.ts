import { describe, expect, it } from 'vitest';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { wandbPresets } from '../../../../src/sandbox/wandb/wandb-presets.ts';
import { expectBothSidesAgree, runJobsFor } from './both-sides.ts';
import {
  create,
  createdAccount,
  createFederated,
  messages,
  NAME,
  openWandbWorld,
  type Replica,
  revoke,
  TAGGED_NAME,
  TEAM,
  type WandbWorld,
  type Wire,
} from './wandb-world.ts';

const forbidden = { kind: 'status', status: 403 } as const;

async function stalls({ store }: Replica) {
  const records = await store.auditRecords();
  return records.filter(({ action }) => action === 'service_account.reconciliation_stalled');
}

/** Asserts one notification, sent after one to two hours and not repeated for half a day, and an audit event. */
async function expectNotifiedOnce(world: WandbWorld, replica: Replica): Promise<void> {
  const before = messages(world);
  await runJobsFor(replica, 45);
  expect(messages(world)).toEqual(before);
  await runJobsFor(replica, 105);
  expect(messages(world)).toEqual([...before, 'server_account_problem']);
  expect(world.notified.at(-1)).toMatchObject({
    problem: 'stalled',
    serverName: TAGGED_NAME,
    to: 'U0ADA',
    link: `${world.wandb.baseUrl}/${TEAM}/service-accounts`,
  });
  await runJobsFor(replica, 10 * 60);
  expect(messages(world)).toHaveLength(before.length + 1);
  expect(await stalls(replica)).toMatchObject([{ details: { problem: 'stalled' } }]);
}

describe('an account that the server refuses to delete', () => {
  it.each(['api_key', 'federated'] as const)(
    'leads to one notification while Keysmith retries every hour, and to another once it is deleted (%s)',
    async (method) => {
      const world = await openWandbWorld();
      const replica = await world.replica();
      const { id } = createdAccount(
        await (method === 'api_key' ? create(replica) : createFederated(replica)),
      );
      world.wandb.failures.set('deleteInvite', forbidden);
      expect(await revoke(replica, id)).toMatchObject({ kind: 'pending', cause: { reason: 'not_allowed' } });
      await expectNotifiedOnce(world, replica);
      const deletions = () =>
        world.wandb.requests.filter(({ operations }) => operations.includes('deleteInvite')).length;
      const before = deletions();
      await runJobsFor(replica, 5 * 60);
      expect(deletions() - before).toBeGreaterThanOrEqual(3);
      expect(deletions() - before).toBeLessThanOrEqual(6);
      world.wandb.failures.clear();
      await runJobsFor(replica, 65);
      expect(messages(world)).toEqual(['server_account_problem', 'account_revoked']);
      expectBothSidesAgree(world, replica);
    },
  );

  it('is reported as revoked once an admin has deleted it manually', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const { id } = createdAccount(await create(replica));
    world.wandb.failures.set('deleteInvite', { kind: 'errors', message: 'permission denied' });
    await revoke(replica, id);
    await runJobsFor(replica, 150);
    const team = world.wandb.team(TEAM);
    team.removeMember(team.serviceAccounts()[0]?.id ?? '');
    await runJobsFor(replica, 65);
    expect(messages(world)).toEqual(['server_account_problem', 'account_revoked']);
    expectBothSidesAgree(world, replica);
  });

  it('whose key was not delivered leads to one notification, while another key can be collected', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    replica.attempts.push({ outcome: 'unknown', cause: 'test' });
    world.wandb.failures.set('deleteInvite', forbidden);
    expect(await create(replica)).toMatchObject({
      kind: 'created',
      key: { kind: 'collect', onServer: true },
    });
    expect(messages(world)).toEqual(['key_collectable']);
    await expectNotifiedOnce(world, replica);
    world.wandb.failures.clear();
    await runJobsFor(replica, 65);
    expect(messages(world)).toHaveLength(2);
    expectBothSidesAgree(world, replica);
  });
});

describe('a team that cannot be read', () => {
  it('leads to one notification about an abandoned attempt, whose account is deleted once it can be read', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const created = world.wandb.hold('createServiceAccount', { at: 'after' });
    world.wandb.failures.set('createServiceAccount', { kind: 'reset', afterEffect: true }, { times: 1 });
    const creating = create(replica);
    await created.reached;
    world.wandb.failures.set('entity', { kind: 'null' });
    created.release();
    expect(await creating).toMatchObject({ kind: 'outcome_unknown', collectUntilMs: expect.any(Number) });
    await replica.runJobs();
    expect(messages(world)).toEqual(['key_collectable']);
    await expectNotifiedOnce(world, replica);
    world.wandb.failures.clear();
    await runJobsFor(replica, 65);
    expect(messages(world)).toHaveLength(2);
    expectBothSidesAgree(world, replica);
  });
});

describe('a server that reports deletions and deletes nothing', () => {
  it('leads to a notification, and the deletion ends once it deletes', async () => {
    const world = await openWandbWorld();
    let isHonest = false;
    const wire: Wire = async (operation, ask) =>
      operation === 'DeleteInvite' && !isHonest
        ? Response.json({ data: { deleteInvite: { success: true } } })
        : ask();
    const replica = await world.replica({ wire });
    const { id } = createdAccount(await create(replica));
    expect(await revoke(replica, id)).toMatchObject({ kind: 'pending' });
    await runJobsFor(replica, 150);
    expect(world.notified).toMatchObject([{ message: 'server_account_problem', problem: 'stalled' }]);
    isHonest = true;
    await runJobsFor(replica, 65);
    expect(messages(world)).toEqual(['server_account_problem', 'account_revoked']);
    expectBothSidesAgree(world, replica);
  });

  it('through SCIM is also asked to delete through GraphQL', async () => {
    const world = await openWandbWorld({
      caller: 'organization_service_account',
      capabilities: wandbPresets['0.84'],
    });
    const replica = await world.replica();
    const created = await create(replica, { method: 'api_key_on_server' });
    if (created.kind !== 'created_without_key') throw new Error(created.kind);
    const ours = () =>
      world.wandb
        .team(TEAM)
        .serviceAccounts()
        .filter(({ name }) => name.startsWith(NAME));
    expect(ours()).toHaveLength(1);
    world.wandb.failures.set('scim_delete_user', { kind: 'json', body: {} });
    expect(await revoke(replica, created.account.id)).toMatchObject({ kind: 'revoked' });
    expect(ours()).toEqual([]);
  });
});

it('A federated account whose team is deleted while it is being created is abandoned, and its subject can be used again', async () => {
  const world = await openWandbWorld();
  const replica = await world.replica();
  world.wandb.failures.set('createClient', { kind: 'reset' }, { times: 1 });
  const held = world.wandb.hold('createClient', { at: 'before' });
  const creating = createFederated(replica);
  await held.reached;
  world.wandb.deleteTeam(TEAM);
  held.release();
  expect(await creating).toMatchObject({ kind: 'outcome_unknown' });
  await runJobsFor(replica, 150);
  expect(replica.query('SELECT state FROM service_accounts')).toEqual([{ state: 'failed' }]);
  expect(messages(world)).toContain('account_not_created');
  // What appears with the team is deleted.
  expect(
    replica.query("SELECT kind FROM jobs WHERE outcome IS NULL AND kind = 'server_account'"),
  ).toHaveLength(1);
});

it('The notification of a deletion that the server keeps refusing isn’t tried every minute', async () => {
  const world = await openWandbWorld();
  const replica = await world.replica();
  const { id } = createdAccount(await create(replica));
  world.wandb.failures.set('deleteInvite', forbidden);
  await revoke(replica, id);
  await runJobsFor(replica, 180);
  const tries = world.lines.filter((line) => /"kind":"notification".*"job scheduled again"/.test(line));
  expect(tries.length).toBeGreaterThan(0);
  expect(tries.length).toBeLessThan(6);
});

it('Two admins who revoke an account that the server is slow to delete are both notified once', async () => {
  const world = await openWandbWorld();
  world.wandb.team(TEAM).setAdmin('ben@acme.test', true);
  const replica = await world.replica();
  const { id } = createdAccount(await create(replica));
  world.wandb.failures.set('deleteInvite', forbidden);
  expect(await revoke(replica, id)).toMatchObject({ kind: 'pending' });
  expect(await revoke(replica, id, 'U0BEN')).toMatchObject({ kind: 'pending' });
  expect(await revoke(replica, id)).toMatchObject({ kind: 'pending' });
  await runJobsFor(replica, 15);
  expect(messages(world)).toEqual([]);
  world.wandb.failures.clear();
  await runJobsFor(replica, 30);
  const notified = world.notified.map(({ message, to }) => [message, to]);
  expect(notified.sort()).toEqual([
    ['account_revoked', 'U0ADA'],
    ['account_revoked', 'U0BEN'],
  ]);
});

it('An admin whose request is lost after another one’s completed the revocation is notified', async () => {
  const world = await openWandbWorld();
  world.wandb.team(TEAM).setAdmin('ben@acme.test', true);
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const wire: Wire = async (operation, ask) => {
    if (operation === 'DeleteInvite') {
      asked.resolve();
      await held.promise;
    }
    return ask();
  };
  const slow = await world.replica({ wire });
  const other = await world.replica();
  const { id: accountId } = createdAccount(await create(other));
  const revoking = revokeServiceAccount(slow.ports, { slackUserId: 'U0ADA', accountId, requestId: 'req_3' });
  await asked.promise;
  expect(await revoke(other, accountId, 'U0BEN')).toMatchObject({ kind: 'revoked' });
  held.resolve();
  expect(await revoking).toMatchObject({ kind: 'revoked' });
  await runJobsFor(other, 5);
  expect(world.notified.map(({ message, to }) => [message, to])).toEqual([['account_revoked', 'U0ADA']]);
});
