import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../../src/sandbox/wandb/capabilities.ts';
import { account, call, createServiceAccount, dataOf, denied, refused, startWandb } from './wandb-calls.ts';

const typeFields = `query ($name: String!) { __type(name: $name) { fields { name } } }`;

async function fieldsOf(
  wandb: Awaited<ReturnType<typeof startWandb>>,
  name: string,
): Promise<string[] | undefined> {
  const { __type } = await dataOf(wandb, typeFields, { variables: { name } });
  return __type?.fields.map((field: { name: string }) => field.name);
}

describe('the local W&B with other capabilities', () => {
  it('hides the keys of service accounts on a server that does not return them', async () => {
    const wandb = await startWandb({ capabilities: { showsServiceAccountKeys: false } });
    await dataOf(wandb, createServiceAccount, account());
    const members = '{ entity(name: "ml-platform") { members { apiKey } } }';
    const shown = async () => (await dataOf(wandb, members)).entity.members.at(-1).apiKey;
    expect(await shown()).toBeNull();
    const secret = wandb.activeKeys().at(-1)?.secret;
    wandb.switch('showsServiceAccountKeys', true);
    expect(await shown()).toBe(secret);
  });

  it('refuses to create service accounts while team service accounts are disabled', async () => {
    const wandb = await startWandb({ capabilities: { teamServiceAccountsEnabled: false } });
    const { status, json } = await call(wandb, createServiceAccount, account());
    const message = 'team service accounts are disabled';
    expect([status, json]).toEqual([200, refused('createServiceAccount', message)]);
    const asBen = await call(wandb, createServiceAccount, {
      ...account(),
      key: wandb.keyOf('ben@acme.test'),
    });
    expect(asBen.json).toEqual(denied('createServiceAccount'));
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
  });

  it('has no OAuth providers and clients in the schema of a server without them', async () => {
    const wandb = await startWandb();
    const has = async () => ({
      member: (await fieldsOf(wandb, 'Member'))?.includes('OAuthClients'),
      organization: (await fieldsOf(wandb, 'Organization'))?.includes('OAuthProviders'),
      mutations: (await fieldsOf(wandb, 'Mutation'))?.filter((name) => /Client|OAuth/.test(name)),
      types: [await fieldsOf(wandb, 'OAuthProvider'), await fieldsOf(wandb, 'OAuthClient')].filter(Boolean)
        .length,
    });
    expect(await has()).toEqual({
      member: true,
      organization: true,
      mutations: ['createClient', 'revokeClient', 'createOAuthProvider'],
      types: 2,
    });
    wandb.switch('hasOAuthClients', false);
    expect(await has()).toEqual({ member: false, organization: false, mutations: [], types: 0 });
    const query = '{ viewer { organizations { OAuthProviders { id } } } }';
    expect((await call(wandb, query)).status).toBe(400);
  });

  it('creates clients on a server whose members have no OAuthClients field', async () => {
    const wandb = await startWandb({ capabilities: { hasOAuthClientsOnMember: false } });
    expect(await fieldsOf(wandb, 'Member')).not.toContain('OAuthClients');
    expect(await fieldsOf(wandb, 'Mutation')).toContain('createClient');
    const query = '{ entity(name: "ml-platform") { members { OAuthClients { id } } } }';
    expect((await call(wandb, query)).status).toBe(400);
  });

  it('has no deleteApiKey in the schema of a server without it', async () => {
    const wandb = await startWandb({ capabilities: { hasDeleteApiKey: false } });
    expect(await fieldsOf(wandb, 'Mutation')).not.toContain('deleteApiKey');
    const id = wandb.activeKeys()[0]?.id;
    const remove = 'mutation ($id: String!) { deleteApiKey(input: { id: $id }) { success } }';
    expect((await call(wandb, remove, { variables: { id } })).status).toBe(400);
    wandb.switch('hasDeleteApiKey', true);
    expect((await call(wandb, remove, { variables: { id } })).status).toBe(200);
  });

  it('lists keys by secret, as old servers do, or by prefix', async () => {
    const wandb = await startWandb({ capabilities: { keysListedWithSecrets: true } });
    const listed = async () =>
      (await dataOf(wandb, '{ viewer { apiKeys { edges { node { name } } } } }')).viewer.apiKeys.edges[0].node
        .name;
    expect(await listed()).toBe(wandb.apiKey);
    wandb.switch('keysListedWithSecrets', false);
    expect(wandb.apiKey.startsWith(await listed())).toBe(true);
    expect(await listed()).toHaveLength(14);
  });

  it('refuses the users query on a server that does not allow it', async () => {
    const wandb = await startWandb({ capabilities: { allowsUsersQuery: false } });
    const { status, json } = await call(wandb, '{ users(query: "ada") { edges { node { id } } } }');
    expect([status, json]).toEqual([403, denied('users')]);
  });

  it('creates no key with an account on newer servers', async () => {
    const wandb = await startWandb({ capabilities: { createsKeyWithAccount: false } });
    const before = wandb.activeKeys();
    await dataOf(wandb, createServiceAccount, account());
    expect(wandb.activeKeys()).toEqual(before);
  });

  it('lets only the organization’s service accounts create keys while key creation is disabled', async () => {
    const wandb = await startWandb({
      caller: 'organization_service_account',
      capabilities: { keyCreationEnabled: false },
    });
    const generate = 'mutation { generateApiKey(input: {}) { apiKey { id } } }';
    for (const key of [wandb.keyOf('cy'), wandb.addTeamKey('ml-platform', 'team-scoped')]) {
      const { status, json } = await call(wandb, generate, { key });
      const message = 'API key creation has been disabled by your organization administrator';
      expect([status, json]).toEqual([403, refused('generateApiKey', message)]);
    }
    expect((await call(wandb, generate)).status).toBe(200);
    const before = wandb.activeKeys();
    await dataOf(wandb, createServiceAccount, account());
    expect(wandb.activeKeys()).toEqual(before);
  });

  it('keeps the keys of a deleted service account, which belong to no team', async () => {
    const wandb = await startWandb({ capabilities: { keepsKeysOfDeleted: true } });
    const { id, apiKey: key } = wandb.team('ml-platform').createServiceAccount('manual');
    wandb.team('ml-platform').removeMember(id);
    const query = '{ viewer { id teams { edges { node { name } } } } entity(name: "ml-platform") { id } }';
    expect(await dataOf(wandb, query, { key })).toEqual({
      viewer: { id, teams: { edges: [] } },
      entity: null,
    });
    wandb.deleteKey(key);
    expect((await call(wandb, query, { key })).status).toBe(401);
  });

  it('gives keys and an admin’s access only to clients with the headers of the SDK’s public client', async () => {
    const wandb = await startWandb({ capabilities: { gatesAdminPrivileges: true } });
    await dataOf(wandb, createServiceAccount, { ...account(), key: wandb.keyOf('ada') });
    const client = { 'user-agent': 'W&B Public Client 0.28.2 other/1' };
    const admin = { 'use-admin-privileges': 'true' };
    const outcome = async (query: string, headers: Record<string, string>, person = 'cy') => {
      const { json } = await call(wandb, query, { headers, key: wandb.keyOf(person) });
      return json.errors?.[0].message ?? 'ok';
    };
    const relogin = 'relogin required';
    const members = '{ entity(name: "ml-platform") { members { name } } }';
    expect(await outcome(members, client)).toBe(relogin);
    expect(await outcome(members, admin)).toBe('ok');
    expect(await outcome('{ users { edges { node { id } } } }', client)).toBe(relogin);
    expect(await outcome(members, {}, 'ada')).toBe('ok');
    const keys = '{ entity(name: "ml-platform") { members { apiKey } } }';
    expect(await outcome(keys, admin, 'ada')).toBe(relogin);
    expect(await outcome(keys, client, 'ada')).toBe('ok');
    const ownKeys = '{ viewer { apiKeys { edges { node { id } } } } }';
    expect(await outcome(ownKeys, admin, 'ada')).toBe(relogin);
    expect(await outcome(ownKeys, client, 'ada')).toBe('ok');
    expect(await outcome('{ viewer { id } }', {})).toBe('ok');
  });

  it('returns null members, edges, features and payloads on an odd server', async () => {
    const query = `{
      entity(name: "research") { members { id username } }
      viewer { teams { edges { node { name } } } }
      serverInfo { features { name } }
    }`;
    const capabilities: Partial<Capabilities> = { features: ['X'] };
    const wandb = await startWandb({ capabilities, caller: { memberOf: ['research'] } });
    const usual = await dataOf(wandb, query);
    wandb.switch('oddities', ['null_members', 'null_edges', 'null_features', 'null_payloads']);
    expect(await dataOf(wandb, query)).toEqual({
      entity: { members: [null, { id: null, username: null }, ...usual.entity.members] },
      viewer: { teams: { edges: [null, { node: null }, ...usual.viewer.teams.edges] } },
      serverInfo: { features: [null, { name: 'X' }] },
    });
    const key = wandb.keyOf('ada');
    expect(await dataOf(wandb, createServiceAccount, { ...account(), key })).toEqual({
      createServiceAccount: null,
    });
    expect(wandb.team('ml-platform').serviceAccounts()).toMatchObject([{ name: 'nightly-eval' }]);
  });

  it('refuses introspection in three ways, and nothing else', async () => {
    const wandb = await startWandb({ capabilities: { introspection: 'http_400' } });
    const probe = '{ Query: __type(name: "Query") { name } viewer { username } }';
    const errors = [
      expect.objectContaining({ message: expect.stringContaining('introspection is disabled') }),
    ];
    expect(await call(wandb, probe)).toMatchObject({ status: 400, json: { errors } });
    wandb.switch('introspection', 'errors');
    const refusedProbe = await call(wandb, probe);
    expect([refusedProbe.status, refusedProbe.json]).toEqual([200, { errors }]);
    wandb.switch('introspection', 'null');
    expect(await dataOf(wandb, probe)).toEqual({ Query: null, viewer: { username: 'keysmith' } });
    expect(await dataOf(wandb, '{ __schema { types { name } } }')).toEqual({ __schema: null });
    expect(await dataOf(wandb, '{ viewer { __typename } }')).toEqual({ viewer: { __typename: 'User' } });
  });

  it('returns the configured version, or none', async () => {
    const wandb = await startWandb({ capabilities: { version: '0.58.0' } });
    const query = `{ serverInfo {
      cliVersionInfo
      latestLocalVersionInfo { outOfDate latestVersionString versionOnThisInstanceString }
      features { name isEnabled }
    } }`;
    const { serverInfo } = await dataOf(wandb, query);
    expect(serverInfo).toEqual({
      cliVersionInfo: { max_cli_version: '0.99.0', min_cli_version: '0.10.0' },
      latestLocalVersionInfo: {
        outOfDate: false,
        latestVersionString: '0.58.0',
        versionOnThisInstanceString: '0.58.0',
      },
      features: [],
    });
    wandb.switch('version', null);
    expect((await dataOf(wandb, query)).serverInfo.latestLocalVersionInfo).toBeNull();
  });
});
