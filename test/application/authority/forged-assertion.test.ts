import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { generateSigningPair, signJwt } from '../../world/issuer-server.ts';
import { claimsOf, encode, openStatedWorld, signText } from './assertion-world.ts';

describe('A forged JWT', () => {
  test('is rejected if its header asks for something forbidden', async () => {
    const world = await openStatedWorld();
    const [, claims, signature] = (await signJwt(world.pair, claimsOf(world))).split('.');
    const headers = [
      ['names no algorithm', { alg: undefined }, 'malformed'],
      ['is not signed', { alg: 'none' }, 'algorithm_not_allowed'],
      ['is not signed, in another letter case', { alg: 'NONE' }, 'algorithm_not_allowed'],
      ['names a shared key', { alg: 'HS256' }, 'algorithm_not_allowed'],
      ['names an unknown algorithm', { alg: '__proto__' }, 'algorithm_not_allowed'],
      ['names another algorithm than its key', { alg: 'RS256' }, 'algorithm_not_allowed'],
      ['names another curve than its key', { alg: 'ES384' }, 'algorithm_not_allowed'],
      ['has a critical header', { crit: ['b64'], b64: false }, 'critical_header'],
      ['has an empty critical header', { crit: [] }, 'critical_header'],
      ['names its key by a number', { kid: 7 }, 'malformed'],
      ['says that it is an access token', { typ: 'at+jwt' }, 'wrong_type'],
      ['says that it is a logout token', { typ: 'logout+jwt' }, 'wrong_type'],
      ['says that it is a logout token, in full', { typ: 'application/logout+jwt' }, 'wrong_type'],
      ['says that it is a proof of possession', { typ: 'dpop+jwt' }, 'wrong_type'],
      ['says that it is text', { typ: 'text/jwt' }, 'wrong_type'],
      ['has more after its type', { typ: 'JWT\n' }, 'wrong_type'],
      ['has an empty type', { typ: '' }, 'wrong_type'],
      ['has a list as its type', { typ: ['JWT'] }, 'wrong_type'],
      ['has null as its type', { typ: null }, 'wrong_type'],
    ] as const;

    for (const [what, header, reason] of headers) {
      const named = encode({ alg: 'ES256', kid: world.pair.kid, ...header });
      for (const signed of [signature, '']) {
        const response = await world.exchange(`${named}.${claims}.${signed}`);
        expect(response, what).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
        expect(world.counted.pop(), what).toBe(reason);
      }
    }
  });

  test('is rejected if the public key was used as an HMAC secret', async () => {
    const world = await openStatedWorld({ alg: 'RS256' });
    for (const text of [JSON.stringify(world.pair.publicJwk), String(world.pair.publicJwk.n)]) {
      const jwt = await new SignJWT(claimsOf(world))
        .setProtectedHeader({ alg: 'HS256', kid: world.pair.kid })
        .sign(Buffer.from(text));
      expect(await world.exchange(jwt)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    expect(world.counted).toEqual(['algorithm_not_allowed', 'algorithm_not_allowed']);
  });

  test('is rejected if it brings its own key or a key URL, and nothing is fetched', async () => {
    const world = await openStatedWorld();
    const own = await generateSigningPair('ES256', world.pair.kid);
    const { publicJwk: jwk } = own;
    const jku = `${world.url}/never-asked`;

    for (const header of [{ jwk }, { jku }, { x5u: jku }, { x5c: ['AAAA'] }, {}]) {
      const jwt = await signJwt(own, claimsOf(world), header);
      expect(await world.exchange(jwt)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    expect(world.counted).toEqual(Array(5).fill('bad_signature'));
    expect(world.log.text()).not.toContain('never-asked');
  });

  test('is rejected with the claims or the signature of another JWT', async () => {
    const world = await openStatedWorld();
    const [header, claims, signature = ''] = (await signJwt(world.pair, claimsOf(world))).split('.');
    const [, otherClaims] = (await signJwt(world.pair, claimsOf(world, { aud: ['acme', 'x'] }))).split('.');
    const zeros = Buffer.alloc(64).toString('base64url');

    for (const jwt of [
      `${header}.${otherClaims}.${signature}`,
      `${header}.${claims}.${zeros}`,
      `${header}.${claims}.`,
      `${header}.${claims}.${signature.slice(0, -2)}`,
    ]) {
      expect(await world.exchange(jwt)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    expect(world.counted).toEqual(Array(4).fill('bad_signature'));
  });

  test('is rejected with a duplicate claim, although its signature is valid', async () => {
    const world = await openStatedWorld();
    const claims = JSON.stringify(claimsOf(world));
    expect(await world.exchange(await signText(world.pair, claims))).toMatchObject({ status: 200 });

    for (const twice of [`{"sub":"x",${claims.slice(1)}`, `{"\\u0073ub":"x",${claims.slice(1)}`]) {
      expect(await world.exchange(await signText(world.pair, twice))).toMatchObject({ status: 400 });
    }
    const infinite = claims.replace(/"exp":\d+/, '"exp":1e999');
    expect(await world.exchange(await signText(world.pair, infinite))).toMatchObject({ status: 400 });
    expect(world.counted).toEqual(['ok', 'malformed', 'malformed', 'bad_claim']);
  });

  test('is rejected if its key is too short', async () => {
    const world = await openStatedWorld();
    const { publicKey, privateKey } = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      },
      true,
      ['sign', 'verify'],
    );
    const short = { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'short' };
    await world.register({ ...world.stated, jwks: { keys: [short as never] } });
    const input = `${encode({ alg: 'RS256', kid: 'short' })}.${encode(claimsOf(world))}`;
    const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, Buffer.from(input));

    const response = await world.exchange(`${input}.${Buffer.from(signature).toString('base64url')}`);

    expect(response).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(world.counted).toEqual(['no_such_key']);
  });
});
