import { METHODS } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORM, send } from '../../send-request.ts';
import { DESIRED, withoutTeam } from '../../store/contract/world.ts';
import { addKey, basic, openCredentialWorld, revoke, serve } from '../../world/credential-world.ts';
import { sendBytes } from '../test-server.ts';

const CHALLENGE = 'Bearer realm="keysmith", error="invalid_token", Basic realm="keysmith"';

async function setUp(options?: Parameters<typeof serve>[1]) {
  const world = await openCredentialWorld();
  const added = await addKey(world);
  const url = await serve(world, options);
  const ask = (
    path = '/forward-auth',
    headers: Record<string, string | string[]> = { authorization: basic('api', added.key) },
    method = 'GET',
  ) => send(`${url}${path}`, { method, headers });
  return { world, url, ask, ...added };
}

describe('A gateway that authorizes a request', () => {
  test('gets the account and team in response headers, without a body', async () => {
    const { world, ask, key, account } = await setUp();

    const response = await ask();

    expect(response).toMatchObject({ status: 200, body: '' });
    expect(response.headers).toMatchObject({
      'x-keysmith-account': account.name,
      'x-keysmith-account-id': account.id,
      'x-keysmith-team': 'ml-platform',
      'x-keysmith-scope': 'team',
      'cache-control': 'no-store',
      'content-length': '0',
    });
    expect(world.log.text()).not.toContain(key.slice(-40));
  });

  test('may send the key or an access token in every form that workloads use', async () => {
    const { world, ask, key, account } = await setUp();
    const token = (await world.ports.accessTokens.issue(account)).token.reveal();
    const accepted = [
      basic('api', key),
      basic('', key),
      basic('user:with', '').replace(/ .*/, ` ${Buffer.from(`someone:${key}`).toString('base64')}`),
      `bAsIc  ${Buffer.from(`api:${key}`).toString('base64')}`,
      `Bearer ${key}`,
      `BEARER ${token}`,
      basic('api', token),
    ];
    for (const authorization of accepted) {
      expect((await ask('/forward-auth', { authorization })).status, authorization.slice(0, 8)).toBe(200);
    }
  });

  test('gets a 401 without an error code in the challenge if it sends no credential', async () => {
    const { world, ask } = await setUp();

    const response = await ask('/forward-auth', {});

    expect(response).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="keysmith", Basic realm="keysmith"' },
    });
    expect(JSON.parse(response.body).error).toBe('missing_credential');
    expect(world.counted).toEqual([]);
  });

  test('gets the same 401 for every invalid credential, with a reference that finds the reason in the log', async () => {
    const { world, ask, key, account } = await setUp();
    const expired = await addKey(world, { createdAtMs: world.clock.nowMs - 91 * 24 * 3_600_000 });
    await revoke(world, account.id);
    const bad: string[] = [
      basic('api', key),
      basic('api', expired.key),
      basic('api', `${key.slice(0, -1)}_`),
      basic('api', ''),
      'Basic',
      'Basic !!!!',
      `Basic ${Buffer.from('no colon').toString('base64')}`,
      `Basic ${Buffer.from(`api:${key}\n`).toString('base64')}`,
      `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
      'Bearer',
      'Bearer a b',
      'Bearer \u00e9\u00ff',
      `Bearer ${'x'.repeat(12_000)}`,
      'Digest username="a"',
      `Token ${key}`,
      key,
      '',
    ];
    const responses = new Set<string>();
    const references: string[] = [];
    for (const authorization of bad) {
      const { status, headers, body } = await ask('/forward-auth', { authorization });
      const { reference } = JSON.parse(body);
      references.push(reference);
      responses.add(
        JSON.stringify([status, headers['www-authenticate'], body.replaceAll(reference, 'ks_…')]),
      );
    }

    expect([...responses]).toEqual([expect.stringContaining('invalid_token')]);
    expect([...responses][0]).toContain('See the Keysmith log (reference ks_…).');
    expect([...responses][0]).toContain(JSON.stringify(CHALLENGE));
    const reasons = world.log.lines.filter(({ msg }) => msg === 'credential rejected');
    expect(reasons.map(({ requestId }) => requestId)).toEqual(references);
    expect(reasons).toHaveLength(bad.length);
    expect(reasons.slice(0, 3).map(({ reason }) => reason)).toEqual([
      'account_revoked',
      'key_expired',
      'malformed',
    ]);
    for (const secret of [key, expired.key]) expect(world.log.text()).not.toContain(secret.slice(-40, -6));
  });

  test('is refused if it sends two credentials, in either order', async () => {
    const { ask, key } = await setUp();
    const valid = basic('api', key);

    for (const authorization of [
      [valid, valid],
      [valid, 'Bearer x'],
      ['Bearer x', valid],
    ]) {
      expect((await ask('/forward-auth', { authorization })).status).toBe(401);
    }
  });

  test('gets a 431 for a key of a million characters, and a 503 while the database is unavailable', async () => {
    const { world, url, ask } = await setUp();

    const million = `GET /forward-auth HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'k'.repeat(1_000_000)}`;
    expect(await sendBytes(url, `${million}\r\n\r\n`)).toMatch(/^(HTTP\/1\.1 431 |$)/);
    world.client.close();
    const response = await ask();
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(response.body).error).toBe('temporarily_unavailable');
  });
});

describe('A required team', () => {
  test('must be the account’s own, else the response is a 403', async () => {
    const { ask } = await setUp();

    expect((await ask('/forward-auth?team=ml-platform')).status).toBe(200);
    const other = await ask('/forward-auth?team=vision');
    expect(other.status).toBe(403);
    expect(JSON.parse(other.body)).toEqual({
      error: 'insufficient_scope',
      error_description: "This service account doesn't have access to the required team.",
    });
    // RFC 6750, section 3.1.
    expect(other.headers['www-authenticate']).toBe('Bearer realm="keysmith", error="insufficient_scope"');
    expect((await ask('/forward-auth?team=nobody')).body).toBe(other.body);
    expect(other.headers['x-keysmith-account']).toBeUndefined();
  });

  test('may be any active team for an account of organization scope', async () => {
    const { world, ask } = await setUp();
    const { key } = await addKey(world, { scope: 'organization' });
    const headers = { authorization: basic('api', key) };

    expect((await ask('/forward-auth?team=vision', headers)).headers).toMatchObject({
      'x-keysmith-team': 'ml-platform',
      'x-keysmith-scope': 'organization',
    });
    expect((await ask('/forward-auth?team=nobody', headers)).status).toBe(403);
    await world.store.applyOrganization(withoutTeam('vision'), world.clock.nowMs);
    expect((await ask('/forward-auth?team=vision', headers)).status).toBe(403);
    await world.store.applyOrganization(DESIRED, world.clock.nowMs);
    expect((await ask('/forward-auth?team=vision', headers)).status).toBe(200);
  });

  test.each([
    ['ML-Platform', 'ML-Platform'],
    ['my team', 'my team'],
    ['équipe', '%C3%A9quipe'],
    ['チーム 100%', '%E3%83%81%E3%83%BC%E3%83%A0 100%25'],
  ])('is compared exactly, and percent-encoded in headers: %s', async (name, inHeader) => {
    const { world, ask } = await setUp();
    const teams = [...DESIRED.teams, { name, subjects: [], members: [], projects: [] }];
    await world.store.applyOrganization({ ...DESIRED, teams }, world.clock.nowMs);
    const team = await world.store.findTeam(name);
    const { key } = await addKey(world, { team: { id: team?.id ?? '', name, subjects: [] } });
    const authorization = basic('api', key);

    for (const written of [name, name.normalize('NFD')]) {
      const response = await ask(`/forward-auth?team=${encodeURIComponent(written)}`, { authorization });
      expect(response).toMatchObject({ status: 200, headers: { 'x-keysmith-team': inHeader } });
    }
    const required = (team: string) => ({ authorization, 'x-keysmith-require-team': team });
    expect((await ask('/ext-authz/', required(inHeader))).status).toBe(200);
    expect(
      (
        await ask(
          '/ext-authz/',
          required(
            name
              .toUpperCase()
              .replace('É', '%C3%89')
              .replace(/[^ -~]/g, 'x'),
          ),
        )
      ).status,
    ).not.toBe(200);
  });

  test('may come in UTF-8 bytes in the header, as some gateways send it', async () => {
    const { world, url } = await setUp();
    const teams = [...DESIRED.teams, { name: 'équipe', subjects: [], members: [], projects: [] }];
    await world.store.applyOrganization({ ...DESIRED, teams }, world.clock.nowMs);
    const team = await world.store.findTeam('équipe');
    const { key } = await addKey(world, { team: { id: team?.id ?? '', name: 'équipe', subjects: [] } });
    const bytes = Buffer.from(
      `GET /ext-authz/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${basic('api', key)}\r\nX-Keysmith-Require-Team: équipe\r\n\r\n`,
    );

    expect(await sendBytes(url, bytes)).toMatch(/^HTTP\/1.1 200 /);
  });

  test('must be a possible team name, else the response is a 400 before the credential is verified', async () => {
    const { world, ask } = await setUp();
    const bad = [
      'team=a&team=a',
      'team=',
      'team=%20ml-platform',
      'team=ml/platform',
      'team=a%0d%0aX-A:%201',
      `team=${'a'.repeat(129)}`,
    ];
    for (const query of bad) {
      const { status, body } = await ask(`/forward-auth?${query}`);
      expect([query, status, JSON.parse(body)]).toEqual([
        query,
        400,
        {
          error: 'invalid_request',
          error_description: 'Specify exactly one team, by its exact name in W&B.',
        },
      ]);
    }
    expect(world.counted).toEqual([]);
  });

  test('is never ignored because the parameter or the path is misspelled', async () => {
    const { ask } = await setUp();
    for (const query of [
      'Team=vision',
      'teams=vision',
      'team[]=vision',
      'a=1;team=vision',
      'team=ml-platform&x=',
    ]) {
      expect([query, (await ask(`/forward-auth?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await ask('/forward-auth/?team=vision')).status).toBe(404);
    expect((await ask('/forward-auth/graphql?team=vision')).status).toBe(404);
  });

  test('of Envoy comes from the header only, as its client chooses path and query', async () => {
    const { ask, key } = await setUp();
    const authorization = basic('api', key);
    const requiring = (team: string | string[]) => ({ authorization, 'x-keysmith-require-team': team });

    expect((await ask('/ext-authz/graphql?team=vision&team=a')).status).toBe(200);
    expect((await ask('/ext-authz/graphql?team=ml-platform', requiring('vision'))).status).toBe(403);
    expect((await ask('/ext-authz/', requiring('ml-platform'))).status).toBe(200);
    expect((await ask('/ext-authz/', requiring(['ml-platform', 'ml-platform']))).status).toBe(400);
    expect((await ask('/ext-authz/', requiring('ml-platform, vision'))).status).toBe(400);
    expect((await ask('/forward-auth?team=ml-platform', requiring('vision'))).status).toBe(403);
  });
});

test('A gateway may forward every method and path of its client, and no body is read', async () => {
  const { url, ask, key } = await setUp();
  const authorization = basic('api', key);
  for (const method of METHODS) {
    if (method === 'CONNECT') continue;
    const { status } = await ask('/ext-authz/a//b;c/%20?x=%zz', { authorization }, method);
    expect(status, method).toBe(200);
  }
  expect((await ask(`/ext-authz/${'long/'.repeat(2_000)}${'x'.repeat(2_000)}`)).status).toBe(200);
  for (const type of ['application/xml', 'application/json', FORM]) {
    const headers = { authorization, 'content-type': type };
    const response = await send(`${url}/ext-authz/x`, { headers, body: '{' });
    // An unread body must not be taken for the next request.
    expect([response.status, response.headers.connection]).toEqual([200, 'close']);
  }
});

test('An account name with a line break adds no header to the response', async () => {
  const { world, ask } = await setUp();
  const { key } = await addKey(world, { name: 'nightly\r\nX-Keysmith-Scope: organization' });

  const { status, headers, body } = await ask('/forward-auth', { authorization: basic('api', key) });

  expect(status).toBe(500);
  expect(headers['x-keysmith-scope']).toBeUndefined();
  expect(body).not.toContain('nightly');
});

test('An arbitrary Authorization header gets a 401 without a database lookup', async () => {
  const { world, ask } = await setUp();
  const scheme = fc.constantFrom('', 'Basic ', 'Bearer ', 'basic', 'Negotiate ');
  const text = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.base64String(),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  world.storeCalls.length = 0;
  await fc.assert(
    fc.asyncProperty(scheme, text, async (start, rest) => {
      // Removes the characters that a client can't send in a header.
      const authorization = `${start}${rest}`.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
      expect((await ask('/forward-auth', { authorization })).status).toBe(401);
    }),
    { numRuns: 80 },
  );
  expect(world.storeCalls).toEqual([]);
});
