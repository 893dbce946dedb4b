import { describe, expect, test } from 'vitest';
import { createGraphqlGuard } from '../../../../src/api/gateway/graphql/guard.ts';
import { guarded, refusalOf } from './guarded.ts';

const kindOf = (query: string, variables = {}) => refusalOf({ query, variables })?.kind;

describe('The guard refuses as malformed', () => {
  test.each<[name: string, body: unknown]>([
    ['a batch', [{ query: '{ viewer { id } }' }]],
    ['no object', 'query=x'],
    ['null', null],
    ['a body without a query', { Query: '{ viewer { id } }' }],
    ['a query that is a list', { query: ['{ viewer { id } }'] }],
    ['variables that are a list', { query: '{ viewer { id } }', variables: [1] }],
    ['an operationName that is a number', { query: '{ viewer { id } }', operationName: 1 }],
    ['text that is not GraphQL', { query: 'select * from users' }],
    ['an empty document', { query: '' }],
    ['fragments without an operation', { query: 'fragment F on User { id }' }],
    ['the definition of a type', { query: 'type User { id: ID } query { viewer { id } }' }],
    ['an operationName of no operation', { query: 'query A { viewer { id } }', operationName: 'B' }],
    [
      'two operations without operationName',
      { query: 'query A { viewer { id } } query B { viewer { id } }' },
    ],
    ['an operation without a name beside another', { query: '{ viewer { id } } query B { viewer { id } }' }],
    [
      'two operations of one name',
      { query: 'query A { viewer { id } } mutation A { stopRun(input: {}) { ok } }' },
    ],
    ['two fragments of one name', { query: '{ ...F } fragment F on A { id } fragment F on B { id }' }],
    ['a fragment that no operation uses', { query: '{ viewer { id } } fragment F on Mutation { x }' }],
    ['a fragment that is missing', { query: '{ ...F }' }],
    [
      'a fragment that contains itself',
      { query: '{ ...F } fragment F on A { a { ...G } } fragment G on A { ...F }' },
    ],
    ['a selection without fields', { query: '{ viewer { } }' }],
    ['an argument that is repeated', { query: '{ entity(name: "a", name: "b") { id } }' }],
    ['an input field that is repeated', { query: '{ x(input: { id: 1, id: 2 }) { id } }' }],
    ['a variable that is declared twice', { query: 'query ($a: ID, $a: ID) { artifact(id: $a) { id } }' }],
    ['a variable that is not declared', { query: '{ artifact(id: $a) { id } }' }],
    [
      'an alias that a reader of JSON could take for something else',
      { query: '{ __proto__: viewer { id } }' },
    ],
  ])('%s', (_name, body) => {
    expect(refusalOf(body)).toMatchObject({ kind: 'malformed', status: 400 });
  });
});

describe('The guard refuses as unsupported', () => {
  test.each([
    'subscription { runUpdated { id } }',
    'query { viewer @defer { id } }',
    'query { project { runs @stream(initialCount: 1) { id } } }',
    'query { ... @defer { viewer { id } } }',
    'query Q @live { viewer { id } }',
    'query ($a: ID @x) { artifact(id: $a) { id } }',
    'query { viewer { id @export(as: "id") } }',
    'query { ...F @defer } fragment F on Query { viewer { id } }',
    'query { ...F } fragment F on Query @x { viewer { id } }',
    'query { viewer { apiKeys @x { id } } }',
  ])('%s', (query) => {
    expect(kindOf(query)).toBe('unsupported');
  });
});

describe('The guard refuses a mutation outside of the allow-list', () => {
  test.each([
    'mutation { generateApiKey(input: {}) { apiKey { name } } }',
    'mutation { result: generateApiKey(input: {}) { clientMutationId } }',
    'mutation { upsertBucket: generateApiKey(input: {}) { clientMutationId } }',
    'mutation { upsertBucket(input: {}) { inserted } createTeam(input: {}) { entity { id } } }',
    'mutation { ...F } fragment F on Mutation { createTeam(input: {}) { entity { id } } }',
    'mutation { ... { ... on Mutation { ...F } } } fragment F on Mutation { deleteRun(input: {}) { id } }',
    'mutation { ... @include(if: false) { deleteRun(input: {}) { id } } }',
    'query { viewer { id ... on Mutation { deleteRun(input: {}) { id } } } }',
    'query { ...F } fragment F on Mutation { deleteRun(input: {}) { id } }',
    'mutation { UpsertBucket(input: {}) { inserted } }',
    'mutation { insertSecret(input: {}) { ok } }',
  ])('%s', (query) => {
    expect(kindOf(query)).toBe('mutation');
  });

  test('in every operation of the document, not only in the one that operationName selects', () => {
    const query = 'query A { viewer { id } } mutation B { createTeam(input: {}) { id } }';
    expect(refusalOf({ query, operationName: 'A' })).toMatchObject({ kind: 'mutation', status: 200 });
  });

  test('with a message that names it and says what to do', () => {
    const messageOf = (name: string) =>
      refusalOf({ query: `mutation { ${name}(input: {}) { id } }` })?.message;

    expect(messageOf('generateApiKey')).toContain('/wandb service-account');
    expect(messageOf('createTeam')).toContain('Ask an admin of your team');
    expect(messageOf('deleteRun')).toContain('KEYSMITH_UPSTREAM_MUTATIONS');
    expect(messageOf('x'.repeat(1000))?.length).toBeLessThan(300);
  });

  test('unless a setting allows it, which is ignored for those that no setting may allow', () => {
    const more = createGraphqlGuard({ moreMutations: ['deleteRun', 'generateApiKey'] });
    const readsOk = (name: string) => more.read({ query: `mutation { ${name}(input: {}) { id } }` }).ok;

    expect([readsOk('deleteRun'), readsOk('generateApiKey')]).toEqual([true, false]);
  });
});

describe('The guard refuses upsertModel that decides who sees a project', () => {
  test.each<[query: string, variables: object]>([
    ['mutation { upsertModel(input: { name: "p", access: "PUBLIC" }) { id } }', {}],
    ['mutation { a: upsertModel(input: { name: "p", access: USER_READ }) { id } }', {}],
    ['mutation ($a: String) { upsertModel(input: { name: "p", access: $a }) { id } }', { a: 'PUBLIC' }],
    ['mutation ($a: String = "PUBLIC") { upsertModel(input: { access: $a }) { id } }', {}],
    ['mutation ($a: String = "PUBLIC") { upsertModel(input: { access: $a }) { id } }', { a: null }],
    ['mutation ($i: UpsertModelInput!) { upsertModel(input: $i) { id } }', { i: { access: 'PUBLIC' } }],
    ['mutation ($i: [UpsertModelInput!]) { upsertModel(input: $i) { id } }', { i: [{ access: 'PUBLIC' }] }],
    ['mutation ($i: X = { access: "PUBLIC" }) { upsertModel(input: $i) { id } }', {}],
    ['mutation ($i: X) { upsertModel(input: $i) { id } }', { i: { icon: { access: 'PUBLIC' } } }],
    ['mutation { ...F } fragment F on Mutation { upsertModel(input: { access: "PUBLIC" }) { id } }', {}],
    ['mutation { upsertModel(input: { isPublished: true }) { id } }', {}],
    ['mutation { upsertModel(input: { isPublished: false }) { id } }', {}],
    ['mutation { upsertModel(input: { owner: "VXNlcjox" }) { id } }', {}],
    ['mutation { upsertModel(access: "PUBLIC", input: {}) { id } }', {}],
    ['mutation { upsertModel(input: { newVisibilityOfNewerServer: "ALL" }) { id } }', {}],
  ])('%s %j', (query, variables) => {
    expect(kindOf(query, variables)).toBe('project_access');
  });

  test('only for access settings: what SDKs set is forwarded, with null for the rest', () => {
    const query = 'mutation ($i: UpsertModelInput!) { upsertModel(input: $i) { id } }';
    const i = { name: 'p', entityName: 'acme', description: '', access: null, owner: null, icon: null };
    expect(guarded({ query, variables: { i } }).rootFields).toEqual(['upsertModel']);
  });
});

describe('The guard refuses root fields that reach people and organizations of other teams', () => {
  test.each([
    'query { users { edges { node { id } } } }',
    'query { viewer: users { edges { node { id } } } }',
    'query { user(userName: "ada") { id } }',
    'query { organization(name: "acme") { members { id } } }',
    'query { organizations { id } }',
    'query { organizationByName(name: "acme") { id } }',
    'query { ... on Query { users { id } } }',
    'query { ...F } fragment F on Query { ...G } fragment G on Query { ... { users { id } } }',
    'query { viewer { ... on Query { users { id } } } }',
    'query { node(id: "T3JnOjE=") { ... on Organization { members { id } } } }',
    'query { nodes(ids: ["T3JnOjE="]) { id } }',
    'mutation { upsertBucket(input: {}) { query { users { id } } } }',
  ])('%s', (query) => {
    expect(kindOf(query)).toBe('root_field');
  });

  test('only at the root: the same names below other fields are forwarded', () => {
    const query = '{ entity(name: "a") { organization { name } } project { run { user { username } } } }';
    expect(guarded({ query }).rootFields).toEqual(['entity', 'project']);
  });
});

describe('The guard refuses fragments on types of credentials', () => {
  test.each([
    '{ artifact(id: 1) { ... on ApiKey { name } } }',
    '{ artifact(id: 1) { ... on Node { ... on ApiKey { name } } } }',
    '{ viewer { teams { edges { node { ... on ApiKey { name } } } } } }',
    '{ artifact(id: 1) { ...F } } fragment F on ApiKey { name }',
    '{ viewer { apiKeys { ...F } runs { ...F } } } fragment F on ApiKeyConnection { edges { node { name } } }',
    '{ artifact(id: 1) { ... on ApiKeyEdge { node { name } } } }',
    '{ artifact(id: 1) { ... on AccessToken { id } } }',
    '{ artifact(id: 1) { ... on AccessTokenConnection { id } } }',
    '{ artifact(id: 1) { ... on Secret { name } } }',
    '{ artifact(id: 1) { ... on OAuthClient { id } } }',
    '{ artifact(id: 1) { ... on OAuthProviderConnection { id } } }',
    '{ artifact(id: 1) { ... on LocalLicense { id } } }',
    '{ artifact(id: 1) { ... on Invite { id } } }',
    '{ artifact(id: 1) { ... on ServiceApiKeyV2 { id } } }',
  ])('%s', (query) => {
    expect(kindOf(query)).toBe('credential_type');
  });

  test('in every operation of the document, not only in the one that operationName selects', () => {
    const query = 'query A { viewer { id } } query B { artifact(id: 1) { ... on ApiKey { name } } }';
    expect(refusalOf({ query, operationName: 'A' })?.kind).toBe('credential_type');
  });
});

describe('The guard refuses upsertBucket with an id that does not name both team and project', () => {
  test.each<[input: string, variables: object]>([
    ['{ id: "UnVu" }', {}],
    ['{ id: "UnVu", entityName: "acme" }', {}],
    ['{ id: "UnVu", entityName: "", modelName: "p" }', {}],
    ['{ id: "UnVu", entityName: null, modelName: "p" }', {}],
    ['{ id: $id, modelName: "p", entityName: $e }', { id: 'UnVu' }],
    ['{ id: "UnVu", x: { entityName: "acme", modelName: "p" } }', {}],
    ['[{ id: "UnVu" }, { entityName: "acme", modelName: "p" }]', {}],
  ])('%s %j', (input, variables) => {
    const query = `mutation ($id: String = "UnVu", $e: String) { upsertBucket(input: ${input}) { inserted } }`;
    expect(kindOf(query, variables)).toBe('scope');
  });

  test('only then: with both names, or without an id, it is forwarded', () => {
    const query = 'mutation ($i: UpsertBucketInput!) { upsertBucket(input: $i) { inserted } }';
    const named = { id: 'UnVu', entityName: 'acme', modelName: 'p' };
    expect(guarded({ query, variables: { i: named } }).namedIds).toEqual(['UnVu']);
    expect(guarded({ query, variables: { i: { id: null, name: 'r' } } }).namedIds).toEqual([]);
  });
});

describe('The guard refuses a filter by a credential', () => {
  const runs =
    'query ($f: JSONString, $o: String) { project(name: "p") { runs(filters: $f, order: $o) { id } } }';
  test.each<[variables: object]>([
    [{ f: '{"user.apiKey":{"$regex":"^a"}}' }],
    [{ f: '{"$or":[{"$and":[{"user.api_key":"a"}]}]}' }],
    [{ f: '{"user.\\u0061piKeys.name":"a"}' }],
    [{ f: "{'user.apiKey': 'a'}" }],
    [{ f: { user: { accessTokens: 'a' } } }],
    [{ f: '{"key":{"section":"run","name":"user.apiKey"},"op":"=","value":"a"}' }],
    [{ f: `[${'['.repeat(70)}` }],
    [{ o: '-user.apiKey' }],
    [{ o: '+created_at,+user.secret' }],
    [{ o: '"user.password"' }],
  ])('%j', (variables) => {
    expect(kindOf(runs, variables)).toBe('credential_filter');
  });

  test('in a literal, at any depth', () => {
    expect(kindOf('{ project(name: "p") { a { runs(orderBy: ["-user.apiKey"]) { id } } } }')).toBe(
      'credential_filter',
    );
  });

  test.each<[variables: object]>([
    [{ f: '{}', o: '-created_at' }],
    [
      {
        f: '{"config.license":"mit","config.tokens.value":1,"summary_metrics.secret_loss":{"$lt":1}}',
        o: '+config.password',
      },
    ],
    [{ f: '{"display_name":{"$regex":"apiKey"},"tags":{"$in":["token"]},"$or":[{"state":"finished"}]}' }],
    [{ f: '{"key":{"section":"config","name":"api_key"},"op":"=","value":"a"}' }],
    [{ f: null, o: '' }],
  ])('but not %j', (variables) => {
    expect(kindOf(runs, variables)).toBeUndefined();
  });
});
