import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { expectBothSidesAgree, sweepFor } from './both-sides.ts';
import {
  create,
  createFederated,
  MINUTE_MS,
  NAME,
  openWandbWorld,
  type Replica,
  route,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

const DAY_MINUTES = 24 * 60;
const kinds = ({ endings }: WandbWorld) => endings.map(({ kind }) => kind);
const serviceAccounts = ({ wandb }: WandbWorld) => wandb.team(TEAM).serviceAccounts();

/** The response is lost; Keysmith checks the team, finds nothing and reports that no account was created. */
async function reportNotCreated(
  world: WandbWorld,
  ask: (replica: Replica) => Promise<{ kind: string }> = create,
  operation = 'createServiceAccount',
): Promise<Replica> {
  const replica = await world.replica();
  world.wandb.failures.set(operation, { kind: 'reset' }, { times: 1 });
  expect(await ask(replica)).toMatchObject({ kind: 'outcome_unknown', cause: { reason: 'broken_off' } });
  await sweepFor(replica, 3);
  return replica;
}

/** Creates an account late or as an admin would: the two look the same on the wire. */
function createOnServer({ wandb }: WandbWorld): void {
  wandb.team(TEAM).createServiceAccount(NAME);
}

describe('an account that the server creates after it was reported as not created', () => {
  it.each([
    ['with a key', create, 'createServiceAccount'],
    ['with an external identity', createFederated, 'createClient'],
  ] as const)('%s is reported once, with a link, and left alone', async (_, ask, operation) => {
    const world = await openWandbWorld();
    const replica = await reportNotCreated(world, ask, operation);
    expect(kinds(world)).toEqual(['not_made']);
    createOnServer(world);
    await sweepFor(replica, 10);
    expect(kinds(world)).toEqual(['not_made', 'appeared_late']);
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(world.endings[1]).toMatchObject({ link, slackUserId: 'U0ADA', account: { name: NAME } });
    await sweepFor(replica, 60);
    expect(world.endings).toHaveLength(2);
    expect(serviceAccounts(world)).toHaveLength(1);
    const records = await replica.store.auditRecords();
    expect(records.at(-1)).toMatchObject({
      action: 'service_account.appeared_late',
      details: { members: [serviceAccounts(world)[0]?.id] },
    });
  });

  it('is also reported when it appears hours later', async () => {
    const world = await openWandbWorld();
    const replica = await reportNotCreated(world);
    await sweepFor(replica, 5 * 60);
    createOnServer(world);
    await sweepFor(replica, 2 * 60);
    expect(kinds(world)).toEqual(['not_made', 'appeared_late']);
  });

  it('is also reported when it appears in place of an account whose key can be collected', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    first.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(first);
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    const replica = await reportNotCreated(world, ({ ports }) => collectKey(ports, request));
    expect(world.offers).toHaveLength(2);
    createOnServer(world);
    await sweepFor(replica, 10);
    expect(kinds(world)).toEqual(['appeared_late']);
    expect(await collectKey(replica.ports, request)).toMatchObject({
      kind: 'not_created',
      failure: { reason: 'name_taken' },
    });
    expect(serviceAccounts(world)).toHaveLength(1);
  });
});

describe('an account with the name of one that was reported as not created', () => {
  it('is never removed when an admin created it', async () => {
    const world = await openWandbWorld();
    const replica = await reportNotCreated(world);
    createOnServer(world);
    const [manual] = serviceAccounts(world);
    await sweepFor(replica, DAY_MINUTES + 60);
    expect(serviceAccounts(world)).toEqual([manual]);
    expect(kinds(world)).toEqual(['not_made', 'appeared_late']);
  });

  it('is kept and not reported when another attempt in Keysmith created it', async () => {
    const world = await openWandbWorld();
    const replica = await reportNotCreated(world);
    expect(await create(replica)).toMatchObject({ kind: 'created' });
    await sweepFor(replica, DAY_MINUTES + 60);
    expect(kinds(world)).toEqual(['not_made']);
    expectBothSidesAgree(world, replica);
    expect(world.delivered).toHaveLength(1);
  });

  it('is kept and not reported when another attempt in Keysmith is creating it at that moment', async () => {
    const world = await openWandbWorld();
    const replica = await reportNotCreated(world);
    const other = await world.replica();
    other.clock.nowMs = checkDueAtMs(replica);
    // The check is due during the lease of the other attempt.
    replica.clock.nowMs = other.clock.nowMs - MINUTE_MS;
    const held = world.wandb.hold('createServiceAccount', { at: 'after' });
    const creating = create(replica);
    await held.reached;
    await other.sweep();
    expect(kinds(world)).toEqual(['not_made']);
    held.release();
    expect(await creating).toMatchObject({ kind: 'created' });
    await sweepFor(replica, DAY_MINUTES);
    expect(kinds(world)).toEqual(['not_made']);
    expectBothSidesAgree(world, replica);
  });

  it('is not reported when another attempt in Keysmith created it and it was revoked since', async () => {
    const world = await openWandbWorld();
    const replica = await reportNotCreated(world);
    const created = await create(replica);
    if (created.kind !== 'created') throw new Error(created.kind);
    const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_3' };
    expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'revoked' });
    await sweepFor(replica, DAY_MINUTES);
    expect(kinds(world)).toEqual(['not_made']);
  });

  it('is not checked for when the server refused the creation', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
    expect(await create(replica)).toMatchObject({ kind: 'not_created' });
    createOnServer(world);
    await sweepFor(replica, DAY_MINUTES);
    expect(world.endings).toEqual([]);
  });
});

function checkDueAtMs(replica: Replica): number {
  const [row] = replica.query(
    'SELECT look_from_ms AS at FROM backend_operations WHERE look_from_ms IS NOT NULL',
  ) as { at: number }[];
  return row?.at ?? 0;
}
