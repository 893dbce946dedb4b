import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { FORM, send } from '../../send-request.ts';
import { DAY_MS } from '../../store/contract/world.ts';
import {
  addKey,
  basic,
  INTROSPECTION_CLIENT,
  openCredentialWorld,
  PUBLIC_URL,
  revoke,
  serve,
} from '../../world/credential-world.ts';

const encoded = basic(INTROSPECTION_CLIENT.id, encodeURIComponent(INTROSPECTION_CLIENT.secret));

async function setUp(options?: Parameters<typeof serve>[1]) {
  const world = await openCredentialWorld();
  const added = await addKey(world);
  const url = `${await serve(world, options)}/oauth/introspect`;
  const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    send(url, { headers: { authorization: encoded, 'content-type': FORM, ...headers }, body });
  const introspect = async (token: string) => {
    const { status, body } = await post(new URLSearchParams({ token }).toString());
    return { status, ...JSON.parse(body) };
  };
  return { world, url, post, introspect, ...added };
}

describe('Introspection', () => {
  test('of a key returns its account, its team and its expiry', async () => {
    const { introspect, key, keyId, account } = await setUp();

    expect(await introspect(key)).toEqual({
      status: 200,
      active: true,
      scope: 'team',
      client_id: account.id,
      username: account.name,
      token_type: 'Bearer',
      exp: (account.createdAtMs + 90 * DAY_MS) / 1000,
      iat: account.createdAtMs / 1000,
      sub: account.id,
      team: 'ml-platform',
      key_id: keyId,
    });
  });

  test('of a key that never expires returns no expiry, however late', async () => {
    const { world, introspect } = await setUp();
    const { key, keyId } = await addKey(world, { neverExpires: true });
    world.clock.nowMs += 100 * 365 * DAY_MS;

    const response = await introspect(key);

    expect(response).toMatchObject({ active: true, key_id: keyId });
    expect(response).not.toHaveProperty('exp');
  });

  test('of an access token returns the same, with the ID, issuer and audience of the token', async () => {
    const { world, introspect, account } = await setUp();
    const { token } = await world.ports.accessTokens.issue(account);

    const { key_id, ...response } = await introspect(token.reveal());

    expect(key_id).toBeUndefined();
    expect(response).toMatchObject({
      active: true,
      scope: 'team',
      username: account.name,
      token_type: 'Bearer',
      sub: account.id,
      iss: PUBLIC_URL,
      aud: PUBLIC_URL,
      jti: expect.stringMatching(/^at_/),
    });
    expect(response.exp - response.iat).toBe(3600);
  });

  test('of an invalid token returns only that it is not active', async () => {
    const { world, introspect, key, account } = await setUp();
    await revoke(world, account.id);

    for (const token of [key, `${key}x`, 'nonsense', ' ', '\u0000', 'x'.repeat(200_000), 'a.b.c']) {
      expect(await introspect(token)).toEqual({ status: 200, active: false });
    }
    const reasons = world.log.lines.filter(({ msg }) => msg === 'credential not active');
    expect(reasons[0]).toMatchObject({ reason: 'account_revoked', introspectedBy: 'gateway' });
    expect(world.log.text()).not.toContain(key.slice(-40));
  });

  test('of any number of invalid tokens writes a few lines to the log', async () => {
    const { world, introspect } = await setUp();
    const writtenLines = () =>
      world.log.lines.filter(({ msg, level }) => msg === 'credential not active' && Number(level) >= 30);

    for (let nth = 0; nth < 15; nth += 1) await introspect(`nonsense${nth}`);

    expect(writtenLines()).toHaveLength(10);
  });

  test('counts as a use of the key from the address of the introspecting service', async () => {
    const { world, introspect, key, keyId } = await setUp();
    await introspect(key);
    await world.ports.lastUses.flush();

    const used = 'last_used_at_ms, last_used_address, last_used_user_agent';
    expect(world.client.prepare(`SELECT ${used} FROM api_keys WHERE key_id = ?`).get(keyId)).toEqual({
      last_used_at_ms: world.clock.nowMs,
      last_used_address: '127.0.0.1',
      last_used_user_agent: 'introspection by gateway',
    });
  });

  test('is not limited by invalid tokens, as the introspecting service is trusted', async () => {
    const { introspect, key } = await setUp({ perMinute: 1 });
    for (let index = 0; index < 5; index += 1) expect((await introspect('x')).status).toBe(200);

    expect((await introspect(key)).active).toBe(true);
  });
});

describe('An introspection client', () => {
  const body = 'token=x';

  test('may send its secret form-encoded or as it is', async () => {
    const { post } = await setUp();
    const { id, secret } = INTROSPECTION_CLIENT;

    expect((await post(body)).status).toBe(200);
    expect((await post(body, { authorization: basic(id, secret) })).status).toBe(200);
    expect((await post(body, { authorization: basic('g%61teway', encodeURIComponent(secret)) })).status).toBe(
      200,
    );
  });

  test('is refused with any other credential, which the log doesn’t repeat', async () => {
    const { world, post, key } = await setUp();
    const others = {
      'another secret': basic('gateway', 'a+b'),
      'another client': basic('other', INTROSPECTION_CLIENT.secret),
      'no secret': basic('gateway', ''),
      'another boundary between ID and secret': basic('gatewa', `y${INTROSPECTION_CLIENT.secret}`),
      Bearer: `Bearer ${INTROSPECTION_CLIENT.secret}`,
      'percent signs that encode nothing': basic('gateway', '%%%zz%0'),
      'malformed base64': 'Basic =====',
    };
    for (const [what, authorization] of Object.entries(others)) {
      const { status, headers, body: text } = await post(`token=${key}`, { authorization });
      expect({ what, status, error: JSON.parse(text).error, challenge: headers['www-authenticate'] }).toEqual(
        {
          what,
          status: 401,
          error: 'invalid_client',
          challenge: 'Basic realm="keysmith"',
        },
      );
    }

    expect(world.counted).toEqual([]);
    expect(world.log.text()).not.toContain(INTROSPECTION_CLIENT.secret);
  });

  test('is refused with the name of the setting if no client is configured', async () => {
    const { post } = await setUp({ clients: [] });

    const response = await post(body);

    expect(response.status).toBe(401);
    expect(response.body).toContain('KEYSMITH_INTROSPECTION_CLIENTS');
  });

  test('is found among several clients', async () => {
    const clients = ['a', 'b', 'c'].map((id) => ({ id, secret: new Secret(`secret of ${id}`) }));
    const { post } = await setUp({ clients });

    for (const { id } of clients) {
      expect((await post(body, { authorization: basic(id, `secret of ${id}`) })).status).toBe(200);
    }
    expect((await post(body, { authorization: basic('a', 'secret of b') })).status).toBe(401);
  });

  test('is limited after wrong secrets, while the right secret still works', async () => {
    const { world, post } = await setUp({ perMinute: 2 });
    const wrong = { authorization: basic('gateway', 'wrong') };
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await post(body, wrong)).status);

    expect(statuses).toEqual([401, 401, 429]);
    const logged = world.log.lines.filter(({ msg }) => msg === 'introspection client rejected');
    expect(logged.map(({ level }) => level)).toEqual([30, 30, 20]);
    expect((await post(body)).status).toBe(200);
  });
});

describe('An introspection request', () => {
  test('is refused if its body can’t be read as a form with one token', async () => {
    const { post } = await setUp();
    const cases: [what: string, body: string | Uint8Array, type: string, status: number, error: string][] = [
      ['nothing', '', FORM, 400, 'invalid_request'],
      ['an empty token', 'token=', FORM, 400, 'invalid_request'],
      ['two tokens', 'token=a&token=b', FORM, 400, 'invalid_request'],
      ['two hints', 'token=a&token_type_hint=b&token_type_hint=b', FORM, 400, 'invalid_request'],
      ['bytes that are not UTF-8', Buffer.from([0x74, 0xff, 0xfe]), FORM, 400, 'invalid_request'],
      ['JSON', '{"token":"a"}', 'application/json', 400, 'invalid_request'],
      ['XML', '<token/>', 'application/xml', 400, 'invalid_request'],
      ['a second method of authentication', 'token=a&client_secret=b', FORM, 400, 'invalid_request'],
      ['too much', `token=${'x'.repeat(300_000)}`, FORM, 413, 'body_too_large'],
    ];
    for (const [what, body, type, status, error] of cases) {
      const response = await post(body, { 'content-type': type });
      expect([what, response.status, JSON.parse(response.body).error]).toEqual([what, status, error]);
    }
  });

  test('may carry a hint and other fields, which are ignored, but must be a POST', async () => {
    const { post, url, key } = await setUp();
    const more = `token_type_hint=refresh_token&other=1&token=${key}`;

    expect(JSON.parse((await post(more)).body).active).toBe(true);
    expect((await send(url, { method: 'GET' })).status).toBe(405);
  });

  test('gets a 200 or a 4xx whatever its body is', async () => {
    const { world, post } = await setUp();
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from('token='), bytes])),
      fc.string().map((text) => Buffer.from(`token=${text}`)),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.constantFrom(FORM, 'application/json'), async (body, type) => {
        const { status, body: text } = await post(body, { 'content-type': type });
        expect(status === 200 ? JSON.parse(text) : { active: status >= 500 }).toEqual({ active: false });
      }),
      { numRuns: 60 },
    );
    expect(world.log.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});
