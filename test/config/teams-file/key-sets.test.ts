import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseTeamsFile } from '../../../src/config/teams-file/read-teams-file.ts';
import { teamsFileProblemText } from '../../../src/config/teams-file/teams-file.ts';
import { readAssertionKeys } from '../../../src/domain/federation/assertion-keys.ts';

/** YAML in the flow style, which JSON is. */
const flow = (value: unknown) => JSON.stringify(value);
const parse = (jwks: string) =>
  parseTeamsFile(
    `teams: []\nissuers:\n  - { url: "https://gitlab.acme.test", jwks: ${jwks} }\n`,
    'teams.yml',
  );
const withKeys = (...keys: unknown[]) => parse(flow({ keys }));

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const jwkOf = (key: { publicKey: KeyObject }) => key.publicKey.export({ format: 'jwk' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = ec('P-256');
const key256 = jwkOf(p256);
const rsaKey = jwkOf(rsa);

const UNUSABLE: [what: string, key: unknown, message: RegExp][] = [
  ['a shared key without its value', { kty: 'oct' }, /Use a key of kty/],
  ['a short RSA key', jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 })), /2048 to 8192 bits/],
  ['an RSA key with the exponent 1', { ...rsaKey, e: 'AQ' }, /exponent/],
  ['a key on a curve that JWTs don’t use', jwkOf(ec('secp256k1')), /Use a key of kty/],
  ['a kty of the future', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' }, /Use a key of kty/],
  ['a kty that every JavaScript object has', { ...key256, kty: '__proto__' }, /Use a key of kty/],
  ['a key for key agreement', jwkOf(generateKeyPairSync('x25519')), /Use a key of kty/],
  ['a point that isn’t on the curve', { ...key256, y: key256.x }, /isn’t a valid public key/],
  ['a key without y', { ...key256, y: undefined }, /isn’t a valid public key/],
  ['a truncated key', { ...key256, x: key256.x?.slice(0, -2) }, /isn’t a valid public key/],
  ['a number instead of text', { ...key256, kid: 7 }, /isn’t a valid public key/],
  ['a key for encryption', { ...rsaKey, use: 'enc', alg: 'RSA-OAEP' }, /isn’t for signatures/],
  ['a key for other operations', { ...rsaKey, key_ops: ['encrypt'] }, /isn’t for signatures/],
  ['an algorithm of another key type', { ...key256, alg: 'HS256' }, /alg isn’t a signature algorithm/],
  ['text instead of a key', 'key', /A key is a map/],
];

describe('A key set in the teams file', () => {
  it.each(UNUSABLE)('keeps its good keys beside %s, which is ignored with a warning', (_, key, message) => {
    const named = typeof key === 'object' && !('kid' in (key as object)) ? { ...key, kid: 'odd-1' } : key;
    const result = withKeys({ ...key256, kid: 'good' }, named);

    if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
    expect(result.teamsFile.issuers[0]?.jwks).toEqual({ keys: [{ ...key256, kid: 'good' }] });
    const warnings = result.warnings.map(teamsFileProblemText);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    const name = named === key ? '' : ' "odd-1"';
    expect(warnings[0]).toContain(`issuers[0].jwks.keys[1]: The key${name} is ignored. `);
    expect(warnings[0]).not.toMatch(/[\w-]{40}/);
  });

  it.each(UNUSABLE)('is refused if no key is left beside %s', (_, key, message) => {
    const result = withKeys(key, { ...rsaKey, use: 'enc' });

    expect(result.ok ? [] : result.problems.map(teamsFileProblemText)).toEqual([
      expect.stringMatching(message),
      expect.stringMatching(/issuers\[0\]\.jwks\.keys\[1\]: It isn’t for signatures/),
    ]);
    // All problems in JSON text have the place of the text.
    const asText = parse(flow(flow({ keys: [key] })));
    expect(asText.ok ? [] : asText.problems.map(teamsFileProblemText)).toEqual([
      expect.stringMatching(/^teams.yml:3:\d+: issuers\[0\].jwks.keys\[0\]/),
    ]);
  });

  it.each([
    ['a private RSA key', rsa.privateKey.export({ format: 'jwk' })],
    ['a private curve key', p256.privateKey.export({ format: 'jwk' })],
    ['a shared key', { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQ' }],
    ['one private member', { ...rsaKey, qi: 'AAAA' }],
    ['a private key for encryption', { ...rsa.privateKey.export({ format: 'jwk' }), use: 'enc' }],
  ])('is refused for %s, even beside good keys', (_, key) => {
    const result = withKeys(key256, key);

    expect(result.ok ? [] : result.problems.map(teamsFileProblemText)).toEqual([
      expect.stringMatching(/issuers\[0\]\.jwks\.keys\[1\]: This is a private or shared key .*public part/),
    ]);
  });

  it('may be a SPIFFE trust bundle, whose keys for certificates are ignored', () => {
    const bundle = {
      keys: [
        { ...key256, kid: 'certificates', use: 'x509-svid' },
        { ...rsaKey, kid: 'tokens', use: 'jwt-svid' },
      ],
      spiffe_sequence: 3,
      spiffe_refresh_hint: 300,
    };
    for (const result of [parse(flow(bundle)), parse(flow(flow(bundle)))]) {
      if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
      const jwks = result.teamsFile.issuers[0]?.jwks;
      expect(readAssertionKeys(jwks)?.map(({ keyId }) => keyId)).toEqual(['tokens']);
      expect(result.warnings).toHaveLength(1);
    }
  });

  it('doesn’t repeat a key ID that may be something else', () => {
    const result = withKeys(key256, { kty: 'XX', kid: 'a b\nc' }, { kty: 'XX', kid: 'x'.repeat(101) });

    expect(result.ok && result.warnings.map(({ message }) => message.split('. ')[0])).toEqual([
      'The key is ignored',
      'The key is ignored',
    ]);
  });
});

describe('A team in the teams file', () => {
  it('has a warning for a pattern that lets in other GitHub owners or looks like a regular expression', () => {
    const good = ['repo:acme/*', 'repo:acme@1234567/*', 'system:*', '*', 'spiffe://acme.test/*'];
    const patterns = ['repo:acme*', 'repo:acme@12*', '^repo:acme/.*$', ...good];
    const result = parseTeamsFile(
      `teams:\n  - name: ml-platform\n    subjects: ${flow(patterns)}\n`,
      'teams.yml',
    );

    expect(result.ok && result.warnings.map(({ path }) => path)).toEqual([
      'teams[0].subjects[0]',
      'teams[0].subjects[1]',
      'teams[0].subjects[2]',
    ]);
    expect(result.ok && result.warnings[2]?.message).toContain('Only * is special');
    expect(result.ok && result.warnings[0]?.message).toContain('repo:OWNER@ID/*');
  });
});
