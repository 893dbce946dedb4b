import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readAssertionKeys } from '../../../src/domain/federation/assertion-keys.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });

test.each([
  ['1, under which anybody could sign', 'AQ'],
  ['1 with zeros before it', 'AAAB'],
  ['0', 'AA'],
  ['even', 'AQAC'],
  ['longer than anybody uses', Buffer.alloc(9, 0xff).toString('base64url')],
  ['nothing', ''],
])('An RSA key whose exponent is %s checks no JWT', (_name, e) => {
  expect(readAssertionKeys({ keys: [{ ...rsa, e }] })).toEqual([]);
});

test.each(['AQAB', 'Aw', 'AAEAAQ'])('An RSA key whose exponent is %s does', (e) => {
  expect(readAssertionKeys({ keys: [{ ...rsa, e }] })).toHaveLength(1);
});
