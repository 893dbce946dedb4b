import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, sharedGraphql, startGraphql } from './graphql-server.ts';

const shared = sharedGraphql();

const VIEWER = `{ viewer {
  __typename id name username email admin flags entity deletedAt
  apiKeys { edges { node { id name description } } }
  teams { edges { node { name } } }
} }`;
const MEMBERS = `query Team($name: String!) { entity(name: $name) {
  name isTeam entityType members { name username email admin pending role accountType apiKey }
} }`;

describe('A service account', () => {
  it('sees itself, its team, and the public ID of its key', async () => {
    const server = shared();
    const { json } = await ask(server, server.nightly, { query: VIEWER });
    expect(json.data).toEqual({
      viewer: {
        __typename: 'User',
        id: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
        name: 'nightly-eval',
        username: 'nightly-eval',
        email: null,
        admin: false,
        flags: '{}',
        entity: 'ml-platform',
        deletedAt: null,
        apiKeys: {
          edges: [{ node: { id: expect.any(String), name: server.nightlyKeyId, description: null } }],
        },
        teams: { edges: [{ node: { name: 'ml-platform' } }] },
      },
    });
  });

  it('doesn’t read its team’s members unless the query selects them', async () => {
    const unexpected = () => Promise.reject(new Error('The members were read.'));
    const server = await startGraphql((store) => ({
      ...store,
      teamPeople: unexpected,
      teamServiceAccounts: unexpected,
    }));
    onTestFinished(server.close);
    const { json } = await ask(server, server.nightly, { query: VIEWER });
    expect(json.data).toMatchObject({ viewer: { teams: { edges: [{ node: { name: 'ml-platform' } }] } } });
    const members = await ask(server, server.nightly, { query: '{ entity { members { id } } }' });
    expect(members.status).toBe(500);
  });

  it('sees no keys if it is federated', async () => {
    const server = shared();
    const { json } = await ask(server, server.deployer, { query: VIEWER });
    expect(json.data).toMatchObject({ viewer: { name: 'deployer', apiKeys: { edges: [] } } });
  });

  it('sees the people of its team, then its service accounts, but no keys', async () => {
    const server = shared();
    const { json } = await ask(server, server.nightly, {
      query: MEMBERS,
      variables: { name: 'ml-platform' },
    });
    const common = { pending: false, apiKey: null };
    const person = { ...common, accountType: 'USER' };
    const account = { ...common, email: null, admin: false, role: 'member', accountType: 'SERVICE' };
    expect(json.data).toEqual({
      entity: {
        name: 'ml-platform',
        isTeam: true,
        entityType: 'team',
        members: [
          { ...person, name: 'ada', username: 'ada', email: 'ada@acme.test', admin: true, role: 'admin' },
          { ...person, name: 'benj', username: 'benj', email: 'ben@acme.test', admin: false, role: 'member' },
          { ...account, name: 'deployer', username: 'deployer' },
          { ...account, name: 'nightly-eval', username: 'nightly-eval' },
        ],
      },
    });
  });

  it.each(['vision', 'no-such-team', 'ML-Platform', 'ml-platform\0', '', 'équipe', 'a'.repeat(129)])(
    'does not see the team %j, whether it exists or not',
    async (name) => {
      const server = shared();
      for (const account of [server.nightly, server.deployer]) {
        const { status, json } = await ask(server, account, { query: MEMBERS, variables: { name } });
        expect([status, json]).toEqual([200, { data: { entity: null } }]);
      }
    },
  );

  it('sees every active team, and nothing else, if its scope is the organization', async () => {
    const server = shared();
    const names = ['vision', 'ml-platform', 'no-such-team', 'vision\0', 'a'.repeat(5000)];
    const seen = [];
    for (const name of names) {
      const { json } = await ask(server, server.everywhere, { query: MEMBERS, variables: { name } });
      seen.push((json.data?.entity as { name: string } | null)?.name ?? null);
    }
    expect(seen).toEqual(['vision', 'ml-platform', null, null, null]);
  });

  it('sees its own team if the query names none', async () => {
    const server = shared();
    const { json } = await ask(server, server.everywhere, { query: '{ entity { name } }' });
    expect(json.data).toEqual({ entity: { name: 'vision' } });
  });

  it('finds no users when it searches for them', async () => {
    const server = shared();
    const { json } = await ask(server, server.nightly, {
      query: '{ users(query: "ada@acme.test") { edges { node { id email } } } }',
    });
    expect(json).toEqual({ data: { users: { edges: [] } } });
  });

  it('no longer sees revoked accounts of its team', async () => {
    const server = await startGraphql();
    onTestFinished(server.close);
    const { client } = server.world;
    client
      .prepare("UPDATE service_accounts SET state = 'revoked', revoked_at_ms = 1 WHERE id = ?")
      .run(server.deployer.id);
    const { json } = await ask(server, server.nightly, { query: '{ entity { members { name } } }' });
    expect(json.data).toEqual({
      entity: { members: [{ name: 'ada' }, { name: 'benj' }, { name: 'nightly-eval' }] },
    });
  });
});

describe('The server information', () => {
  it('accepts every version of the SDK', async () => {
    const server = shared();
    const { json } = await ask(server, server.nightly, {
      query: `{ serverInfo {
        cliVersionInfo latestLocalVersionInfo { outOfDate } features { name isEnabled }
      } }`,
    });
    expect(json.data).toEqual({
      serverInfo: {
        cliVersionInfo: { min_cli_version: '0.0.1', max_cli_version: '999.0.0' },
        latestLocalVersionInfo: null,
        features: [],
      },
    });
  });

  it('lists the fields of a type, also mutations, in response to a probe', async () => {
    const server = shared();
    const { json } = await ask(server, server.nightly, {
      query: `query Probe {
        Query: __type(name: "Query") { ...F } Mutation: __type(name: "Mutation") { ...F }
        ServerInfo: __type(name: "ServerInfo") { ...F } Input: __type(name: "DeleteInviteInput") { ...F }
        Nothing: __type(name: "Nothing") { ...F }
      } fragment F on __Type { name fields { name args { name } } inputFields { name } }`,
    });
    expect(json.data).toMatchObject({
      Query: { name: 'Query', fields: expect.arrayContaining([{ name: 'viewer', args: [] }]) },
      Mutation: {
        fields: [
          'createServiceAccount',
          'generateApiKey',
          'deleteApiKey',
          'createInvite',
          'deleteInvite',
          'createOAuthProvider',
          'createClient',
          'revokeClient',
        ].map((name) => ({ name, args: [{ name: 'input' }] })),
      },
      ServerInfo: { fields: expect.arrayContaining([{ name: 'cliVersionInfo', args: [] }]) },
      Input: { fields: null, inputFields: expect.arrayContaining([{ name: 'entityName' }]) },
      Nothing: null,
    });
  });

  it.each([
    '{ __schema { types { name } } }',
    '{ __schema { __typename } }',
    '{ ...Q } fragment Q on Query { s: __schema { queryType { name } } }',
    '{ __type(name: "Query") { fields { type { name } } } }',
    '{ __type(name: "Query") { fields { args { type { name } } } } }',
    '{ __type(name: "Query") { possibleTypes { name } } }',
    '{ __type(name: "Query") { description } }',
    '{ viewer { __schema { types { name } } } }',
  ])('shows nothing more of the schema: %s', async (query) => {
    const server = shared();
    const { status, json } = await ask(server, server.nightly, { query });
    expect([status, json.data]).toEqual([400, undefined]);
    expect(json.errors?.[0]?.message).toMatch(/^Introspection is limited|^Cannot query field/);
  });
});
