import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { verifyCredential } from '../../../src/application/authority/verify-credential.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { withoutTeam } from '../../store/contract/world.ts';
import {
  createTestFederationIssuer,
  openExchangeWorld,
  PUBLIC_URL,
  SUBJECT,
} from '../../world/exchange-world.ts';
import { sharedSigningPair, signJwt } from '../../world/issuer-server.ts';
import { claimsOf, ISSUER, nowSeconds, openStatedWorld } from './assertion-world.ts';

describe('A JWT of a registered identity', () => {
  test('is exchanged for an access token that the published keys verify', async () => {
    const world = await openStatedWorld();
    const jwt = await signJwt(world.pair, claimsOf(world));

    const { status, headers, body } = await world.exchange(`${jwt}\n`);

    expect({ status, ...body }).toEqual({
      status: 200,
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'team',
    });
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    const metadata = await fetch(`${world.url}/.well-known/openid-configuration`);
    expect((await metadata.json()) as object).toMatchObject({
      issuer: PUBLIC_URL,
      jwks_uri: `${PUBLIC_URL}/.well-known/jwks.json`,
      token_endpoint: `${PUBLIC_URL}/oidc/token`,
      token_endpoint_auth_methods_supported: ['none'],
    });
    const jwks = await fetch(`${world.url}/.well-known/jwks.json`);
    expect(jwks.headers.get('cache-control')).toBe('public, max-age=300');
    const keys = createLocalJWKSet((await jwks.json()) as JSONWebKeySet);
    const token = String(body.access_token);
    const verified = await jwtVerify(token, keys, {
      issuer: PUBLIC_URL,
      audience: PUBLIC_URL,
      typ: 'at+jwt',
      algorithms: ['RS256'],
      currentDate: new Date(world.clock.nowMs),
    });
    expect(verified.payload).toEqual({
      iss: PUBLIC_URL,
      aud: PUBLIC_URL,
      sub: world.account.id,
      client_id: world.account.id,
      scope: 'team',
      team: 'ml-platform',
      service_account: world.account.name,
      jti: expect.any(String),
      iat: nowSeconds(world),
      exp: nowSeconds(world) + 3600,
    });
    expect(decodeProtectedHeader(token).typ).toBe('at+jwt');
  });

  test('can be exchanged repeatedly, and each use is noted, counted and logged without the JWT or the token', async () => {
    const world = await openStatedWorld();
    const jwt = await signJwt(world.pair, claimsOf(world));

    const responses = await Promise.all([jwt, jwt, jwt].map(world.exchange));

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(responses.map(({ body }) => body.access_token)).size).toBe(3);
    expect(world.counted).toEqual(['ok', 'ok', 'ok']);
    expect(world.uses[0]).toMatchObject({
      accountId: world.account.id,
      keyId: undefined,
      atMs: world.clock.nowMs,
      address: '127.0.0.1',
    });
    const logged = world.log.lines.filter(({ msg }) => msg === 'JWT exchanged for an access token');
    expect(logged).toHaveLength(3);
    expect(logged[0]).toMatchObject({ account: world.account.id, issuer: ISSUER, subject: SUBJECT });
    for (const secret of [jwt, ...responses.map(({ body }) => String(body.access_token))]) {
      expect(world.log.text()).not.toContain(secret.split('.').at(-1));
    }
  });

  test('of an account for all teams is exchanged for a token with that scope and the default team', async () => {
    const world = await openStatedWorld();
    const sub = 'repo:acme/mirror:ref:refs/heads/main';
    const { id } = await world.addAccount(ISSUER, sub, world.vision, 'organization');

    const { status, body } = await world.exchange(await signJwt(world.pair, claimsOf(world, { sub })));

    expect([status, body.scope]).toEqual([200, 'organization']);
    const token = new Secret(String(body.access_token));
    expect(await verifyCredential(world.ports, token, undefined)).toMatchObject({
      ok: true,
      verified: { account: { id, scope: 'organization', teamName: 'vision' } },
    });
  });

  test('is accepted with its type in any letter case, with or without “application/”, as JOSE, and untyped', async () => {
    const world = await openStatedWorld();
    const types = ['JWT', 'jwt', 'Jwt', 'application/jwt', 'APPLICATION/JWT', 'JOSE', 'jose', undefined];

    for (const typ of types) {
      const jwt = await signJwt(world.pair, claimsOf(world), { typ });
      expect((await world.exchange(jwt)).status, String(typ)).toBe(200);
    }
  });

  test('is accepted for a minute after its exp, as clocks differ, and then no longer', async () => {
    const world = await openStatedWorld();
    const jwt = await signJwt(world.pair, claimsOf(world));
    world.clock.nowMs += 600_000 + 59_000;
    expect((await world.exchange(jwt)).status).toBe(200);

    world.clock.nowMs += 1_000;

    expect((await world.exchange(jwt)).body.error_description).toContain('expired');
  });

  test('of a single-use issuer isn’t accepted a second time in the minute after its exp', async () => {
    const world = await openStatedWorld({ isSingleUse: true });
    const jwt = await signJwt(world.pair, claimsOf(world, { jti: 'one' }));
    expect((await world.exchange(jwt)).status).toBe(200);

    // Each exchange deletes the stored uses that have ended.
    world.clock.nowMs += 600_000 + 59_999;
    await world.exchange(await signJwt(world.pair, claimsOf(world, { jti: 'two' })));
    await world.exchange(jwt);

    expect(world.counted).toEqual(['ok', 'ok', 'used_before']);
  });

  test('is accepted with every asymmetric algorithm of its key type', async () => {
    const world = await openStatedWorld();
    const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
    for (const alg of [...rsa, 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']) {
      // One RSA key works with all RSA algorithms.
      const pair = await sharedSigningPair(rsa.includes(alg) ? 'RS256' : alg);
      const { alg: _, ...publicJwk } = pair.publicJwk;
      await world.register({ ...world.stated, jwks: { keys: [publicJwk] } });
      const { alg: __, key_ops: ___, ...privateJwk } = await crypto.subtle.exportKey('jwk', pair.privateKey);
      const jwt = await new SignJWT(claimsOf(world))
        .setProtectedHeader({ alg, kid: pair.kid })
        .sign(privateJwk as never);

      expect((await world.exchange(jwt)).status, alg).toBe(200);
    }
  });

  test('of a single-use issuer works once, and isn’t spent by a failed exchange', async () => {
    const world = await openStatedWorld({ isSingleUse: true });
    const jwt = await signJwt(world.pair, claimsOf(world, { jti: 'one', nbf: nowSeconds(world) + 120 }));
    expect((await world.exchange(jwt)).body.error_description).toContain('nbf');
    world.clock.nowMs += 60_000;

    const responses = await Promise.all([world.exchange(jwt), world.exchange(jwt)]);

    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(world.counted.slice(1).sort()).toEqual(['ok', 'used_before']);
    const another = await signJwt(world.pair, claimsOf(world, { jti: 'two' }));
    expect(await world.exchange(another)).toMatchObject({ status: 200 });
    const nameless = await signJwt(world.pair, claimsOf(world));
    expect((await world.exchange(nameless)).body.error_description).toContain('jti is missing');
  });
});

describe('An invalid JWT', () => {
  test('is rejected with the failed check, and the exact reason is logged', async () => {
    const world = await openStatedWorld();
    const kinds = [
      ['of an unknown issuer', { iss: 'https://other.test' }, 'unknown_issuer', 'iss is not'],
      ['of an issuer with an extra slash', { iss: `${ISSUER}/` }, 'unknown_issuer', 'iss is not'],
      ['of an issuer in another letter case', { iss: ISSUER.toUpperCase() }, 'unknown_issuer', 'iss is not'],
      ['without an issuer', { iss: undefined }, 'unknown_issuer', 'iss is not'],
      ['for another audience', { aud: 'wandb.ai' }, 'wrong_audience', "aud doesn't include"],
      ['without an expiry', { exp: undefined }, 'no_expiry', 'exp is missing'],
      ['that expired', { exp: 1_000 }, 'expired', 'The JWT has expired'],
      ['whose expiry is a string', { exp: '9999999999' }, 'bad_claim', 'exp is missing or does not'],
      [
        'from the future',
        { iat: 9_999_999_999, exp: 9_999_999_999 },
        'issued_in_the_future',
        'iat is in the future',
      ],
      ['that lives too long', { iat: 1_000 }, 'lives_too_long', 'lifetime is longer'],
      ['of an unknown subject', { sub: 'repo:acme/other' }, 'unknown_subject', 'iss and sub'],
      [
        'of a subject in another letter case',
        { sub: SUBJECT.toUpperCase() },
        'unknown_subject',
        'iss and sub',
      ],
      ['bound to a key', { cnf: { jkt: 'abc' } }, 'sender_constrained', 'cnf'],
      ['that reports a logout', { events: {} }, 'security_event', 'logout'],
      ['without a subject', { sub: undefined }, 'bad_claim', 'sub is missing or'],
    ] as const;

    for (const [what, more, reason, text] of kinds) {
      const jwt = await signJwt(world.pair, claimsOf(world, more));
      const { status, headers, body } = await world.exchange(jwt);

      expect({ status, error: body.error }, what).toEqual({ status: 400, error: 'invalid_grant' });
      expect(body.error_description, what).toContain(text);
      // The characters of RFC 6749, section 5.2.
      expect(body.error_description).toMatch(/^[ !#-[\]-~]+$/);
      expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
      expect(world.counted.pop(), what).toBe(reason);
      const logged = world.log.lines.findLast(({ msg }) => msg === 'assertion rejected');
      expect(logged, what).toMatchObject({ reason });
    }
    expect(world.uses).toEqual([]);
  });

  test('of Keysmith itself is refused, even if the database has its URL as an issuer with its keys', async () => {
    const world = await openExchangeWorld();
    const federation = createTestFederationIssuer(world, world.clock);
    await world.register({ url: PUBLIC_URL, jwks: await federation.jwks() });
    await world.addAccount(PUBLIC_URL, 'keysmith:ml-platform');

    const { status, body } = await world.exchange((await federation.sign('ml-platform')).reveal());

    expect([status, body.error, world.counted]).toEqual([400, 'invalid_grant', ['own_issuer']]);
    expect(body.error_description).toContain('Keysmith issued this JWT');
    expect(world.log.lines.findLast(({ msg }) => msg === 'assertion rejected')).toMatchObject({
      reason: 'own_issuer',
      subject: 'keysmith:ml-platform',
    });
  });

  test('gets the same response for an unknown subject, another issuer, a revoked account and an archived team', async () => {
    const world = await openStatedWorld();
    const other = { ...world.stated, url: 'https://another.acme.test' };
    await world.register(other);
    await world.addAccount(other.url, 'elsewhere');
    const revoked = await world.addAccount(ISSUER, 'revoked');
    await world.addAccount(ISSUER, 'archived', world.vision);
    await world.store.revokeAccount(revoked.id, world.clock.nowMs, {
      atMs: world.clock.nowMs,
      actor: { type: 'system', name: 'test' },
      action: 'service_account.revoked',
      subject: `service_account:${revoked.id}`,
      details: {},
      requestId: null,
    });
    const desired = { ...withoutTeam('vision'), issuers: [world.stated, other] };
    await world.store.applyOrganization(desired, world.clock.nowMs);

    const bodies = new Set<string>();
    for (const sub of ['nobody', 'elsewhere', 'revoked', 'archived']) {
      const { status, body } = await world.exchange(await signJwt(world.pair, claimsOf(world, { sub })));
      bodies.add(JSON.stringify({ status, body }));
    }

    expect(bodies.size).toBe(1);
    expect(world.counted).toEqual(['unknown_subject', 'unknown_subject', 'unknown_subject', 'team_archived']);
  });
});
