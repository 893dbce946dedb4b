import { decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
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

describe('The signing keys of access tokens', () => {
  test('are a single sealed and audited key for replicas that start together', async () => {
    const world = await openTokenWorld();
    const replicas = [1, 2, 3].map(() => createTestAccessTokens(world, world.clock));
    await Promise.all(replicas.map((tokens) => tokens.prepare()));

    const published = await Promise.all(replicas.map(keyIds));

    expect(new Set(published.flat()).size).toBe(1);
    const stored = await world.store.signingKeys('access_token');
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain('"d"');
    const records = await world.store.auditRecords();
    const made = records.filter(({ action }) => action === 'signing_key.created');
    expect(made.map(({ subject }) => subject)).toEqual([`signing_key:${published.flat()[0]}`]);
    const [publicJwk] = (await world.tokens.jwks()).keys;
    expect(publicJwk).toEqual({
      kty: 'RSA',
      n: expect.stringMatching(/^[\w-]{342}$/),
      e: 'AQAB',
      kid: published.flat()[0],
      alg: 'RS256',
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
    expect(await world.store.signingKeys('access_token')).toHaveLength(1);
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
    expect(await keyIds(tokens)).toEqual([keyIdOf(token.reveal())]);
    expect([tries, log.lines.filter(({ level }) => level === 50).length]).toEqual([3, 2]);

    clock.nowMs += 60_000;
    isFull = false;
    expect(await keyIds(tokens)).toHaveLength(2);
    isFull = true;
    clock.nowMs += 2 * ROTATION_MS;
    await expect(tokens.issue(account)).rejects.toThrow(StoreUnavailableError);
  });

  test('are read again for a key that another replica created, but not for every unknown key ID', async () => {
    const world = await openTokenWorld();
    await world.tokens.prepare();
    world.clock.nowMs += ROTATION_MS;
    const replica = createTestAccessTokens(world, world.clock);
    await replica.open();
    const token = (await world.tokens.issue(world.account)).token.reveal();

    expect(await replica.verify(token)).toMatchObject({ ok: false, reason: 'bad_signature' });
    world.clock.nowMs += 5_000;
    expect(await replica.verify(token)).toMatchObject({ ok: true });
  });

  test('created while the clock was a year ahead are replaced at once by keys that rotate as usual', async () => {
    const world = await openTokenWorld();
    const { account } = world;
    const clock = { nowMs: world.clock.nowMs, steppedMs: 365 * 24 * HOUR_MS };
    const tokens = createTestAccessTokens(world, clock);
    const ahead = await issuedKeyId(tokens, account);

    clock.steppedMs = 0;
    clock.nowMs += 5 * 60_000;
    const first = await issuedKeyId(tokens, account);
    expect(first).not.toBe(ahead);
    clock.nowMs += ROTATION_MS;
    const second = await issuedKeyId(tokens, account);
    expect([ahead, first]).not.toContain(second);
  });

  test('are read again for an unknown key ID after the clock was set back', async () => {
    const world = await openTokenWorld();
    await world.tokens.prepare();
    world.clock.nowMs += ROTATION_MS;
    const clock = { nowMs: world.clock.nowMs, steppedMs: 0 };
    const replica = createTestAccessTokens(world, clock);
    await replica.open();
    const token = (await world.tokens.issue(world.account)).token.reveal();
    clock.steppedMs = -12 * HOUR_MS;
    clock.nowMs += 5_000;

    expect(await replica.verify(token)).toMatchObject({ ok: true });
  });

  test('are derived from the sealed key, so a public part planted in the database has no effect', async () => {
    const world = await openTokenWorld();
    await world.tokens.prepare();
    const mine = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey);
    const [stored] = await world.store.signingKeys('access_token');
    const store = {
      ...world.store,
      signingKeys: async () => (stored ? [{ ...stored, publicJwk: mine }] : []),
    };

    const tokens = createTestAccessTokens({ ...world, store }, world.clock);

    expect((await tokens.jwks()).keys.map(({ n }) => n)).not.toContain(mine.n);
  });

  test('are only read at the start, and a verification does not wait for the next one', async () => {
    const world = await openTokenWorld();
    const { token } = await world.tokens.issue(world.account);
    const never = new Promise<never>(() => {});
    const replica = createTestAccessTokens(world, world.clock, undefined, () => never);
    world.clock.nowMs += ROTATION_MS - 1;
    await replica.open();
    void replica.prepare();

    expect(await replica.verify(token.reveal())).toMatchObject({ ok: false, reason: 'token_expired' });
    expect(await world.store.signingKeys('access_token')).toHaveLength(1);
  });

  test('stop the start under another KEYSMITH_SECRET, with instructions', async () => {
    const world = await openTokenWorld();
    await world.tokens.prepare();
    const tokens = createAccessTokens({
      store: world.store,
      sealer: createSealer(new Uint8Array(32).fill(9), 'signing-1'),
      issuerUrl: () => PUBLIC_URL,
      now: () => world.clock.nowMs,
      monotonicMs: () => world.clock.nowMs,
      newId: draw,
      logger: collectLog().logger,
    });

    await expect(tokens.open()).rejects.toMatchObject({ name: 'UnreadableSigningKeyError' });
    await expect(tokens.open()).rejects.toThrow('KEYSMITH_SECRET');
  });
});

describe('A signing key of an earlier version, which signed with EdDSA', () => {
  /** Issues a token as the version did that knew EdDSA only. */
  async function openEdDsaWorld() {
    const world = await openTokenWorld();
    const generateEdDsaKey = async () =>
      exportJWK((await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).privateKey);
    const earlier = createTestAccessTokens(world, world.clock, undefined, generateEdDsaKey);
    const token = (await earlier.issue(world.account)).token.reveal();
    world.clock.nowMs += 60_000;
    return { ...world, token, edDsaKey: keyIdOf(token) };
  }
  const algorithmOf = (token: string) => decodeProtectedHeader(token).alg;

  test('still verifies, and signs until its RS256 successor was published for an hour', async () => {
    const { tokens, clock, token, edDsaKey, account } = await openEdDsaWorld();
    await tokens.open();
    expect(algorithmOf(token)).toBe('EdDSA');
    expect(await tokens.verify(token)).toMatchObject({ ok: true });

    const [first, second] = (await tokens.jwks()).keys;
    expect([first?.kid, first?.alg, second?.alg]).toEqual([edDsaKey, 'EdDSA', 'RS256']);
    clock.nowMs += HOUR_MS - 1;
    const last = (await tokens.issue(account)).token.reveal();
    expect(algorithmOf(last)).toBe('EdDSA');
    clock.nowMs += 1;
    const next = (await tokens.issue(account)).token.reveal();
    expect([algorithmOf(next), keyIdOf(next)]).toEqual(['RS256', second?.kid]);
    expect(await tokens.verify(last)).toMatchObject({ ok: true });
    expect(await tokens.verify(next)).toMatchObject({ ok: true });
  });

  test('is published until the longest token that it could sign has expired, and no longer', async () => {
    const { tokens, clock, edDsaKey } = await openEdDsaWorld();
    await tokens.prepare();
    clock.nowMs += HOUR_MS + 25 * HOUR_MS - 1;
    expect(await keyIds(tokens)).toContain(edDsaKey);
    clock.nowMs += 1;
    expect(await keyIds(tokens)).not.toContain(edDsaKey);
    expect(await keyIds(tokens)).toHaveLength(1);
  });

  test('is replaced once by replicas that start together, and at once if its time was over', async () => {
    const world = await openEdDsaWorld();
    const replicas = [1, 2, 3].map(() => createTestAccessTokens(world, world.clock));
    const published = await Promise.all(replicas.map(keyIds));
    expect(new Set(published.flat()).size).toBe(2);
    expect(await world.store.signingKeys('access_token')).toHaveLength(2);

    const late = await openEdDsaWorld();
    late.clock.nowMs += 31 * 24 * HOUR_MS;
    expect(algorithmOf((await late.tokens.issue(late.account)).token.reveal())).toBe('RS256');
  });
});
