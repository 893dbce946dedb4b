import { METHODS } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORM, send } from '../send-request.ts';
import { DESIRED, withoutTeam } from '../store/contract/world.ts';
import { addKey, basic, openCredentialWorld, revoke, serve } from '../world/credential-world.ts';
import { speak } from './api-edge.ts';

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

describe('A gateway that asks about a request', () => {
  test('is told in headers alone whose it is', async () => {
    const { world, ask, key, account } = await setUp();

    const answer = await ask();

    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers).toMatchObject({
      'x-keysmith-account': account.name,
      'x-keysmith-account-id': account.id,
      'x-keysmith-team': 'ml-platform',
      'x-keysmith-scope': 'team',
      'cache-control': 'no-store',
      'content-length': '0',
    });
    expect(world.log.text()).not.toContain(key.slice(-40));
  });

  test('may send the key or a token in any way that workloads do', async () => {
    const { world, ask, key, account } = await setUp();
    const token = (await world.ports.accessTokens.issue(account)).token.reveal();
    const good = [
      basic('api', key),
      basic('', key),
      basic('user:with', '').replace(/ .*/, ` ${Buffer.from(`someone:${key}`).toString('base64')}`),
      `bAsIc  ${Buffer.from(`api:${key}`).toString('base64')}`,
      `Bearer ${key}`,
      `BEARER ${token}`,
      basic('api', token),
    ];
    for (const authorization of good) {
      expect((await ask('/forward-auth', { authorization })).status, authorization.slice(0, 8)).toBe(200);
    }
  });

  test('is told 401 without an error code where nothing was sent', async () => {
    const { world, ask } = await setUp();

    const answer = await ask('/forward-auth', {});

    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="keysmith", Basic realm="keysmith"' },
    });
    expect(JSON.parse(answer.body).error).toBe('missing_credential');
    expect(world.counted).toEqual([]);
  });

  test('is told one and the same 401 for whatever is not good', async () => {
    const { world, ask, key, account } = await setUp();
    const ended = await addKey(world, { createdAtMs: world.clock.nowMs - 91 * 24 * 3_600_000 });
    await revoke(world, account.id);
    const bad: string[] = [
      basic('api', key),
      basic('api', ended.key),
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
    const answers = new Set<string>();
    for (const authorization of bad) {
      const { status, headers, body } = await ask('/forward-auth', { authorization });
      answers.add(JSON.stringify([status, headers['www-authenticate'], body]));
    }

    expect([...answers]).toEqual([expect.stringContaining('invalid_token')]);
    expect([...answers][0]).toContain(JSON.stringify(CHALLENGE));
    const reasons = world.log.lines.filter(({ msg }) => msg === 'credential refused');
    expect(reasons).toHaveLength(bad.length);
    expect(reasons.slice(0, 3).map(({ reason }) => reason)).toEqual([
      'account_revoked',
      'key_expired',
      'malformed',
    ]);
    for (const secret of [key, ended.key]) expect(world.log.text()).not.toContain(secret.slice(-40, -6));
  });

  test('is refused two credentials, whichever comes first', async () => {
    const { ask, key } = await setUp();
    const good = basic('api', key);

    for (const authorization of [
      [good, good],
      [good, 'Bearer x'],
      ['Bearer x', good],
    ]) {
      expect((await ask('/forward-auth', { authorization })).status).toBe(401);
    }
  });

  test('is told 431 for a key of a million characters, and 503 while the database is away', async () => {
    const { world, url, ask } = await setUp();

    const million = `GET /forward-auth HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'k'.repeat(1_000_000)}`;
    expect(await speak(url, `${million}\r\n\r\n`)).toMatch(/^(HTTP\/1\.1 431 |$)/);
    world.client.close();
    const answer = await ask();
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(answer.body).error).toBe('temporarily_unavailable');
  });
});

describe('A team that is demanded', () => {
  test('is the account’s own, else 403', async () => {
    const { ask } = await setUp();

    expect((await ask('/forward-auth?team=ml-platform')).status).toBe(200);
    const other = await ask('/forward-auth?team=vision');
    expect(other.status).toBe(403);
    expect(JSON.parse(other.body).error).toBe('insufficient_scope');
    expect((await ask('/forward-auth?team=nobody')).body).toBe(other.body);
    expect(other.headers['x-keysmith-account']).toBeUndefined();
  });

  test('is any active one for an account of organization scope', async () => {
    const { world, ask } = await setUp();
    const { key } = await addKey(world, { scope: 'organization' });
    const headers = { authorization: basic('api', key) };

    expect((await ask('/forward-auth?team=vision', headers)).headers).toMatchObject({
      'x-keysmith-team': 'ml-platform',
      'x-keysmith-scope': 'organization',
    });
    expect((await ask('/forward-auth?team=nobody', headers)).status).toBe(403);
    await world.store.applyOrganization(world.organizationId, withoutTeam('vision'), world.clock.nowMs);
    expect((await ask('/forward-auth?team=vision', headers)).status).toBe(403);
    await world.store.applyOrganization(world.organizationId, DESIRED, world.clock.nowMs);
    expect((await ask('/forward-auth?team=vision', headers)).status).toBe(200);
  });

  test('is one that can exist, else a 400, before the credential is looked at', async () => {
    const { world, ask } = await setUp();
    const bad = [
      'team=a&team=a',
      'team=',
      'team=ML-Platform',
      'team=a%0d%0aX-A:%201',
      `team=${'a'.repeat(65)}`,
    ];
    for (const query of bad) {
      const { status, body } = await ask(`/forward-auth?${query}`);
      expect([query, status, JSON.parse(body).error]).toEqual([query, 400, 'invalid_request']);
    }
    expect(world.counted).toEqual([]);
  });

  test('never is no demand because it is misspelt, or its path is', async () => {
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

  test('by a header is the gateway’s word, where path and query are its client’s', async () => {
    const { ask, key } = await setUp();
    const authorization = basic('api', key);
    const demand = (team: string | string[]) => ({ authorization, 'x-keysmith-require-team': team });

    expect((await ask('/ext-authz/graphql?team=vision&team=a')).status).toBe(200);
    expect((await ask('/ext-authz/graphql?team=ml-platform', demand('vision'))).status).toBe(403);
    expect((await ask('/ext-authz/', demand('ml-platform'))).status).toBe(200);
    expect((await ask('/ext-authz/', demand(['ml-platform', 'ml-platform']))).status).toBe(400);
    expect((await ask('/ext-authz/', demand('ml-platform, vision'))).status).toBe(400);
    expect((await ask('/forward-auth?team=ml-platform', demand('vision'))).status).toBe(403);
  });
});

test('Every method and path of a gateway’s client is answered, and no body is read', async () => {
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
    const answer = await send(`${url}/ext-authz/x`, { headers, body: '{' });
    // What is not read must not be taken for the next request.
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
  }
});

test('A name that is no name adds no header to an answer', async () => {
  const { world, ask } = await setUp();
  const { key } = await addKey(world, { name: 'nightly\r\nX-Keysmith-Scope: organization' });

  const { status, headers, body } = await ask('/forward-auth', { authorization: basic('api', key) });

  expect(status).toBe(500);
  expect(headers['x-keysmith-scope']).toBeUndefined();
  expect(body).not.toContain('nightly');
});

describe('Too many failures of one address', () => {
  test('are told 429 and when to come again, and never stand in the way of a good credential', async () => {
    const { world, ask, key } = await setUp({ perMinute: 3 });
    const bad = { authorization: 'Bearer nonsense' };
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask('/forward-auth', bad)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);

    const limited = await ask('/forward-auth', bad);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(JSON.parse(limited.body).error).toBe('too_many_failures');
    expect((await ask()).status).toBe(200);
    expect((await ask('/forward-auth', { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await ask('/forward-auth', {})).status).toBe(401);
    const told = world.log.lines.filter(({ msg, level }) => msg === 'credential refused' && level === 30);
    expect(told).toHaveLength(3);
  });

  test('are those of the address that a trusted proxy forwards', async () => {
    const { ask } = await setUp({ perMinute: 1, trustedProxies: ['127.0.0.1'] });
    const as = async (address: string) =>
      (await ask('/forward-auth', { authorization: 'Bearer x', 'x-forwarded-for': address })).status;

    expect([await as('203.0.113.1'), await as('203.0.113.1'), await as('203.0.113.2')]).toEqual([
      401, 429, 401,
    ]);
    // What is no address counts for the proxy that sent it.
    expect([await as('<script>'), await as('unknown')]).toEqual([401, 429]);
  });
});

test('Whatever stands in Authorization, the answer is a 401', async () => {
  const { world, ask } = await setUp();
  const scheme = fc.constantFrom('', 'Basic ', 'Bearer ', 'basic', 'Negotiate ');
  const text = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.base64String(),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  world.asked.length = 0;
  await fc.assert(
    fc.asyncProperty(scheme, text, async (start, rest) => {
      // What no client can send as a header.
      const authorization = `${start}${rest}`.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
      expect((await ask('/forward-auth', { authorization })).status).toBe(401);
    }),
    { numRuns: 80 },
  );
  expect(world.asked).toEqual([]);
});
