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
const standing = ({ wandb }: WandbWorld) => wandb.team(TEAM).serviceAccounts();

/** The server's answer is lost; Keysmith has looked, found nothing, and said that nothing was made. */
async function givenUp(
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

/** What the server makes late, and what an admin makes by hand, are the same on the wire. */
function appears({ wandb }: WandbWorld): void {
  wandb.team(TEAM).createServiceAccount(NAME);
}

describe('an account that the server makes after it was said not to be made', () => {
  it.each([
    ['with a key', create, 'createServiceAccount'],
    ['with an external identity', createFederated, 'createClient'],
  ] as const)('%s is told once, with the link, and left alone', async (_, ask, operation) => {
    const world = await openWandbWorld();
    const replica = await givenUp(world, ask, operation);
    expect(kinds(world)).toEqual(['not_made']);
    appears(world);
    await sweepFor(replica, 10);
    expect(kinds(world)).toEqual(['not_made', 'appeared_late']);
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(world.endings[1]).toMatchObject({ link, slackUserId: 'U0ADA', account: { name: NAME } });
    await sweepFor(replica, 60);
    expect(world.endings).toHaveLength(2);
    expect(standing(world)).toHaveLength(1);
    const records = await replica.store.auditRecords();
    expect(records.at(-1)).toMatchObject({
      action: 'service_account.appeared_late',
      details: { members: [standing(world)[0]?.id] },
    });
  });

  it('hours later is told too', async () => {
    const world = await openWandbWorld();
    const replica = await givenUp(world);
    await sweepFor(replica, 5 * 60);
    appears(world);
    await sweepFor(replica, 2 * 60);
    expect(kinds(world)).toEqual(['not_made', 'appeared_late']);
  });

  it('instead of one whose key was to be collected is told as well', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    first.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(first);
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    const replica = await givenUp(world, ({ ports }) => collectKey(ports, request));
    expect(world.offers).toHaveLength(2);
    appears(world);
    await sweepFor(replica, 10);
    expect(kinds(world)).toEqual(['appeared_late']);
    expect(await collectKey(replica.ports, request)).toMatchObject({
      kind: 'not_created',
      failure: { reason: 'name_taken' },
    });
    expect(standing(world)).toHaveLength(1);
  });
});

describe('an account of the name that is there after one was said not to be made', () => {
  it('by an admin’s hand is never removed', async () => {
    const world = await openWandbWorld();
    const replica = await givenUp(world);
    appears(world);
    const [byHand] = standing(world);
    await sweepFor(replica, DAY_MINUTES + 60);
    expect(standing(world)).toEqual([byHand]);
    expect(kinds(world)).toEqual(['not_made', 'appeared_late']);
  });

  it('by another try in Keysmith is its own: it stays, and nothing is told', async () => {
    const world = await openWandbWorld();
    const replica = await givenUp(world);
    expect(await create(replica)).toMatchObject({ kind: 'created' });
    await sweepFor(replica, DAY_MINUTES + 60);
    expect(kinds(world)).toEqual(['not_made']);
    expectBothSidesAgree(world, replica);
    expect(world.handedOver).toHaveLength(1);
  });

  it('by another try that is under way at that moment is its own, too', async () => {
    const world = await openWandbWorld();
    const replica = await givenUp(world);
    const other = await world.replica();
    other.clock.nowMs = lookDueAtMs(replica);
    // The look is due while the lease of the other try runs.
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

  it('by another try in Keysmith that was revoked since is not told', async () => {
    const world = await openWandbWorld();
    const replica = await givenUp(world);
    const created = await create(replica);
    if (created.kind !== 'created') throw new Error(created.kind);
    const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_3' };
    expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'revoked' });
    await sweepFor(replica, DAY_MINUTES);
    expect(kinds(world)).toEqual(['not_made']);
  });

  it('is not looked for where the server had said no', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    world.wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
    expect(await create(replica)).toMatchObject({ kind: 'not_created' });
    appears(world);
    await sweepFor(replica, DAY_MINUTES);
    expect(world.endings).toEqual([]);
  });
});

function lookDueAtMs(replica: Replica): number {
  const [row] = replica.query(
    'SELECT look_from_ms AS at FROM backend_operations WHERE look_from_ms IS NOT NULL',
  ) as { at: number }[];
  return row?.at ?? 0;
}
