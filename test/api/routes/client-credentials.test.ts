import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { basic } from '../../world/credential-world.ts';
import { openExchangeWorld, postForm, SUBJECT } from '../../world/exchange-world.ts';
import { sharedSigningPair, signJwt } from '../../world/issuer-server.ts';

const ISSUER = 'https://issuer.acme.test';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SECRET = 'a+b%2F:c&d=e 0123456789';

async function openEndpoint(options: Parameters<typeof openExchangeWorld>[0] = {}) {
  const world = await openExchangeWorld({
    clients: [
      { id: 'ci', secret: new Secret('another secret') },
      { id: 'gateway', secret: new Secret(SECRET) },
    ],
    ...options,
  });
  const pair = await sharedSigningPair('ES256');
  await world.register({ url: ISSUER, jwks: { keys: [pair.publicJwk] } });
  await world.addAccount(ISSUER);
  const now = Math.floor(world.clock.nowMs / 1000);
  const assertion = await signJwt(pair, {
    iss: ISSUER,
    sub: SUBJECT,
    aud: 'acme',
    iat: now,
    exp: now + 600,
  });
  const ask = (fields: Record<string, string>, authorization?: string) =>
    postForm(
      world.url,
      new URLSearchParams({ grant_type: GRANT, assertion, ...fields }).toString(),
      authorization === undefined ? {} : { authorization },
    );
  return { ...world, ask };
}

const formEncoded = (text: string) => new URLSearchParams({ text }).toString().slice('text='.length);

describe('Client credentials at /oidc/token', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['none', {}, undefined],
    ['HTTP Basic', {}, basic('gateway', SECRET)],
    ['HTTP Basic, form-encoded', {}, basic('gateway', formEncoded(SECRET))],
    ['HTTP Basic with the same ID in the form', { client_id: 'gateway' }, basic('gateway', SECRET)],
    ['fields of the form', { client_id: 'gateway', client_secret: SECRET }, undefined],
    ['fields without values', { client_id: '', client_secret: '' }, undefined],
    ['only the ID of a client without a secret', { client_id: 'train' }, undefined],
  ])('are accepted as %s', async (_what, fields, authorization) => {
    const { ask } = await openEndpoint();

    expect(await ask(fields, authorization)).toMatchObject({ status: 200, body: { scope: 'team' } });
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    ['a wrong secret', {}, basic('gateway', 'wrong')],
    ['the secret of another client', {}, basic('ci', SECRET)],
    ['an unknown client', {}, basic('nobody', SECRET)],
    ['another scheme', {}, 'Bearer abc'],
    ['a malformed header', {}, 'Basic ???'],
    ['a wrong secret in the form', { client_id: 'gateway', client_secret: 'wrong' }, undefined],
    ['an unknown client in the form', { client_id: 'nobody', client_secret: SECRET }, undefined],
    ['a secret without an ID', { client_secret: SECRET }, undefined],
    ['the ID of a client that has a secret', { client_id: 'gateway' }, undefined],
    ['an assertion of the client', { client_assertion_type: 'urn:x', client_assertion: 'a.b.c' }, undefined],
    ['another grant type too', { grant_type: 'client_credentials' }, basic('gateway', 'wrong')],
  ])('are refused with 401 invalid_client for %s', async (_what, fields, authorization) => {
    const { ask, log } = await openEndpoint();
    const response = await ask(fields, authorization);

    expect(response).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="keysmith"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'client credentials rejected' }));
    expect(log.text()).not.toContain(SECRET);
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    [
      'in the header and in the form',
      { client_id: 'gateway', client_secret: SECRET },
      basic('gateway', SECRET),
    ],
    ['with two IDs', { client_id: 'ci' }, basic('gateway', SECRET)],
    ['with an assertion too', { client_assertion: 'a.b.c' }, basic('gateway', SECRET)],
    ['in the form twice', { client_id: 'gateway', client_secret: SECRET, client_assertion: 'a' }, undefined],
  ])('are an invalid request when sent %s', async (_what, fields, authorization) => {
    const { ask } = await openEndpoint();

    expect(await ask(fields, authorization)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  test('are refused when no clients are configured, and count as failures of the address', async () => {
    const { ask } = await openEndpoint({ clients: [], failuresPerMinute: 2 });
    const wrong = basic('gateway', SECRET);

    const first = await ask({}, wrong);
    expect(first.body.error_description).toContain('KEYSMITH_INTROSPECTION_CLIENTS');
    expect([first.status, (await ask({}, wrong)).status, (await ask({}, wrong)).status]).toEqual([
      401, 401, 429,
    ]);
    expect((await ask({})).status).toBe(200);
  });
});
