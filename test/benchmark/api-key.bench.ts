import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'vitest';
import { drawApiKey, formatApiKey, hashApiKeySecret, parseApiKey } from '../../src/domain/keys/api-key.ts';

const pepper = randomBytes(32);
const key = formatApiKey(drawApiKey(randomBytes));
const junk = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;

test('one API key', async ({ bench }) => {
  await bench.compare(
    bench('known: one HMAC-SHA-256 of 34 bytes', () => {
      createHmac('sha256', pepper).update(key.slice(-40, -6)).digest('hex');
    }),
    bench('draw and write a new one', () => {
      formatApiKey(drawApiKey(randomBytes));
    }),
    bench('read and hash a presented one', () => {
      hashApiKeySecret(parseApiKey(key)?.secret ?? '', pepper);
    }),
    bench('refuse junk by its checksum', () => {
      parseApiKey(junk);
    }),
  );
});
