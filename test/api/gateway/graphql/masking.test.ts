import { parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { editedAnswer, forwardedBody, guarded } from './guarded.ts';

/** The document as graphql-js formats it. */
const forwarded = (query: string, variables = {}) =>
  print(parse(forwardedBody(guarded({ query, variables })).query));
const formatted = (query: string) => print(parse(query));

describe('A credential field', () => {
  test.each([
    ['{ viewer { apiKeys { edges { node { name } } } } }', '{ viewer { apiKeys: __typename } }'],
    ['{ viewer { keys: apiKeys { edges { node { name } } } } }', '{ viewer { keys: __typename } }'],
    ['{ viewer { id: authId } }', '{ viewer { id: __typename } }'],
    ['{ a { ... on User { k: apiKey } } }', '{ a { ... on User { k: __typename } } }'],
    [
      '{ ...F } fragment F on Query { a { secrets { name } } }',
      '{ ...F } fragment F on Query { a { secrets: __typename } }',
    ],
    ['{ a { k: apiKey @include(if: true) } }', '{ a { k: __typename @include(if: true) } }'],
    ['{ a { k: apiKey(id: "x", n: [{ a: 1 }]) } }', '{ a { k: __typename } }'],
    [
      'mutation { upsertBucket(input: {}) { user { apiKey } } }',
      'mutation { upsertBucket(input: {}) { user { apiKey: __typename } } }',
    ],
    ['{ serverInfo { licenseFlags } }', '{ serverInfo { licenseFlags: __typename } }'],
  ])('is replaced by __typename: %s', (query, expected) => {
    expect(forwarded(query)).toBe(formatted(expected));
  });

  test.each([
    ...[
      'apiKey',
      'apiKeys',
      'APIKey',
      'api_key',
      'userApiKeys',
      'accessTokens',
      'accessTokenRef',
      'token',
      'authId',
    ],
    ...[
      'secrets',
      'secretRef',
      'clientSecret',
      'password',
      'passwordHash',
      'license',
      'licenseKey',
      'OAuthClients',
    ],
    ...['OAuthProviders', 'code', 'stripeCustomerId', 'refreshToken', 'awsCredentials', 'PRIVATE_KEY'],
  ])('is one with the name %s', (name) => {
    expect(guarded({ query: `{ a { b: ${name} } }` }).edit?.maskedFields).toBe(1);
  });

  test.each([
    'name',
    'keys',
    'historyKeys',
    'description',
    'codeSaved',
    'commit',
    'totalTokens',
    'username',
    'config',
  ])('is not one with the name %s', (name) => {
    expect(guarded({ query: `{ a { b: ${name} } }` }).edit).toBeUndefined();
  });
});

describe('With a credential field go', () => {
  test('the fragments that it alone used, and the fragments of these', () => {
    const query = `query { viewer { ...U } }
      fragment U on User { id apiKeys { edges { node { ...K } } } }
      fragment K on ApiKey { name ...L }
      fragment L on ApiKey { id user { ...M } }
      fragment M on User { email }`;
    expect(forwarded(query)).toBe(
      formatted('query { viewer { ...U } } fragment U on User { id apiKeys: __typename }'),
    );
  });

  test('the variables that it alone used, and their values', () => {
    const query = `query Q($first: Int, $with: Boolean!, $id: ID = 1, $unused: Int) {
      viewer { apiKeys(first: $first, with: [{ id: $id }]) @include(if: $with) { a(id: $id) } }
    }`;
    const variables = { first: 1, with: true, id: 'x', unused: 2, undeclared: 3 };
    expect(forwardedBody(guarded({ query, variables }))).toEqual({
      query: 'query Q($with: Boolean!, $unused: Int) { viewer { apiKeys: __typename @include(if: $with) } }',
      variables: { with: true, unused: 2 },
    });
  });

  test('no fragments or variables that another field uses', () => {
    const query = `query ($n: Int) { viewer { apiKeys(n: $n) { user { ...U } } runs(n: $n) { user { ...U } } } }
      fragment U on User { id }`;
    expect(forwarded(query)).toBe(
      formatted(
        `query ($n: Int) { viewer { apiKeys: __typename runs(n: $n) { user { ...U } } } } fragment U on User { id }`,
      ),
    );
  });
});

describe('What goes upstream', () => {
  test('has query, variables and operationName alone', () => {
    const body = {
      query: '{ viewer { id } }',
      Query: 'mutation { x }',
      extensions: { persistedQuery: {} },
      operationName: '',
    };
    expect(JSON.parse(guarded(body).body)).toEqual({ query: 'query { viewer { id } }', variables: {} });
  });

  test('has the selected operation alone, with the fragments that it uses', () => {
    const query = `query A { viewer { ...F } } mutation B { stopRun(input: { id: 1 }) { ...G } }
      fragment F on User { id } fragment G on StopRunPayload { success }`;
    const operation = guarded({ query, operationName: 'A' });
    expect(forwardedBody(operation)).toEqual({
      query: 'query A { viewer { ...F } }\nfragment F on User { id }',
      variables: {},
      operationName: 'A',
    });
    expect(operation.isMutation).toBe(false);
    expect(guarded({ query, operationName: 'B' }).isMutation).toBe(true);
  });

  test('reads in one way only: without comments, a byte order mark, block strings and escape sequences', () => {
    const query =
      `\ufeff# mutation { generateApiKey }\n"""note""" query { entity(name: """\n    acme\n  """) { a(b: "\\u0061\\u{1F600}\\"\\n", c: ENUM, d: [1.5e3, null, true, {e: $x}]) { id } } }`.replace(
        'query {',
        'query ($x: [Int!]! = [1]) {',
      );
    expect(forwardedBody(guarded({ query })).query).toBe(
      'query($x: [Int!]! = [1]) { entity(name: "acme") { a(b: "a😀\\"\\n", c: ENUM, d: [1.5e3, null, true, {e: $x}]) { id } } }',
    );
  });

  test('keeps variables with unusual names as they are', () => {
    const query =
      'query ($__proto__: JSON, $constructor: JSON, $toString: JSON) { a(b: $__proto__, c: $constructor, d: $toString) }';
    const variables = JSON.parse('{ "__proto__": { "__proto__": 1 }, "constructor": [] }');
    expect(guarded({ query, variables }).body).toContain(
      '"variables":{"__proto__":{"__proto__":1},"constructor":[]}',
    );
  });
});

describe('In the answer', () => {
  const query = `query ($with: Boolean!) {
    me: viewer { id k: apiKeys { edges { node { name } } } ...F }
    team: entity(name: "a") { members { name apiKey } list: secrets { name } skipped: secrets @include(if: $with) { name } }
  }
  fragment F on User { own: apiKey teams { edges { node { accessTokens { token } } } } }`;
  const operation = guarded({ query, variables: { with: false } });

  test('masked fields are null, and the rest is unchanged', () => {
    const answer = {
      data: {
        me: {
          id: 'x',
          k: 'User',
          own: 'User',
          teams: { edges: [{ node: { accessTokens: 'Entity' } }, { node: null }, null] },
        },
        team: { members: [{ name: 'ada', apiKey: 'Member' }], list: 'Entity' },
      },
      errors: [{ message: 'x', path: ['team', 'list'] }],
      extensions: { k: 'kept' },
    };
    expect(editedAnswer(operation, answer)).toEqual({
      data: {
        me: {
          id: 'x',
          k: null,
          own: null,
          teams: { edges: [{ node: { accessTokens: null } }, { node: null }, null] },
        },
        team: { members: [{ name: 'ada', apiKey: null }], list: null },
      },
      errors: [{ message: 'x', path: ['team', 'list'] }],
      extensions: { k: 'kept' },
    });
    expect(operation.edit?.maskedFields).toBe(6);
  });

  test('a key that a credential shares with another field is null', () => {
    const shared = guarded({
      query: '{ viewer { x: apiKey ... on User { x: id } y: teams { x } y: apiKeys } }',
    });
    expect(editedAnswer(shared, { data: { viewer: { x: 'the-key', y: { x: 'the-key' } } } })).toEqual({
      data: { viewer: { x: null, y: null } },
    });
  });

  test.each<[answer: unknown]>([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ data: null }],
    [{ data: [] }],
    [{ data: { me: 'text', team: [[{ members: { apiKey: null } }]] } }],
  ])('an unexpected shape is left alone: %j', (answer) => {
    expect(editedAnswer(operation, answer)).toEqual(answer);
  });

  test('masked fields are null in lists and objects where one was expected', () => {
    const odd = {
      data: [{ me: [[{ k: { deep: 'the-key' } }]], team: { members: { apiKey: ['the-key'] } } }],
    };
    expect(JSON.stringify(editedAnswer(operation, odd))).not.toContain('the-key');
  });

  test('lists may be nested without end', () => {
    let list: unknown = { k: 'the-key' };
    for (let level = 0; level < 100_000; level += 1) list = [list];
    expect(() => operation.edit?.apply({ data: { me: list } }, (url) => url)).not.toThrow();
  });
});
