import { decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { ISSUER } from '../../store/contract/world.ts';
import { createTestAccessTokens, openExchangeWorld, PUBLIC_URL } from '../../world/exchange-world.ts';

const HOUR_MS = 60 * 60_000;

async function openTokenWorld() {
  const world = await openExchangeWorld();
  const account = await world.addAccount(ISSUER);
  return { ...world, account, tokens: createTestAccessTokens(world, world.clock) };
}

const keyIdOf = (token: string) => String(decodeProtectedHeader(token).kid);

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
    expect(await world.tokens.verify(token.reveal())).toMatchObject({ ok: false, reason: 'token_expired' });
  });

  test('is rejected when the clock was set back so far since that it could live for longer than a day', async () => {
    const world = await openTokenWorld();
    const issuedAtMs = world.clock.nowMs;
    const { token } = await world.tokens.issue(world.account);

    world.clock.nowMs = issuedAtMs - 10 * 60_000;
    expect(await world.tokens.verify(token.reveal())).toMatchObject({ ok: true });
    for (const days of [1, 10 * 365]) {
      world.clock.nowMs = issuedAtMs - days * 24 * HOUR_MS;
      expect(await world.tokens.verify(token.reveal())).toMatchObject({ ok: false, reason: 'token_expired' });
    }
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
    const { privateKey } = await generateKeyPair('RS256');
    const { privateKey: ofAnotherKind } = await generateKeyPair('EdDSA');
    const now = Math.floor(world.clock.nowMs / 1000);
    const forge = (iss: string, kid: string | undefined, alg = 'RS256', key: unknown = privateKey) =>
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
    expect(await world.tokens.verify(await forge(PUBLIC_URL, keyId, 'EdDSA', ofAnotherKind))).toMatchObject({
      reason: 'bad_signature',
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
