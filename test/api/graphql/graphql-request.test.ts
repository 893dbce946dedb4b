import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { ask, post, sharedGraphql, startGraphql } from './graphql-server.ts';

const shared = sharedGraphql();

const OWN_NAME = { viewer: { name: 'nightly-eval' } };

describe('A GraphQL query', () => {
  it.each([
    [
      'aliases',
      '{ viewer { a: name b: name c: entity } }',
      { a: 'nightly-eval', b: 'nightly-eval', c: 'ml-platform' },
    ],
    [
      'inline fragments',
      '{ viewer { ... on User { name } ... { entity } } }',
      { name: 'nightly-eval', entity: 'ml-platform' },
    ],
    [
      'fragments',
      '{ ...Q } fragment Q on Query { viewer { ...U } } fragment U on User { name }',
      { name: 'nightly-eval' },
    ],
    [
      '@skip and @include',
      '{ viewer { name @include(if: true) entity @skip(if: true) } }',
      { name: 'nightly-eval' },
    ],
    ['__typename', '{ viewer { __typename } }', { __typename: 'User' }],
    ['comments and a byte order mark', '\uFEFF# me\n{ viewer { name } }', { name: 'nightly-eval' }],
  ])('may use %s', async (_what, query, viewer) => {
    const server = shared();
    const { status, json } = await ask(server, server.nightly, { query });
    expect([status, json]).toEqual([200, { data: { viewer } }]);
  });

  it.each([
    ['an empty operation name', { operationName: '' }],
    ['null as operation name and variables', { operationName: null, variables: null }],
    ['neither operation name nor variables', {}],
    ['the name of its only operation', { operationName: 'Me', variables: {} }],
    ['unknown variables and extensions', { variables: { other: [1] }, extensions: { persistedQuery: 1 } }],
  ])('is executed with %s', async (_what, rest) => {
    const server = shared();
    const { json } = await ask(server, server.nightly, { query: 'query Me { viewer { name } }', ...rest });
    expect(json).toEqual({ data: OWN_NAME });
  });

  it('with several operations executes the named one, and requires a name', async () => {
    const server = shared();
    const query = 'query A { serverInfo { __typename } } query B { viewer { name } }';
    const named = await ask(server, server.nightly, { query, operationName: 'B' });
    expect(named.json).toEqual({ data: OWN_NAME });
    for (const operationName of ['', 'C', undefined]) {
      const { status, json } = await ask(server, server.nightly, { query, operationName });
      expect([status, json]).toEqual([400, { errors: [{ message: expect.stringMatching(/operation/) }] }]);
    }
  });

  it.each([
    ['is a list instead of a string', { name: ['ml-platform'] }],
    ['is missing', {}],
    ['is null', { name: null }],
    ['is an object', { name: { toString: 'x' } }],
  ])('is refused if a variable %s', async (_what, variables) => {
    const server = shared();
    const query = 'query ($name: String!) { entity(name: $name) { id } }';
    const { status, json } = await ask(server, server.nightly, { query, variables });
    expect([status, json.data]).toEqual([400, undefined]);
    expect(json.errors?.[0]?.message).toMatch(/\$name/);
  });

  it.each([
    ['', /Syntax Error/],
    ['{', /Syntax Error/],
    ['{ viewer { name } } \0', /Syntax Error/],
    ['{ viewer }', /must have a selection/],
    ['{ viewer { password } }', /Cannot query field "password" on type "User"\.$/],
    ['{ viewers { name } }', /Cannot query field "viewers" on type "Query"\.$/],
    ['{ toString }', /Cannot query field/],
    ['mutation { upsertBucket(input: {}) { bucket { id } } }', /Cannot query field "upsertBucket"/],
    ['subscription { viewer { id } }', /subscription/],
    ['fragment F on User { id }', /./],
    ['type Query { viewer: String }', /not executable/],
    ['query ($a: Nothing) { entity(name: $a) { id } }', /Unknown type/],
    ['{ viewer { ...Nothing } }', /Unknown fragment/],
  ])('is refused with 400, which is final for every SDK: %j', async (query, message) => {
    const server = shared();
    const { status, json } = await ask(server, server.nightly, { query });
    expect([status, json.data]).toEqual([400, undefined]);
    expect(json.errors?.[0]?.message).toMatch(message);
  });

  it('gets an error for each of several mutations', async () => {
    const server = shared();
    const { status, json } = await ask(server, server.nightly, {
      query: `mutation ($input: CreateClientInput!) {
        a: createClient(input: $input) { clientId } b: createInvite(input: { entityName: "t" }) { invite { id } }
      }`,
      variables: { input: { entityName: 't', providerId: '1', subject: 's' } },
    });
    expect([status, json.data]).toEqual([200, { a: null, b: null }]);
    expect(json.errors?.map(({ path, extensions }) => [path, extensions])).toEqual([
      [['a'], { code: 'FORBIDDEN' }],
      [['b'], { code: 'FORBIDDEN' }],
    ]);
  });
});

describe('A request to /graphql', () => {
  it.each([
    ['an array of requests', '[{"query":"{ viewer { id } }"}]', 400],
    ['a string instead of an object', '"{ viewer { id } }"', 400],
    ['null', 'null', 400],
    ['an empty body', '', 400],
    ['broken JSON', '{"query":', 400],
    ['no query', '{}', 400],
    ['a query that is a number', '{"query":1}', 400],
    ['variables that are text', '{"query":"{ viewer { id } }","variables":"{}"}', 400],
    ['an operation name that is a number', '{"query":"{ viewer { id } }","operationName":1}', 400],
    ['JSON that sets __proto__', '{"query":"{ viewer { id } }","__proto__":{"x":1}}', 400],
    ['bytes that are not UTF-8', Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]), 400],
    [
      'variables of a megabyte',
      JSON.stringify({ query: '{ viewer { id } }', variables: { a: 'x'.repeat(1e6) } }),
      413,
    ],
  ])('is refused if its body is %s', async (_what, body, expected) => {
    const server = shared();
    const { status, json } = await post(server.url, server.nightly, body);
    expect([status, json.errors]).toEqual([expected, [{ message: expect.stringMatching(/\w/) }]]);
  });

  it.each(['text/plain', 'application/graphql', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'is refused if its content type is %s',
    async (contentType) => {
      const server = shared();
      const body = JSON.stringify({ query: '{ viewer { id } }' });
      const { status, json } = await post(server.url, server.nightly, body, contentType);
      expect([status, json.errors]).toEqual([415, [{ message: expect.any(String) }]]);
    },
  );

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('gets a 405 if its method is %s', async (method) => {
    const { url, nightly } = shared();
    const headers = { authorization: `Bearer ${nightly.id}` };
    const response = await fetch(`${url}/graphql?query={viewer{id}}`, { method, headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    const body = await response.json();
    expect(body).toMatchObject({ errors: [{ message: 'Use POST.' }], code: 'method_not_allowed' });
    expect(shownBySdk(body)).toEqual(['Use POST.']);
  });

  it('is authenticated before its body is parsed', async () => {
    const { url } = shared();
    const response = await fetch(`${url}/graphql`, { method: 'POST', body: '{' });
    expect(response.status).toBe(401);
    const body = await response.json();
    expect(body).toMatchObject({ code: expect.stringMatching(/^(invalid_token|missing_credential)$/) });
    expect(shownBySdk(body)).toEqual([expect.stringMatching(/API key or access token/)]);
  });

  it('gets a response that no cache may store', async () => {
    const server = shared();
    const { headers } = await ask(server, server.nightly, { query: '{ viewer { id } }' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });
});

/** Returns the texts that SDK 0.26.1 shows (`wandb/util.py`, `parse_backend_error_messages`); wandb-core reads the same. */
function shownBySdk(body: { error?: unknown; errors?: unknown }): unknown[] {
  const messageOf = (error: unknown) =>
    typeof error === 'string' ? error : (error as { message?: unknown } | null)?.message;
  if (body.error) return [messageOf(body.error)];
  return Array.isArray(body.errors) ? body.errors.map(messageOf) : [];
}

describe('A failure behind /graphql', () => {
  it('is a 503 that asks to try again if the database is unavailable', async () => {
    const server = await startGraphql((store) => ({
      ...store,
      findTeam: async () => {
        throw new StoreUnavailableError('locked', { cause: new Error('SQLITE_BUSY') });
      },
    }));
    onTestFinished(server.close);
    const { status, headers, json } = await ask(server, server.nightly, { query: '{ entity { id } }' });
    expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(json.errors).toEqual([{ message: expect.stringMatching(/Try again/) }]);
    expect(JSON.stringify(json)).not.toMatch(/SQLITE/);
  });

  it('is a 500 that shows only the reference of its log line if it is unexpected', async () => {
    const server = await startGraphql((store) => ({
      ...store,
      findTeam: async () => {
        throw new Error('SELECT secret_hash FROM api_keys');
      },
    }));
    onTestFinished(server.close);
    const { status, json } = await ask(server, server.nightly, { query: '{ entity { id } }' });
    expect([status, json.data]).toEqual([500, undefined]);
    expect(JSON.stringify(json)).not.toMatch(/SELECT/);
    expect(server.log.lines).toContainEqual(
      expect.objectContaining({ level: 50, requestId: json.reference, err: expect.anything() }),
    );
  });
});
