import { expect, test } from 'vitest';
import {
  type AdoptAccountForm,
  adoptServiceAccount,
  openAdoptForm,
} from '../../../../../src/application/outside-changes/adopt-account.ts';
import { confirmKeysDeleted } from '../../../../../src/application/outside-changes/confirm-keys-deleted.ts';
import type { LocalWandbOptions } from '../../../../../src/sandbox/wandb/local-wandb.ts';
import { wandbPresets } from '../../../../../src/sandbox/wandb/wandb-presets.ts';
import { acmeOrganization } from '../../../../../src/sandbox/wandb/wandb-seed.ts';
import { draw, NOW_MS } from '../../../../store/contract/world.ts';
import { ISSUER, openWandbWorld, type Replica, replacingResponse, revoke, TEAM } from '../wandb-world.ts';

const withScim: LocalWandbOptions = {
  caller: 'organization_service_account',
  capabilities: wandbPresets['0.84'],
};
const DAY_MS = 24 * 60 * 60_000;

async function start(options: LocalWandbOptions = {}) {
  const world = await openWandbWorld(options);
  const { id } = world.wandb.team(TEAM).createServiceAccount('Ingest Images');
  return { world, id, replica: await world.replica() };
}

const form = (memberId: string, overrides: Partial<AdoptAccountForm> = {}): AdoptAccountForm => ({
  slackUserId: 'U0ADA',
  teamName: TEAM,
  memberId,
  fields: { name: 'ingest-images', purpose: undefined, usedBy: undefined, contact: 'U0ADA' },
  reviewDays: 90,
  submissionId: draw('form'),
  requestId: 'req_1',
  ...overrides,
});

const adopted = ({ query }: Replica) => query('SELECT member_id, client_id FROM server_accounts');

test('An adopted account is active, without a key, and known by its ID on the server', async () => {
  const { id, replica } = await start();
  const opened = await openAdoptForm(replica.ports, { ...form(id) });
  expect(opened).toEqual({ kind: 'open', name: 'Ingest Images', proposedName: 'ingest-images' });
  expect(await adoptServiceAccount(replica.ports, form(id))).toMatchObject({
    kind: 'adopted',
    account: { method: 'api_key', state: 'active', name: 'ingest-images' },
    reviewAtMs: NOW_MS + 90 * DAY_MS,
  });
  expect(adopted(replica)).toEqual([{ member_id: id, client_id: null }]);
  // Neither again, nor as unmanaged.
  expect(await openAdoptForm(replica.ports, form(id))).toEqual({ kind: 'gone' });
  expect(await adoptServiceAccount(replica.ports, form(id))).toEqual({ kind: 'gone' });
  const person = { slackUserId: 'U0ADA', email: 'ada@acme.test' };
  const { unmanaged } = await replica.backend.listAccounts(person, { limit: 9 });
  expect(unmanaged.total).toBe(0);
});

test('A federated account is adopted with its issuer, subject and client', async () => {
  // W&B doesn't say which issuer a client belongs to.
  const { world, replica } = await start({ organization: { ...acmeOrganization, issuers: [ISSUER] } });
  const { state } = world.wandb;
  const [provider] = state.providers;
  const team = state.team(TEAM);
  if (!provider || !team) throw new Error('No provider');
  const user = state.addServiceAccount(team, 'deploy');
  const client = state.addClient({ subject: 'repo:acme/web', provider, team, user });
  const fields = { ...form('').fields, name: 'web-deploy' };
  expect(await adoptServiceAccount(replica.ports, form(user.id, { fields }))).toMatchObject({
    kind: 'adopted',
    account: { method: 'federated', externalIdentity: { issuer: ISSUER, subject: 'repo:acme/web' } },
  });
  expect(adopted(replica)).toEqual([{ member_id: user.id, client_id: client.id }]);
});

test('One form adopts once, and other people’s forms, people and other accounts aren’t adopted', async () => {
  const { world, id, replica } = await start();
  const { ports } = replica;
  const refused = { kind: 'refused', refusal: { reason: 'not_admin' } };
  expect(await adoptServiceAccount(ports, form(id, { slackUserId: 'U0BEN' }))).toMatchObject(refused);
  expect(await openAdoptForm(ports, form(id, { slackUserId: 'U0BEN' }))).toMatchObject(refused);
  expect(await adoptServiceAccount(ports, form(id, { teamName: 'unknown' }))).toMatchObject({
    kind: 'refused',
    refusal: { reason: 'team_unknown' },
  });
  const ada = world.wandb.state.person('ada@acme.test');
  expect(await adoptServiceAccount(ports, form(ada?.id ?? ''))).toEqual({ kind: 'gone' });
  expect(await adoptServiceAccount(ports, form('other'))).toEqual({ kind: 'gone' });
  expect(adopted(replica)).toEqual([]);
  const submissionId = draw('form');
  const submit = () => adoptServiceAccount(ports, form(id, { submissionId }));
  const results = await Promise.all([submit(), submit(), submit()]);
  expect(results.filter(({ kind }) => kind === 'adopted')).toHaveLength(1);
  expect(await submit()).toEqual({ kind: 'already_submitted' });
  expect(adopted(replica)).toHaveLength(1);
});

test('An admin who loses the role while the form is open adopts nothing', async () => {
  let reads = 0;
  const world = await openWandbWorld();
  const { id } = world.wandb.team(TEAM).createServiceAccount('ingest');
  const replica = await world.replica({
    wire: async (operation, ask) => {
      const response = await ask();
      if (operation === 'ReadTeam' && reads++ === 0) world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
      return response;
    },
  });
  expect(await adoptServiceAccount(replica.ports, form(id))).toMatchObject({
    kind: 'refused',
    refusal: { reason: 'not_admin' },
  });
  expect(adopted(replica)).toEqual([]);
});

test('An admin who is deactivated while the form is open adopts nothing', async () => {
  let reads = 0;
  const world = await openWandbWorld(withScim);
  const { id } = world.wandb.team(TEAM).createServiceAccount('ingest');
  const replica = await world.replica({
    wire: async (operation, ask) => {
      const ada = world.wandb.state.person('ada');
      // GraphQL still lists her as an admin.
      if (operation === 'ReadTeam' && reads++ === 1 && ada) ada.active = false;
      return ask();
    },
  });
  expect(await adoptServiceAccount(replica.ports, form(id))).toMatchObject({ kind: 'refused' });
  expect(adopted(replica)).toEqual([]);
});

test('An admin whose address only SCIM shows adopts accounts', async () => {
  const world = await openWandbWorld(withScim);
  const { id } = world.wandb.team(TEAM).createServiceAccount('ingest');
  const wire = replacingResponse('ReadTeam', ({ data }) => {
    const entity = data.entity as unknown as { members: object[] };
    const members = entity.members.map((member) => ({ ...member, email: null }));
    return { data: { entity: { ...entity, members } } };
  });
  const { ports } = await world.replica({ wire });
  expect(await adoptServiceAccount(ports, form(id))).toMatchObject({ kind: 'adopted' });
});

test('An account of the whole organization isn’t adopted, as a team can’t delete it', async () => {
  const world = await openWandbWorld(withScim);
  const { state } = world.wandb;
  const team = state.team(TEAM);
  if (!team) throw new Error('No team');
  const { id } = state.addOrganizationAccount(team, 'everywhere');
  const { ports } = await world.replica();
  expect(await openAdoptForm(ports, form(id))).toEqual({ kind: 'gone' });
  expect(await adoptServiceAccount(ports, form(id))).toEqual({ kind: 'gone' });
});

test('An account without a name on the server is adopted and deleted by its ID', async () => {
  const world = await openWandbWorld();
  const { id } = world.wandb.team(TEAM).createServiceAccount('ingest');
  const wire = replacingResponse('ReadTeam', ({ data }) => {
    const entity = data.entity as unknown as { members: { id: string }[] };
    const members = entity.members.map((member) => (member.id === id ? { ...member, name: null } : member));
    return { data: { entity: { ...entity, members } } };
  });
  const replica = await world.replica({ wire });
  const result = await adoptServiceAccount(replica.ports, form(id));
  if (result.kind !== 'adopted') throw new Error(result.kind);
  expect(await revoke(replica, result.account.id)).toMatchObject({ kind: 'revoked' });
  expect(
    world.wandb
      .team(TEAM)
      .members()
      .some((member) => member.id === id),
  ).toBe(false);
});

test('A key in the name on the server reaches no audit event', async () => {
  const world = await openWandbWorld();
  const key = `wandb_v1_${'a1B2'.repeat(19)}`;
  const { id } = world.wandb.team(TEAM).createServiceAccount(key);
  const replica = await world.replica();
  const result = await adoptServiceAccount(replica.ports, form(id));
  if (result.kind !== 'adopted') throw new Error(result.kind);
  expect(await revoke(replica, result.account.id)).toMatchObject({ kind: 'revoked' });
  const [row] = replica.query('SELECT id FROM server_accounts') as { id: string }[];
  const confirmed = { slackUserId: 'U0ADA', serverAccountId: row?.id ?? '', requestId: 'req_3' };
  expect(await confirmKeysDeleted(replica.ports, confirmed)).toMatchObject({ kind: 'confirmed' });
  expect(JSON.stringify(await replica.store.auditRecords())).not.toContain(key);
  expect(world.lines.join()).not.toContain(key);
});

test.each([
  ['an invalid name', { name: 'Ingest Images' }, 'name', 'characters'],
  ['a key in the purpose', { purpose: `wandb_v1_${'a1B2'.repeat(19)}` }, 'purpose', 'contains_credential'],
  ['a contact that isn’t a person', { contact: '@here' }, 'contact', 'not_offered'],
])('A form with %s is invalid', async (_, change, field, reason) => {
  const { id, replica } = await start();
  const fields = { ...form(id).fields, ...change };
  expect(await adoptServiceAccount(replica.ports, form(id, { fields }))).toMatchObject({
    kind: 'invalid',
    problems: [{ field, reason }],
  });
  expect(adopted(replica)).toEqual([]);
});
