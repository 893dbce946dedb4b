import { decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAccessTokens } from '../../../src/application/authority/access-tokens.ts';
import { type Store, StoreUnavailableError } from '../../../src/application/ports/store.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { createSealer } from '../../../src/domain/keys/sealed.ts';
import { collectLog } from '../../api/test-server.ts';
import { draw, ISSUER } from '../../store/contract/world.ts';
import {
  createTestAccessTokens,
  type ExchangeWorld,
  openExchangeWorld,
  PUBLIC_URL,
} from '../../world/exchange-world.ts';

const HOUR_MS = 60 * 60_000;
const ROTATION_MS = 30 * 24 * HOUR_MS;

async function openTokenWorld() {
  const world = await openExchangeWorld();
  const account = await world.addAccount(ISSUER);
  return { ...world, account, tokens: createTestAccessTokens(world, world.clock) };
}

const keyIdOf = (token: string) => String(decodeProtectedHeader(token).kid);

async function issuedKeyId(tokens: ExchangeWorld['ports']['accessTokens'], account: ServiceAccount) {
  return keyIdOf((await tokens.issue(account)).token.reveal());
}

const keyIds = async (tokens: ExchangeWorld['ports']['accessTokens']) =>
  (await tokens.jwks()).keys.map(({ kid }) => kid);

describe('An access token', () => {
  test('is valid until it expires, for Keysmith’s audience and on every replica', async () => {
    const world = await openTokenWorld();
    const { token, expiresInSeconds } = await world.tokens.issue(world.account);
    const replica = createTestAccessTokens(world, world.clock);

    expect(expiresInSeconds).toBe(3600);
    for (const tokens of [world.tokens, replica]) {
      expect(await tokens.verify(token.reveal())).toEqual({
        ok: true,
        claims: {
          accountId: world.account.id,
          tokenId: expect.any(String),
          issuedAtMs: world.clock.nowMs,
          expiresAtMs: world.clock.nowMs + HOUR_MS,
        },
      });
    }
    world.clock.nowMs += HOUR_MS - 1;
    expect(await world.tokens.verify(token.reveal())).toMatchObject({ ok: true });
    world.clock.nowMs += 1;
    expect(await world.tokens.verify(token.reveal())).toEqual({ ok: false, reason: 'token_expired' });
  });

  test('isn’t printed by accident', async () => {
    const world = await openTokenWorld();
    const issued = await world.tokens.issue(world.account);

    expect(JSON.stringify(issued)).not.toContain(issued.token.reveal());
  });

  test('is rejected as malformed for any other text', async () => {
    const { tokens } = await openTokenWorld();
    const malformed = { ok: false, reason: 'malformed' };

    for (const text of ['', 'a', 'a.b', 'a.b.c', '..', 'x'.repeat(100_000)]) {
      expect(await tokens.verify(text), text).toEqual(malformed);
    }
    expect(await tokens.verify('eyJhbGciOiJub25lIn0.e30.')).toEqual({
      ok: false,
      reason: 'token_not_for_keysmith',
    });
  });

  test('is rejected with another signer, audience or type, or after any change', async () => {
    const world = await openTokenWorld();
    const token = (await world.tokens.issue(world.account)).token.reveal();
    const keyId = keyIdOf(token);
    const [header, claims, signature = ''] = token.split('.');
    const { privateKey } = await generateKeyPair('EdDSA');
    const now = Math.floor(world.clock.nowMs / 1000);
    const forge = (iss: string, kid: string | undefined, alg = 'EdDSA', key: unknown = privateKey) =>
      new SignJWT({ iss, aud: PUBLIC_URL, sub: world.account.id, jti: 'x', iat: now, exp: now + 60 })
        .setProtectedHeader({ alg, typ: 'at+jwt', ...(kid && { kid }) })
        .sign(key as never);
    const [publicJwk] = (await world.tokens.jwks()).keys;
    const swapped = Buffer.from(signature, 'base64url').reverse().toString('base64url');

    expect(await world.tokens.verify(await forge(PUBLIC_URL, keyId))).toMatchObject({
      reason: 'bad_signature',
    });
    expect(await world.tokens.verify(await forge(PUBLIC_URL, 'x'))).toMatchObject({
      reason: 'bad_signature',
    });
    expect(await world.tokens.verify(await forge(PUBLIC_URL, undefined))).toMatchObject({
      reason: 'bad_signature',
    });
    expect(await world.tokens.verify(await forge('https://x.test', keyId))).toMatchObject({
      reason: 'token_not_for_keysmith',
    });
    const secret = Buffer.from(JSON.stringify(publicJwk));
    expect(await world.tokens.verify(await forge(PUBLIC_URL, keyId, 'HS256', secret))).toMatchObject({
      reason: 'malformed',
    });
    expect(await world.tokens.verify(`${header}.${claims}.${swapped}`)).toMatchObject({
      reason: 'bad_signature',
    });
  });
});

describe('The signing keys of access tokens', () => {
  test('are a single sealed and audited key for replicas that start together', async () => {
    const world = await openTokenWorld();
    const replicas = [1, 2, 3].map(() => createTestAccessTokens(world, world.clock));
    await Promise.all(replicas.map((tokens) => tokens.prepare()));

    const published = await Promise.all(replicas.map(keyIds));

    expect(new Set(published.flat()).size).toBe(1);
    const stored = await world.store.signingKeys();
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain('"d"');
    const records = await world.store.auditRecords();
    const made = records.filter(({ action }) => action === 'signing_key.created');
    expect(made.map(({ subject }) => subject)).toEqual([`signing_key:${published.flat()[0]}`]);
    const [publicJwk] = (await world.tokens.jwks()).keys;
    expect(publicJwk).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      kid: published.flat()[0],
      alg: 'EdDSA',
      use: 'sig',
    });
  });

  test('rotate: the next key is published an hour before it signs, the last one until its tokens expire', async () => {
    const world = await openTokenWorld();
    const { tokens, clock, account } = world;
    const replica = createTestAccessTokens(world, clock);
    const first = await issuedKeyId(tokens, account);
    expect(await keyIds(replica)).toEqual([first]);
    clock.nowMs += ROTATION_MS - HOUR_MS;
    const [, second] = await keyIds(tokens);

    expect(await keyIds(replica)).toEqual([first, second]);
    expect(await issuedKeyId(tokens, account)).toBe(first);
    clock.nowMs += HOUR_MS - 1;
    const last = (await tokens.issue(account)).token.reveal();
    expect(keyIdOf(last)).toBe(first);
    clock.nowMs += 1;
    expect(await issuedKeyId(tokens, account)).toBe(second);
    expect(await issuedKeyId(replica, account)).toBe(second);
    clock.nowMs += HOUR_MS - 2_000;
    expect(await replica.verify(last)).toMatchObject({ ok: true });
    clock.nowMs += 25 * HOUR_MS;
    expect(await keyIds(tokens)).toEqual([second]);
  });

  test('sign immediately if Keysmith wasn’t running when they were due', async () => {
    const world = await openTokenWorld();
    const first = await issuedKeyId(world.tokens, world.account);
    world.clock.nowMs += 100 * 24 * HOUR_MS;

    const second = await issuedKeyId(world.tokens, world.account);

    expect(second).not.toBe(first);
    expect(await keyIds(world.tokens)).toEqual([second]);
    expect(await world.store.signingKeys()).toHaveLength(1);
    const records = await world.store.auditRecords();
    const retired = records.filter(({ action }) => action === 'signing_key.retired');
    expect(retired).toMatchObject([{ subject: `signing_key:${first}`, details: { number: 1 } }]);
  });

  test('stay in use if the next one can’t be stored, which is retried a minute later', async () => {
    const world = await openTokenWorld();
    const { clock, account } = world;
    const log = collectLog();
    let isFull = false;
    let tries = 0;
    const store: Store = {
      ...world.store,
      insertSigningKey: (...given) => {
        tries += 1;
        if (isFull) throw new StoreUnavailableError('full', { cause: undefined });
        return world.store.insertSigningKey(...given);
      },
    };
    const tokens = createTestAccessTokens({ ...world, store }, clock, log.logger);
    await tokens.prepare();
    clock.nowMs += ROTATION_MS - HOUR_MS;
    isFull = true;

    const { token } = await tokens.issue(account);
    expect(await tokens.verify(token.reveal())).toMatchObject({ ok: true });
    clock.nowMs += 59_999;
    expect(await keyIds(tokens)).toEqual([keyIdOf(token.reveal())]);
    expect([tries, log.lines.filter(({ level }) => level === 50).length]).toEqual([2, 1]);
    clock.nowMs += 1;
    expect(await tokens.verify(token.reveal())).toMatchObject({ ok: true });
    expect([tries, log.lines.filter(({ level }) => level === 50).length]).toEqual([3, 2]);

    clock.nowMs += 60_000;
    isFull = false;
    expect(await keyIds(tokens)).toHaveLength(2);
    isFull = true;
    clock.nowMs += 2 * ROTATION_MS;
    await expect(tokens.verify(token.reveal())).rejects.toThrow(StoreUnavailableError);
  });

  test('are read again for a key that another replica created, but not for every unknown key ID', async () => {
    const world = await openTokenWorld();
    const behind = { nowMs: world.clock.nowMs };
    const replica = createTestAccessTokens(world, behind);
    await replica.prepare();
    world.clock.nowMs += ROTATION_MS;
    await world.tokens.prepare();
    const token = (await world.tokens.issue(world.account)).token.reveal();

    expect(await replica.verify(token)).toMatchObject({ ok: false, reason: 'bad_signature' });
    behind.nowMs += 5_000;
    expect(await replica.verify(token)).toMatchObject({ ok: true });
  });

  test('are derived from the sealed key, so a public part planted in the database has no effect', async () => {
    const world = await openTokenWorld();
    await world.tokens.prepare();
    const mine = await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).publicKey);
    const [stored] = await world.store.signingKeys();
    const store = {
      ...world.store,
      signingKeys: async () => (stored ? [{ ...stored, publicJwk: mine }] : []),
    };

    const tokens = createTestAccessTokens({ ...world, store }, world.clock);

    expect((await tokens.jwks()).keys.map(({ x }) => x)).not.toContain(mine.x);
  });

  test('stop the start under another KEYSMITH_SECRET, with instructions', async () => {
    const world = await openTokenWorld();
    await world.tokens.prepare();
    const tokens = createAccessTokens({
      store: world.store,
      sealer: createSealer(new Uint8Array(32).fill(9), 'signing-1'),
      issuerUrl: () => PUBLIC_URL,
      now: () => world.clock.nowMs,
      newId: draw,
      logger: collectLog().logger,
    });

    await expect(tokens.prepare()).rejects.toMatchObject({ name: 'UnreadableSigningKeyError' });
    await expect(tokens.prepare()).rejects.toThrow('KEYSMITH_SECRET');
  });
});
