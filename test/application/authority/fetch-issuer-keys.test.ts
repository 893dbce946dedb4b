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

  test('are logged once with kid and reason if they can’t be used, and again when others can’t', async () => {
    const world = await openIssuerWorld();
    const { publicJwk: other } = await sharedSigningPair('EdDSA');
    const encryption = { ...other, kid: 'x'.repeat(200), use: 'enc' };
    world.issuer.publish(world.pair.publicJwk, encryption, { kty: 'XX', kid: 'odd' } as never);
    const logged = () => world.log.lines.filter(({ msg }) => msg === 'issuer keys ignored');

    for (let fetched = 0; fetched < 3; fetched += 1) {
      expect(await world.exchange(await jwtOf(world, world.issuer, world.pair))).toMatchObject({
        status: 200,
      });
      world.clock.nowMs += 16 * 60_000;
    }
    expect(logged()).toMatchObject([
      {
        issuer: world.issuer.url,
        count: 2,
        ignored: [
          { keyId: 'x'.repeat(100), reason: 'not_for_signatures' },
          { keyId: 'odd', reason: 'unknown_type' },
        ],
      },
    ]);

    world.issuer.publish(world.pair.publicJwk, { ...other, d: 'AAAA' } as never);
    await world.exchange(await jwtOf(world, world.issuer, world.pair));
    expect(logged().at(-1)).toMatchObject({ ignored: [{ reason: 'private' }] });
    expect(logged()).toHaveLength(2);
  });

  test('come from the URL in the teams file instead of discovery, under the same rules', async () => {
    const world = await openIssuerWorld();
    const elsewhere = await startIssuer();
    elsewhere.publish(world.pair.publicJwk);
    const jwt = await jwtOf(world, world.issuer, world.pair);
    await world.register({ url: world.issuer.url, jwksUrl: `${elsewhere.url}${JWKS}` });

    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });
    expect([world.issuer.requestedPaths, elsewhere.requestedPaths]).toEqual([[], [JWKS]]);

    elsewhere.respond('/moved', (_request, response) => {
      response.writeHead(302, { location: `${elsewhere.url}${JWKS}` }).end();
    });
    for (const jwksUrl of [
      `${elsewhere.url}/moved`,
      'http://169.254.169.254/keys',
      `${elsewhere.url}/none`,
    ]) {
      await world.register({ url: world.issuer.url, jwksUrl });
      expect(await world.exchange(jwt), jwksUrl).toMatchObject({ status: 503 });
    }
    expect(elsewhere.requestedPaths).toEqual([JWKS, '/moved', '/none']);
    expect(world.issuer.requestedPaths).toEqual([]);
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
