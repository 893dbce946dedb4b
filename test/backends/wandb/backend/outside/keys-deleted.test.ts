import { expect, test } from 'vitest';
import { revokeServiceAccount } from '../../../../../src/application/accounts/revoke-service-account.ts';
import { confirmKeysDeleted } from '../../../../../src/application/outside-changes/confirm-keys-deleted.ts';
import { create, openWandbWorld, TEAM } from '../wandb-world.ts';

async function withDeletedAccount() {
  const world = await openWandbWorld();
  const replica = await world.replica();
  const created = await create(replica);
  if (created.kind !== 'created') throw new Error(created.kind);
  const request = { slackUserId: 'U0ADA', accountId: created.account.id, requestId: 'req_1' };
  expect(await revokeServiceAccount(replica.ports, request)).toMatchObject({ kind: 'revoked' });
  const [row] = replica.query('SELECT id FROM server_accounts') as { id: string }[];
  const confirm = (slackUserId: string, serverAccountId = row?.id ?? '') =>
    confirmKeysDeleted(replica.ports, { slackUserId, serverAccountId, requestId: 'req_2' });
  const confirmed = () =>
    replica.query('SELECT id FROM server_accounts WHERE keys_deleted_at_ms IS NOT NULL');
  return { world, replica, confirm, confirmed };
}

test('Only an admin of the team at that moment confirms that the keys are deleted', async () => {
  const { world, confirm, confirmed } = await withDeletedAccount();
  const refused = { kind: 'refused', refusal: { reason: 'not_admin' } };
  expect(await confirm('U0BEN')).toMatchObject(refused);
  // A person outside the team, and an account that doesn't exist, look the same.
  expect(await confirm('U0EVE')).toEqual({ kind: 'not_found' });
  expect(await confirm('U0ADA', 'srv_unknown')).toEqual({ kind: 'not_found' });
  world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
  expect(await confirm('U0ADA')).toMatchObject(refused);
  expect(confirmed()).toEqual([]);
});

test('Several clicks confirm once', async () => {
  const { replica, confirm, confirmed } = await withDeletedAccount();
  const results = await Promise.all([confirm('U0ADA'), confirm('U0ADA')]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['already_confirmed', 'confirmed']);
  expect(confirmed()).toHaveLength(1);
  const events = (await replica.store.auditRecords()).filter(
    ({ action }) => action === 'server_account.keys_deleted',
  );
  expect(events).toMatchObject([{ actor: { type: 'person', slackUserId: 'U0ADA' } }]);
});
