import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkAssertionClaims } from '../../../src/domain/federation/assertion-claims.ts';
import {
  parseUnambiguousObject,
  readAssertionParts,
} from '../../../src/domain/federation/assertion-parts.ts';
import { toIssuer } from '../../../src/domain/federation/issuer.ts';
import { randomRuns } from '../../long-form.ts';
import { NOW_MS } from '../../store/contract/world.ts';

const NOW = NOW_MS / 1000;
const issuer = { isSingleUse: false, maxLifetimeSeconds: 3600 };
const world = { audiences: ['acme'], nowMs: NOW_MS };
const good = { sub: 'repo:acme/models', aud: 'acme', iat: NOW, exp: NOW + 600 };

function check(claims: Record<string, unknown>, of: Partial<typeof issuer> = {}) {
  return checkAssertionClaims({ ...good, ...claims }, { issuer: { ...issuer, ...of }, ...world });
}

describe('The claims of a JWT', () => {
  test('are accepted if all are valid', () => {
    expect(check({ jti: 'one' })).toEqual({
      ok: true,
      subject: 'repo:acme/models',
      tokenId: 'one',
      acceptedUntilMs: NOW_MS + 660_000,
    });
  });

  test.each([
    ['another aud', { aud: 'other' }, 'wrong_audience'],
    ['an aud in another letter case', { aud: 'Acme' }, 'wrong_audience'],
    ['an aud that only starts with the audience', { aud: 'acme-labs' }, 'wrong_audience'],
    ['no aud', { aud: undefined }, 'wrong_audience'],
    ['an empty list as aud', { aud: [] }, 'wrong_audience'],
    ['no exp', { exp: undefined }, 'no_expiry'],
    ['an exp of a minute ago', { exp: NOW - 60 }, 'expired'],
    ['an exp of an hour ago', { iat: NOW - 4200, exp: NOW - 3600 }, 'expired'],
    ['an exp before the epoch', { exp: -1 }, 'expired'],
    ['an nbf in 61 s', { nbf: NOW + 61 }, 'not_yet_valid'],
    ['an iat in 61 s', { iat: NOW + 61 }, 'issued_in_the_future'],
    ['a lifetime of 3601 s', { exp: NOW + 3601 }, 'lives_too_long'],
    ['a long lifetime that is nearly over', { iat: NOW - 86_400, exp: NOW + 60 }, 'lives_too_long'],
    ['3661 s left and no iat', { iat: undefined, exp: NOW + 3661 }, 'lives_too_long'],
    ['an exp in the distant future', { exp: 1e300 }, 'lives_too_long'],
  ])('are rejected with %s', (_what, claims, reason) => {
    expect(check(claims)).toEqual({ ok: false, reason });
  });

  test.each([
    ['aud as a list', { aud: ['other', 'acme'] }],
    ['an nbf in 60 s', { nbf: NOW + 60 }],
    ['an iat in 60 s', { iat: NOW + 60 }],
    ['an exp of now', { exp: NOW }],
    ['an exp of less than a minute ago', { exp: NOW - 59.5 }],
    ['no iat', { iat: undefined }],
    ['a lifetime of 3600 s', { exp: NOW + 3600 }],
  ])('are accepted with %s', (_what, claims) => {
    expect(check(claims)).toMatchObject({ ok: true });
  });

  test.each([
    ['sub', [undefined, null, '', 7, ['a'], {}, true, 'a\ud800']],
    ['aud', [7, {}, true, ['acme', 7], [['acme']]]],
    ['exp', ['2000000000', null, true, [], Number.POSITIVE_INFINITY, Number.NaN]],
    ['nbf', ['1', null, {}, Number.NEGATIVE_INFINITY]],
    ['iat', ['1', null, {}, Number.NaN]],
    ['jti', ['', 7, null, '\udfff']],
  ] as const)('keep it out where %s is not what it must be', (claim, values) => {
    for (const value of values) {
      expect(check({ [claim]: value })).toEqual({ ok: false, reason: 'bad_claim', claim });
    }
  });

  test.each([
    ['an iat in the distant past', { iat: -1e300 }],
    ['an exp in the distant future, without an iat', { iat: undefined, exp: 1e300 }],
    ['an exp in the distant future, with an iat there too', { iat: 1e300, exp: 1e300 }],
  ])('have a bounded lifetime with %s', (_what, claims) => {
    expect(check(claims)).toMatchObject({ ok: false });
  });

  test('are accepted from Azure, whose managed identities get JWTs for 24 h 5 min, and for at most 25 h', () => {
    const { maxLifetimeSeconds } = toIssuer({ url: 'https://login.microsoftonline.com/tenant/v2.0' });
    const azure = { iat: NOW - 300, exp: NOW - 300 + 24 * 3600 + 300 };

    expect(check(azure, { maxLifetimeSeconds })).toMatchObject({ ok: true });
    // Without an iat, an issuer whose clock is ahead may have issued it now.
    expect(check({ iat: undefined, exp: NOW + 25 * 3600 + 60 }, { maxLifetimeSeconds })).toMatchObject({
      ok: true,
    });
    expect(check({ exp: NOW + 25 * 3600 }, { maxLifetimeSeconds })).toMatchObject({ ok: true });
    expect(check({ exp: NOW + 25 * 3600 + 1 }, { maxLifetimeSeconds })).toMatchObject({
      reason: 'lives_too_long',
    });
  });

  test('are remembered until the end of the tolerance, in whole milliseconds, where exp is a fraction', () => {
    expect(check({ exp: NOW + 0.0001 })).toMatchObject({ acceptedUntilMs: NOW_MS + 60_001 });
  });

  test('need a jti if the issuer’s JWTs are single-use', () => {
    expect(check({}, { isSingleUse: true })).toEqual({ ok: false, reason: 'no_token_id' });
    expect(check({ jti: 'one' }, { isSingleUse: true })).toMatchObject({ ok: true, tokenId: 'one' });
  });

  test('never throw, and are accepted only for Keysmith’s audience, now and for a bounded time', () => {
    const around = fc.integer({ min: -8000, max: 8000 }).map((seconds) => NOW + seconds);
    const odd = fc.constantFrom(undefined, null, 7, true, '', {}, ['acme', ['acme']], 'a\ud800');
    const time = fc.option(fc.oneof(around, fc.double(), odd), { nil: undefined });
    const aud = fc.oneof(fc.constant('acme'), fc.array(fc.constantFrom('acme', 'x', 7)), odd);
    const sub = fc.oneof(fc.string(), odd);
    fc.assert(
      fc.property(fc.record({ sub, aud, exp: time, nbf: time, iat: time }), (claims) => {
        const result = check(claims);
        if (!result.ok) return;
        const { exp, nbf, iat } = claims as { exp: number; nbf?: number; iat?: number };
        expect(result.subject).toBe(claims.sub);
        expect(result.subject).not.toBe('');
        expect([claims.aud].flat()).toContain('acme');
        expect(exp).toBeGreaterThan(NOW - 60);
        expect(exp - (iat ?? NOW)).toBeLessThanOrEqual(3600);
        for (const begin of [nbf, iat]) expect(begin ?? NOW).toBeLessThanOrEqual(NOW + 60);
      }),
      { numRuns: randomRuns(200) },
    );
  });
});

describe('A JSON object in a JWT', () => {
  test('is parsed if no member name is duplicated', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        expect(parseUnambiguousObject(JSON.stringify(value, null, 1))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
      { numRuns: randomRuns(200) },
    );
  });

  test.each([
    '{"exp":1,"exp":2}',
    '{"exp":1,"\\u0065xp":2}',
    '{"exp":1 , "a":[{"b":"}{:,"}], "exp" : 2}',
    '{"a":{"b":1,"b":1}}',
    '{"a":[{"b\\"":1,"b\\"":1}]}',
    '{"__proto__":1,"__proto__":2}',
    '[]',
    '"a"',
    'null',
    '7',
    '',
    '{',
    '{"a":1}{"a":1}',
    '\ufeff{"a":1}',
    `{"a":${'['.repeat(32)}${']'.repeat(32)}}`,
  ])('is rejected as ambiguous or malformed: %s', (text) => {
    expect(parseUnambiguousObject(text)).toBeUndefined();
  });

  test.each([
    '{"a":{"b":1},"c":{"b":1},"b":1}',
    '{"a":"\\"a\\":","b":["a","a",":"],"A":1}',
    `{"a":${'['.repeat(31)}${']'.repeat(31)}}`,
  ])('is accepted: %s', (text) => {
    expect(parseUnambiguousObject(text)).toEqual(JSON.parse(text));
  });
});

describe('A compact JWT', () => {
  const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url');
  const header = encode('{"alg":"ES256"}');
  const claims = encode('{"sub":"a"}');

  test('is decoded into its header and its claims', () => {
    expect(readAssertionParts(`${header}.${claims}.c2ln`)).toEqual({
      header: { alg: 'ES256' },
      claims: { sub: 'a' },
    });
  });

  test.each([
    ['too few parts', `${header}.${claims}`],
    ['too many parts', `${header}.${claims}.c2ln.c2ln`],
    ['no header', `.${claims}.c2ln`],
    ['no claims', `${header}..c2ln`],
    ['padding', `${header}.${claims}.c2lnYQ==`],
    ['base64 that isn’t base64url', `${header}.${claims}.a+b/`],
    ['non-canonical trailing bits', `${header}.${claims}.c2lnYR`],
    ['a space in it', `${header}. ${claims}.c2ln`],
    ['claims that aren’t UTF-8', `${header}.${encode(Buffer.from([0x7b, 0xff, 0x7d]))}.c2ln`],
    ['claims that aren’t an object', `${header}.${encode('[1]')}.c2ln`],
    ['a header with a duplicate alg', `${encode('{"alg":"none","alg":"ES256"}')}.${claims}.c2ln`],
    ['50,000 characters', `${header}.${encode(`{"a":"${'x'.repeat(50_000)}"}`)}.c2ln`],
  ])('is rejected with %s', (_what, jwt) => {
    expect(readAssertionParts(jwt)).toBeUndefined();
  });

  test('is rejected without an exception for any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(readAssertionParts(`${text}.${text}.${text}`)).toBeUndefined();
      }),
      { numRuns: randomRuns(300) },
    );
  });
});
