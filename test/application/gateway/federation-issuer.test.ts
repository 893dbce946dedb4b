import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  KEY_ROTATIONS,
  nextSigningKeyTimes,
  publicationEndMs,
  signingKeyAt,
} from '../../../src/application/authority/signing-key-times.ts';
import { send } from '../../send-request.ts';
import { createTestFederationIssuer, openExchangeWorld, PUBLIC_URL } from '../../world/exchange-world.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const ROTATION_MS = 90 * DAY_MS;

const keyIdOf = (jwt: string) => String(decodeProtectedHeader(jwt).kid);

async function openIssuerWorld() {
  const world = await openExchangeWorld({ hasFederation: true });
  const issuer = createTestFederationIssuer(world, world.clock);
  const signedWith = async (one = issuer) => keyIdOf((await one.sign('ml-platform')).reveal());
  const published = async (one = issuer) => (await one.jwks()).keys.map(({ kid }) => kid);
  return { ...world, issuer, signedWith, published };
}

describe('A JWT for the W&B server', () => {
  test('names the team to the organization for five minutes, under a key that is published', async () => {
    const { issuer, clock, url } = await openIssuerWorld();
    const jwt = (await issuer.sign('Vision Lab')).reveal();

    const nowSeconds = Math.floor(clock.nowMs / 1000);
    const { iat = 0 } = decodeJwt(jwt);
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(decodeJwt(jwt)).toEqual({
      iss: PUBLIC_URL,
      sub: 'keysmith:Vision Lab',
      aud: 'acme',
      jti: expect.any(String),
      iat,
      exp: iat + 300,
    });
    expect(nowSeconds - iat).toBe(10);
    const { keys } = JSON.parse((await send(`${url}/.well-known/jwks.json`, { method: 'GET' })).body);
    const key = keys.find(({ kid }: { kid: string }) => kid === keyIdOf(jwt));
    await jwtVerify(jwt, await importJWK(key, 'RS256'), { currentDate: new Date(clock.nowMs) });
    const other = (await issuer.sign('Vision Lab')).reveal();
    expect(decodeJwt(other).jti).not.toBe(decodeJwt(jwt).jti);
  });

  test('is signed with a key that signs no access token, and neither is accepted in place of the other', async () => {
    const world = await openIssuerWorld();
    const jwt = (await world.issuer.sign('ml-platform')).reveal();
    const { accessTokens } = world.ports;

    expect(await accessTokens.verify(jwt)).toEqual({ ok: false, reason: 'bad_signature' });
    const ofTokens = (await accessTokens.jwks()).keys.map(({ kid }) => kid);
    const ofFederation = await world.published();
    expect(new Set([...ofTokens, ...ofFederation]).size).toBe(2);
    expect(await world.store.signingKeys('access_token')).toHaveLength(1);
    expect(await world.store.signingKeys('federation')).toMatchObject([{ keyId: ofFederation[0] }]);
    const { body } = await send(`${world.url}/.well-known/jwks.json`, { method: 'GET' });
    expect(JSON.parse(body).keys.map(({ kid }: { kid: string }) => kid)).toEqual([
      ...ofTokens,
      ...ofFederation,
    ]);
  });

  test('is verified through the discovery document, which is also at the path of older W&B servers', async () => {
    const { url } = await openIssuerWorld();
    const read = async (path: string) => (await send(`${url}${path}`, { method: 'GET' })).body;

    const metadata = await read('/.well-known/openid-configuration');
    expect(JSON.parse(metadata)).toMatchObject({
      issuer: PUBLIC_URL,
      jwks_uri: `${PUBLIC_URL}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
    expect(await read('/.well-known/oidc-configuration')).toBe(metadata);
    const without = await openExchangeWorld();
    const old = await send(`${without.url}/.well-known/oidc-configuration`, { method: 'GET' });
    expect(old.status).toBe(404);
  });
});

describe('The keys of identity federation', () => {
  test('are one sealed and audited key for replicas that start together', async () => {
    const world = await openIssuerWorld();
    const replicas = [1, 2, 3].map(() => createTestFederationIssuer(world, world.clock));
    await Promise.all(replicas.map((replica) => replica.prepare()));

    const ids = await Promise.all(replicas.map((replica) => world.signedWith(replica)));

    expect(new Set(ids).size).toBe(1);
    const stored = await world.store.signingKeys('federation');
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain('"d"');
    const created = (await world.store.auditRecords()).filter(
      ({ action }) => action === 'signing_key.created',
    );
    expect(created).toMatchObject([
      { subject: `signing_key:${ids[0]}`, details: { purpose: 'federation', number: 1 } },
    ]);
  });

  test('are published on every replica for a day before they sign', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock, signedWith, published } = world;
    const replica = createTestFederationIssuer(world, clock);
    const first = await signedWith();
    clock.nowMs += ROTATION_MS - 25 * HOUR_MS;
    expect(await published()).toEqual([first]);
    clock.nowMs += 45 * 60_000;
    await issuer.prepare();
    const [, second] = await published();
    expect(second).toBeDefined();

    clock.nowMs += 5 * 60_000;
    expect(await published(replica)).toEqual([first, second]);
    clock.nowMs += DAY_MS + 10 * 60_000 - 1;
    expect(await signedWith()).toBe(first);
    clock.nowMs += 1;
    expect([await signedWith(), await signedWith(replica)]).toEqual([second, second]);
    expect(await published(replica)).toEqual([first, second]);
    clock.nowMs += HOUR_MS;
    expect(await published()).toEqual([second]);
  });

  test('go on signing after their time until the next one was published for a day, if Keysmith wasn’t running', async () => {
    const world = await openIssuerWorld();
    const first = await world.signedWith();
    world.clock.nowMs += 2 * ROTATION_MS;

    expect(await world.signedWith()).toBe(first);
    const [, second] = await world.published();
    expect(second).toBeDefined();
    world.clock.nowMs += DAY_MS;
    const restarted = createTestFederationIssuer(world, world.clock);
    expect(await world.signedWith(restarted)).toBe(first);
    world.clock.nowMs += HOUR_MS;
    expect(await world.signedWith(restarted)).toBe(second);
    expect(await world.store.signingKeys('federation')).toHaveLength(2);
  });

  test('can’t be opened under another KEYSMITH_SECRET, nor with the label of another purpose', async () => {
    const world = await openIssuerWorld();
    await world.ports.accessTokens.jwks();
    const [sealed] = await world.store.signingKeys('access_token');
    const store = { ...world.store, signingKeys: async () => (sealed ? [sealed] : []) };

    const issuer = createTestFederationIssuer({ store }, world.clock);

    await expect(issuer.open()).rejects.toMatchObject({ name: 'UnreadableSigningKeyError' });
  });

  test('sign only after a day in public, except the first, however often Keysmith stops and the clock steps', () => {
    const rotation = { rotateEveryMs: ROTATION_MS, ...KEY_ROTATIONS.federation };
    const pauses = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 3 * DAY_MS }), fc.integer({ min: 1, max: 300 * DAY_MS })),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(pauses, (steps) => {
        let nowMs = Date.UTC(2026, 0, 1);
        const keys: {
          number: number;
          signsFromMs: number;
          signsUntilMs: number;
          publishedUntilMs: number;
          createdAtMs: number;
        }[] = [];
        for (const step of steps) {
          nowMs += step;
          const latest = keys.at(-1);
          const due = nextSigningKeyTimes(latest && { ...latest, isOutdated: false }, nowMs, rotation);
          if ('times' in due) keys.push({ ...due.times, createdAtMs: nowMs });
          const signing = signingKeyAt(keys, nowMs);
          if (!signing) throw new Error('no key signs');
          const age = nowMs - signing.createdAtMs;
          expect(signing.number === 1 || age >= DAY_MS).toBe(true);
          const endMs = publicationEndMs(signing, keys[signing.number], rotation);
          expect(endMs - nowMs).toBeGreaterThan(5 * 60_000);
        }
      }),
    );
  });
});
