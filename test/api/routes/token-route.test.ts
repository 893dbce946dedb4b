import { describe, expect, test } from 'vitest';
import { FORM } from '../../send-request.ts';
import { type ExchangeWorld, openExchangeWorld, postForm, SUBJECT } from '../../world/exchange-world.ts';
import { type SigningPair, sharedSigningPair, signJwt } from '../../world/issuer-server.ts';
import { sdkTokenRequests } from '../../world/wandb-sdk-requests.ts';
import { sendBytes } from '../test-server.ts';

const ISSUER = 'https://issuer.acme.test';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

async function openEndpoint(options: Parameters<typeof openExchangeWorld>[0] = {}) {
  const world = await openExchangeWorld(options);
  const pair = await sharedSigningPair('ES256');
  await world.register({ url: ISSUER, jwks: { keys: [pair.publicJwk] } });
  await world.addAccount(ISSUER);
  return { ...world, pair };
}

function goodJwt({ clock, pair }: ExchangeWorld & { pair: SigningPair }): Promise<string> {
  const now = Math.floor(clock.nowMs / 1000);
  return signJwt(pair, { iss: ISSUER, sub: SUBJECT, aud: ['acme'], iat: now, exp: now + 600 });
}

/** Stands in for the JWT in the recorded requests. */
const RECORDED_JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';

describe('POST /oidc/token', () => {
  test.each(sdkTokenRequests)('issues an access token to SDK $sdk', async ({ headers, body }) => {
    const world = await openEndpoint();
    const jwt = await goodJwt(world);

    for (const ending of ['', '%0A', '%0D%0A', '+']) {
      const sent = body.replace(RECORDED_JWT, `${jwt}${ending}`);
      const response = await postForm(world.url, sent, headers);

      expect(response.status).toBe(200);
      expect(Number.isInteger(response.body.expires_in)).toBe(true);
      expect(response.body).toMatchObject({ access_token: expect.any(String), token_type: 'Bearer' });
    }
  });

  test('names what is wrong with a form, without repeating the assertion', async () => {
    const world = await openEndpoint();
    const forms = [
      ['nothing', '', 'invalid_request'],
      ['no grant type', 'assertion=a.b.c', 'invalid_request'],
      ['an empty grant type', 'grant_type=&assertion=a.b.c', 'invalid_request'],
      [
        'an unsupported grant type',
        'grant_type=client_credentials&assertion=a.b.c',
        'unsupported_grant_type',
      ],
      [
        'a grant type in other letter case',
        `grant_type=${GRANT.toUpperCase()}&assertion=a`,
        'unsupported_grant_type',
      ],
      ['no assertion', `grant_type=${GRANT}`, 'invalid_request'],
      ['an assertion of spaces', `grant_type=${GRANT}&assertion=%20%0A`, 'invalid_request'],
      ['two assertions', `grant_type=${GRANT}&assertion=a.b.c&assertion=a.b.c`, 'invalid_request'],
      ['two grant types', `grant_type=${GRANT}&grant_type=${GRANT}&assertion=a.b.c`, 'invalid_request'],
      ['another field twice', `grant_type=${GRANT}&assertion=a.b.c&scope=a&scope=b`, 'invalid_request'],
      ['an assertion that is not a JWT', `grant_type=${GRANT}&assertion=%00%FF%2E`, 'invalid_grant'],
      [
        'an assertion of 60,000 characters',
        `grant_type=${GRANT}&assertion=${'a.'.repeat(30_000)}`,
        'invalid_grant',
      ],
    ] as const;

    for (const [what, body, error] of forms) {
      const response = await postForm(world.url, body);

      expect(response, what).toMatchObject({
        status: 400,
        body: { error, error_description: expect.any(String) },
      });
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(JSON.stringify(response.body)).not.toContain('a.b.c');
    }
  });

  test('accepts only a form of at most 64 KiB', async () => {
    const { url } = await openEndpoint();
    const bodies = [
      ['JSON', 'application/json', '{"grant_type":"x"}', 400, 'invalid_request'],
      ['malformed JSON', 'application/json', '{"grant_type', 400, 'invalid_request'],
      ['text', 'text/plain', 'grant_type=x', 400, 'invalid_request'],
      ['a multipart form', 'multipart/form-data; boundary=x', '--x--', 400, 'invalid_request'],
      ['a malformed content type', ';;=', 'grant_type=x', 400, 'invalid_request'],
      ['a form of more than 64 KiB', FORM, 'a='.padEnd(70_000, 'x'), 413, 'body_too_large'],
      ['bytes that are not UTF-8', FORM, '\xff\xfe', 400, 'invalid_request'],
    ] as const;

    for (const [what, contentType, body, status, error] of bodies) {
      const headers = { 'content-type': contentType };
      const sent = Buffer.from(body, 'latin1');
      const response = await fetch(`${url}/oidc/token`, { method: 'POST', headers, body: sent });

      expect(response.status, what).toBe(status);
      expect(await response.json()).toMatchObject({
        error,
        error_description: expect.any(String),
      });
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  test('accepts a form with a character set, and no method but POST', async () => {
    const world = await openEndpoint();
    const body = new URLSearchParams({ grant_type: GRANT, assertion: await goodJwt(world) }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };

    expect(await postForm(world.url, body, headers)).toMatchObject({ status: 200 });
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(`${world.url}/oidc/token?${body}`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
    const { port } = new URL(world.url);
    const bare = `POST /oidc/token HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`;
    expect(await sendBytes(world.url, bare)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('limits an address by its failures only: a valid JWT still passes, and the log stays bounded', async () => {
    const world = await openEndpoint({ failuresPerMinute: 2 });
    const long = 'x'.repeat(3_000);
    const parts = [{ alg: 'ES256', kid: long }, { iss: `https://${long}`, sub: long }, {}];
    const jwt = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

    const failures = [];
    for (let count = 0; count < 3; count += 1) failures.push(await world.exchange(jwt));

    expect(failures.map(({ status }) => status)).toEqual([400, 400, 429]);
    expect(Number(failures[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const logged = world.log.lines.filter(({ msg }) => msg === 'assertion rejected');
    expect(logged.map(({ level }) => level)).toEqual([30, 30, 20]);
    expect(logged[0]).toMatchObject({ reason: 'unknown_issuer', from: '127.0.0.1', keyId: 'x'.repeat(100) });
    expect(world.log.text()).not.toContain('x'.repeat(101));
    expect(await world.exchange(await goodJwt(world))).toMatchObject({ status: 200 });
  });

  test('responds 503 with Retry-After while the database is unavailable', async () => {
    const world = await openEndpoint();
    const jwt = await goodJwt(world);
    world.client.exec('ALTER TABLE issuers RENAME TO gone');

    const response = await world.exchange(jwt);

    expect(response).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
