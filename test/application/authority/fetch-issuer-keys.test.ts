import { describe, expect, test } from 'vitest';
import { DISCOVERY, JWKS, json, sharedSigningPair, startIssuer, TEST_CA } from '../../world/issuer-server.ts';
import { jwtOf, openIssuerWorld } from './assertion-world.ts';

describe('Keys that are fetched from an issuer', () => {
  test('make the failure temporary if the issuer is too slow, whatever the number of documents', async () => {
    const world = await openIssuerWorld({ timeoutMs: 60_000, waits: { fetchMs: 150 } });
    world.issuer.respond(DISCOVERY, (_request, response) => void response.writeHead(404).end());
    world.issuer.respond('/.well-known/oidc-configuration', () => {});

    const response = await world.exchange(await jwtOf(world, world.issuer, world.pair));

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(world.counted).toEqual(['keys_unavailable']);
    expect(world.log.text()).toContain('no response in time');
  });

  test.each([
    [
      'a discovery document of another issuer',
      DISCOVERY,
      () => ({ issuer: 'https://other.test', jwks_uri: 'x' }),
    ],
    ['a discovery document without keys', DISCOVERY, (url: string) => ({ issuer: url })],
    ['keys on another scheme', DISCOVERY, (url: string) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' })],
    [
      'keys at a metadata address',
      DISCOVERY,
      (url: string) => ({ issuer: url, jwks_uri: 'http://169.254.169.254/' }),
    ],
    ['a document that isn’t a set', JWKS, () => ({ keys: 'none' })],
    ['too many keys', JWKS, () => ({ keys: Array(101).fill({ kty: 'EC' }) })],
  ])('aren’t accepted from %s', async (_what, path, body) => {
    const world = await openIssuerWorld();
    world.issuer.respond(
      path,
      json(() => body(world.issuer.url)),
    );

    expect(await world.exchange(await jwtOf(world, world.issuer, world.pair))).toMatchObject({ status: 503 });
    expect(world.counted).toEqual(['keys_unavailable']);
  });

  test.each([
    ['for encryption', { use: 'enc' }],
    ['for other operations', { key_ops: ['sign'] }],
    ['of another algorithm', { alg: 'ES384' }],
    ['with its private part published', { d: 'AAAA' }],
    ['of an unknown type', { kty: 'XX' }],
    ['broken', { x: '!' }],
  ])('are skipped if they are %s', async (_what, members) => {
    const world = await openIssuerWorld();
    const { publicJwk: other } = await sharedSigningPair('EdDSA');
    world.issuer.publish({ ...world.pair.publicJwk, ...members } as never, other);

    expect(await world.exchange(await jwtOf(world, world.issuer, world.pair))).toMatchObject({ status: 400 });
  });

  test('are fetched over TLS from an issuer with its own CA', async () => {
    const world = await openIssuerWorld();
    const issuer = await startIssuer({ tls: true, host: 'localhost' });
    issuer.publish(world.pair.publicJwk);
    await world.register({ url: issuer.url, ca: TEST_CA, isPrivateNetwork: true });
    await world.addAccount(issuer.url);

    expect(await world.exchange(await jwtOf(world, issuer, world.pair))).toMatchObject({ status: 200 });
  });
});
