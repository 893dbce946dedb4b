import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import type { DeliveryAttempt } from '../../../../src/application/ports/slack.ts';
import { expectBothSidesAgree, settleAll } from './both-sides.ts';
import { create, MINUTE_MS, openWandbWorld, type Replica, route, TEAM } from './wandb-world.ts';

/** An account whose key is on its way, and what Slack will say to that. */
async function onItsWay(replica: Replica) {
  const answer = Promise.withResolvers<DeliveryAttempt>();
  replica.attempts.push(answer.promise);
  const creating = create(replica);
  const accounts = () => replica.query('SELECT account_id AS id FROM api_keys') as { id: string }[];
  await expect.poll(accounts, { timeout: 10_000 }).toHaveLength(1);
  return { creating, answer, accountId: accounts()[0]?.id ?? '' };
}

const revoke = ({ ports }: Replica, accountId: string) =>
  revokeServiceAccount(ports, { slackUserId: 'U0ADA', accountId, requestId: 'req_2' });

describe('an account that is revoked while its key is cut off', () => {
  it('has no key to collect while the revocation waits for its answer: revoked is true when it is told', async () => {
    const world = await openWandbWorld();
    const [replica, other] = [await world.replica(), await world.replica()];
    const { creating, answer, accountId } = await onItsWay(replica);
    const held = world.wandb.hold('deleteInvite', { at: 'after' });
    const revoking = revoke(other, accountId);
    await held.reached;
    answer.resolve({ outcome: 'rejected', cause: 'test' });
    expect(await creating).toMatchObject({ key: { kind: 'over', reason: 'being_revoked' } });
    await replica.sweep();
    expect(world.offers).toEqual([]);
    const [waiting] = replica.query('SELECT id FROM collections') as { id: string }[];
    const request = { slackUserId: 'U0ADA', collectionId: waiting?.id ?? '', route, requestId: 'req_3' };
    expect(await collectKey(replica.ports, request)).toEqual({ kind: 'over', reason: 'being_revoked' });
    held.release();
    expect(await revoking).toMatchObject({ kind: 'revoked' });
    await settleAll(replica);
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    expect([world.offers, world.handedOver]).toEqual([[], []]);
    expectBothSidesAgree(world, replica);
  });

  it('has none either while the server does neither', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const { creating, answer, accountId } = await onItsWay(replica);
    world.wandb.failures.set('deleteInvite', { kind: 'status', status: 503 });
    answer.resolve({ outcome: 'unknown', cause: 'test' });
    expect(await creating).toMatchObject({ key: { kind: 'revocation_pending' } });
    expect(await revoke(replica, accountId)).toMatchObject({ kind: 'outcome_unknown' });
    world.wandb.failures.clear();
    for (let sweep = 0; sweep < 20; sweep += 1) {
      replica.clock.nowMs += MINUTE_MS / 2;
      await replica.sweep();
    }
    expect(world.endings).toMatchObject([{ kind: 'revoked_late' }]);
    expect([world.offers, world.handedOver]).toEqual([[], []]);
    expectBothSidesAgree(world, replica);
  });
});
