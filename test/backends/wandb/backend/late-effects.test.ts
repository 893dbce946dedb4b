import { describe, expect, it } from 'vitest';
import { wandbPresets } from '../../../../src/sandbox/wandb/wandb-presets.ts';
import { expectBothSidesAgree, runJobsFor } from './both-sides.ts';
import {
  collect,
  create,
  createdAccount,
  createFederated,
  MINUTE_MS,
  messages,
  NAME,
  openWandbWorld,
  type Replica,
  revoke,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

const DAY_MINUTES = 24 * 60;
const serviceAccounts = ({ wandb }: WandbWorld) => wandb.team(TEAM).serviceAccounts();

/** The response is lost, and the team doesn't show the account: Keysmith abandons the attempt. */
async function loseAttempt(
  world: WandbWorld,
  ask: (replica: Replica) => Promise<{ kind: string }> = create,
): Promise<Replica> {
  const replica = await world.replica();
  world.wandb.failures.set('createServiceAccount', { kind: 'reset' }, { times: 1 });
  expect((await ask(replica)).kind).toMatch(/outcome_unknown|not_created/);
  await runJobsFor(replica, 3);
  return replica;
}

/** The server carries out an abandoned attempt. */
function carryOut({ wandb }: WandbWorld, replica: Replica): string {
  const [{ name }] = replica.query(
    'SELECT name FROM server_accounts WHERE abandoned_at_ms IS NOT NULL ORDER BY created_at_ms DESC',
  ) as [{ name: string }];
  wandb.team(TEAM).createServiceAccount(name);
  return name;
}

describe('an account that the server creates after its attempt was abandoned', () => {
  it.each([4, 25, 90, 5 * 60, 20 * 60])(
    'is deleted with its key within the day (after %d minutes)',
    async (minutes) => {
      const world = await openWandbWorld();
      const replica = await loseAttempt(world);
      await runJobsFor(replica, minutes);
      carryOut(world, replica);
      await runJobsFor(replica, DAY_MINUTES);
      expectBothSidesAgree(world, replica);
      expect(serviceAccounts(world)).toEqual([]);
      expect(messages(world)).toEqual(['key_collectable']);
      const records = await replica.store.auditRecords();
      expect(records.filter(({ action }) => action === 'server_account.deleted')).toHaveLength(1);
    },
  );

  it('is deleted while the account that was created instead is kept', async () => {
    const world = await openWandbWorld();
    const replica = await loseAttempt(world);
    expect(await collect(world, replica)).toMatchObject({ kind: 'collected', key: { kind: 'delivered' } });
    const [kept] = serviceAccounts(world);
    carryOut(world, replica);
    await runJobsFor(replica, DAY_MINUTES);
    expect(serviceAccounts(world)).toEqual([kept]);
    expectBothSidesAgree(world, replica);
    expect(messages(world)).toEqual(['key_collectable']);
  });

  it('is deleted when a collection was lost, which can be collected again', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    first.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(first);
    await runJobsFor(first, 1);
    const replica = await loseAttempt(world, (other) => collect(world, other));
    carryOut(world, replica);
    await runJobsFor(replica, 10);
    expect(serviceAccounts(world)).toEqual([]);
    expect(await collect(world, replica)).toMatchObject({ kind: 'collected', key: { kind: 'delivered' } });
    expectBothSidesAgree(world, replica);
  });

  it('is deleted when its account was revoked meanwhile', async () => {
    const world = await openWandbWorld();
    const replica = await loseAttempt(world);
    const [{ id }] = replica.query('SELECT id FROM service_accounts') as [{ id: string }];
    expect(await revoke(replica, id)).toMatchObject({ kind: 'revoked' });
    carryOut(world, replica);
    await runJobsFor(replica, DAY_MINUTES);
    expect(serviceAccounts(world)).toEqual([]);
    expect(messages(world)).toEqual(['key_collectable']);
  });

  it('is deleted when its account is revoked while the server still creates it, and that process is lost', async () => {
    const world = await openWandbWorld();
    const lost = await world.replica();
    lost.attempts.push({ outcome: 'rejected', cause: 'test' });
    const { id } = createdAccount(await create(lost));
    const replica = await world.replica({ laterMs: MINUTE_MS });
    await replica.runJobs();
    const held = world.wandb.hold('createServiceAccount', { at: 'before' });
    void collect(world, lost);
    await held.reached;
    expect(await revoke(replica, id)).toMatchObject({ kind: 'revoked' });
    carryOut(world, replica);
    await runJobsFor(replica, DAY_MINUTES);
    expect(serviceAccounts(world)).toEqual([]);
    expectBothSidesAgree(world, replica);
    // No job waits for the end of the lost collection.
    expect(replica.query('SELECT state FROM collections')).toEqual([{ state: 'closed' }]);
    expect(replica.query('SELECT id FROM jobs WHERE finished_at_ms IS NULL')).toEqual([]);
    held.release();
  });
});

it('Keysmith deletes an account that the server created although a proxy responded with 429', async () => {
  const world = await openWandbWorld();
  const replica = await world.replica();
  world.wandb.failures.set('createServiceAccount', { kind: 'status', status: 429 }, { times: 1 });
  expect(await create(replica)).toMatchObject({ kind: 'not_created' });
  carryOut(world, replica);
  const again = await create(replica);
  expect(again).toMatchObject({ kind: 'created', key: { kind: 'delivered' } });
  await runJobsFor(replica, 60);
  expect(serviceAccounts(world)).toHaveLength(1);
  expectBothSidesAgree(world, replica);
  expect(messages(world)).toEqual([]);
});

it('An account without a key is created again under another tag, so that its first attempt can be carried out late', async () => {
  const world = await openWandbWorld({ capabilities: wandbPresets['0.80'] });
  const replica = await loseAttempt(world, (lost) => create(lost, { method: 'api_key_on_server' }));
  const kept = serviceAccounts(world);
  expect(kept).toHaveLength(1);
  expect(messages(world)).toEqual(['account_without_key_created']);
  carryOut(world, replica);
  await runJobsFor(replica, DAY_MINUTES);
  expect(serviceAccounts(world)).toEqual(kept);
  expectBothSidesAgree(world, replica, { returnsKeys: false });
  expect(messages(world)).toEqual(['account_without_key_created']);
});

describe('an account that an admin creates', () => {
  it('is never touched or reported when it has the plain name of an abandoned attempt', async () => {
    const world = await openWandbWorld();
    const replica = await loseAttempt(world);
    world.wandb.team(TEAM).createServiceAccount(NAME);
    const before = serviceAccounts(world);
    expect(await collect(world, replica)).toMatchObject({ kind: 'collected' });
    await runJobsFor(replica, DAY_MINUTES + 60);
    expect(serviceAccounts(world)).toEqual(expect.arrayContaining(before));
    expectBothSidesAgree(world, replica, { alsoOnServer: [NAME] });
    expect(messages(world)).toEqual(['key_collectable']);
  });

  it('is not touched when it has the tag of an attempt that was carried out twice: an admin decides', async () => {
    const world = await openWandbWorld();
    const replica = await loseAttempt(world);
    carryOut(world, replica);
    carryOut(world, replica);
    await runJobsFor(replica, DAY_MINUTES);
    expect(serviceAccounts(world)).toHaveLength(2);
    expect(messages(world)).toEqual(['key_collectable', 'server_account_problem']);
  });
});

it('The server isn’t checked for an account whose creation it refused', async () => {
  const world = await openWandbWorld();
  const replica = await world.replica();
  world.wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
  expect(await create(replica)).toMatchObject({ kind: 'not_created' });
  const before = world.wandb.requests.length;
  await runJobsFor(replica, DAY_MINUTES);
  expect(world.wandb.requests).toHaveLength(before);
  expect(messages(world)).toEqual([]);
});

it('A late federated account of an abandoned attempt is deleted with its client', async () => {
  const world = await openWandbWorld();
  const replica = await world.replica();
  const held = world.wandb.hold('createClient', { at: 'before' });
  void createFederated(replica);
  await held.reached;
  const next = await world.replica({ laterMs: 5 * MINUTE_MS });
  world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
  await next.runJobs();
  expect(messages(world)).toEqual(['account_not_created']);
  held.release();
  await expect.poll(() => serviceAccounts(world)).toHaveLength(1);
  await runJobsFor(next, DAY_MINUTES);
  expectBothSidesAgree(world, next);
  expect(serviceAccounts(world)).toEqual([]);
  expect(messages(world)).toHaveLength(1);
});

it('After the clock was set back by a month, Keysmith doesn’t create a federated account again every minute', async () => {
  const world = await openWandbWorld();
  const replica = await world.replica();
  world.wandb.failures.set('createClient', { kind: 'reset' });
  expect(await createFederated(replica)).toMatchObject({ kind: 'outcome_unknown' });
  replica.clock.nowMs -= 30 * DAY_MINUTES * MINUTE_MS;
  await runJobsFor(replica, 4 * 60);
  expect(replica.query('SELECT state FROM service_accounts')).toEqual([{ state: 'failed' }]);
  expect(replica.query('SELECT id FROM server_accounts').length).toBeLessThan(9);
  expect(messages(world)).toEqual(['account_not_created']);
});
