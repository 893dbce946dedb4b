import { describe, expect, it } from 'vitest';
import { account, call, dataOf, refused, startWandb } from './wandb-calls.ts';

describe('the GraphQL schema of the local W&B', () => {
  it('supports aliases, fragments, variables and several root fields', async () => {
    const wandb = await startWandb();
    const data = await dataOf(
      wandb,
      `query Both($first: String!, $second: String) {
        ...Viewer
        one: entity(name: $first) { ...Name }
        two: entity(name: $second) { ...Name __typename }
        ... on Query { serverInfo { latestLocalVersionInfo { versionOnThisInstanceString } } }
      }
      fragment Viewer on Query { me: viewer { username flags deletedAt } }
      fragment Name on Entity { name isTeam }`,
      { variables: { first: 'ml-platform', second: 'research' } },
    );
    expect(data).toEqual({
      me: { username: 'keysmith', flags: '{}', deletedAt: null },
      one: { name: 'ml-platform', isTeam: true },
      two: { name: 'research', isTeam: true, __typename: 'Entity' },
      serverInfo: { latestLocalVersionInfo: { versionOnThisInstanceString: '0.75.1' } },
    });
    expect(wandb.requests.at(-1)?.operations).toEqual(['viewer', 'entity', 'serverInfo']);
  });

  it('returns the fields of a type for __type, and null for an unknown type', async () => {
    const wandb = await startWandb();
    const { Query, Mutation, Nothing } = await dataOf(
      wandb,
      `{
        Query: __type(name: "Query") { ...Fields }
        Mutation: __type(name: "Mutation") { ...Fields }
        Nothing: __type(name: "Nothing") { ...Fields }
      }
      fragment Fields on __Type { fields { name } }`,
    );
    expect(Query.fields).toContainEqual({ name: 'viewer' });
    expect(Mutation.fields).toContainEqual({ name: 'createServiceAccount' });
    expect(Nothing).toBeNull();
  });

  it('runs the named operation of a document with several', async () => {
    const wandb = await startWandb();
    const query = 'query A { viewer { id } } query B { serverInfo { cliVersionInfo } }';
    const { json } = await call(wandb, query, { operationName: 'B' });
    expect(Object.keys(json.data)).toEqual(['serverInfo']);
    expect((await call(wandb, query)).status).toBe(400);
  });

  it('refuses a call that does not match the schema with 400 and without an effect', async () => {
    const wandb = await startWandb();
    const unknown = await call(
      wandb,
      `mutation ($input: CreateServiceAccountInput!) {
        createServiceAccount(input: $input) { user { id } }
        noSuchField
      }`,
      account(),
    );
    expect(unknown).toMatchObject({
      status: 400,
      json: { errors: [{ message: 'Cannot query field "noSuchField" on type "Mutation".' }] },
    });
    const missing = await call(
      wandb,
      'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } } }',
      { variables: { input: { entityName: 'ml-platform' } } },
    );
    expect(missing.status).toBe(400);
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
  });

  it('refuses a body that is not GraphQL or not JSON with 400', async () => {
    const wandb = await startWandb();
    expect(await call(wandb, '{ viewer {')).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('Syntax Error') },
    });
    const url = `${wandb.baseUrl}/graphql`;
    const response = await fetch(url, { method: 'POST', body: 'nothing' });
    expect([response.status, await response.text()]).toEqual([400, '{"error":"EOF"}']);
    expect(wandb.requests.at(-1)).toMatchObject({ operations: [], executed: true, status: 400 });
  });

  it('returns the data of the other fields beside the error of one, with the status of that error', async () => {
    const wandb = await startWandb();
    const { status, json } = await call(
      wandb,
      '{ found: users(query: "a") { edges { node { id } } } viewer { id } }',
      {
        key: wandb.keyOf('ada'),
      },
    );
    expect(status).toBe(403);
    expect(json).toMatchObject({
      ...refused('found', 'permission denied'),
      data: { viewer: { id: expect.any(String) } },
    });
  });
});
