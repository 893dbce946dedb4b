import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readAssertionKeys } from '../../../src/domain/federation/assertion-keys.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });

describe('A key set of an issuer', () => {
  test.each([
    ['with padding', `${rsa.n}==`],
    ['in plain base64', rsa.n?.replaceAll('-', '+').replaceAll('_', '/')],
  ])('may have its numbers %s', (_what, n) => {
    const [key] = readAssertionKeys({ keys: [{ ...rsa, n }] }) ?? [];
    expect(key?.jwk.n).toBe(rsa.n);
  });
});

describe('An RSA key of an issuer', () => {
  test.each([
    ['1, under which anyone could sign', 'AQ'],
    ['1 with zeros before it', 'AAAB'],
    ['0', 'AA'],
    ['even', 'AQAC'],
    ['longer than 64 bits', Buffer.alloc(9, 0xff).toString('base64url')],
    ['empty', ''],
  ])('is skipped if its exponent is %s', (_name, e) => {
    expect(readAssertionKeys({ keys: [{ ...rsa, e }] })).toEqual([]);
  });

  test.each(['AQAB', 'Aw', 'AAEAAQ'])('is used with the exponent %s', (e) => {
    expect(readAssertionKeys({ keys: [{ ...rsa, e }] })).toHaveLength(1);
  });
});
