import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'vitest';
import { drawApiKey, formatApiKey, hashApiKeySecret, parseApiKey } from '../../src/domain/keys/api-key.ts';

const pepper = createSecretKey(randomBytes(32));
const key = formatApiKey(drawApiKey(randomBytes));
const malformed = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;

test('generating and checking one API key', async ({ bench }) => {
  await bench.compare(
    bench('baseline: one HMAC-SHA-256 of 34 bytes', () => {
      createHmac('sha256', pepper).update(key.slice(-40, -6)).digest('hex');
    }),
    bench('generate and format a key', () => {
      formatApiKey(drawApiKey(randomBytes));
    }),
    bench('parse and hash a presented key', () => {
      hashApiKeySecret(parseApiKey(key)?.secret ?? '', pepper);
    }),
    bench('reject a malformed key by its checksum', () => {
      parseApiKey(malformed);
    }),
  );
});
