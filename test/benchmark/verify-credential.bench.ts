import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterAll, test } from 'vitest';
import type { AuthorityPorts } from '../../src/application/authority/authority-context.ts';
import { createLastUses } from '../../src/application/authority/last-uses.ts';
import { verifyCredential } from '../../src/application/authority/verify-credential.ts';
import { drawApiKey, formatApiKey, hashApiKeySecret } from '../../src/domain/keys/api-key.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { keyAccount, NOW_MS, seedOrganization, settlement, teamOf } from '../store/contract/world.ts';

const KEYS = 5_000;

const folder = mkdtempSync(join(tmpdir(), 'keysmith-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const logger = pino({ enabled: false });
const file = join(folder, 'keysmith.db');
const stores = openSqliteStores({
  file,
  mode: 'live',
  auditKey: new Uint8Array(32),
  newId: (prefix) => `${prefix}_${crypto.randomUUID()}`,
  logger,
});
const store = await seedOrganization(stores, 'acme');
const { organizationId } = store;
const pepper = createSecretKey(randomBytes(32));
const key = await addKeys();
const never = () => Promise.reject(new Error('This port must not be called.'));
const ports: AuthorityPorts = {
  store,
  peppers: new Map([[1, pepper]]),
  accessTokens: { issue: never, verify: never, jwks: never },
  ownIssuer: () => '',
  issuerKeys: { find: never },
  lateUses: { note: () => {} },
  lastUses: createLastUses({ store, now: () => NOW_MS, logger }),
  counts: { verification: () => {}, exchange: () => {}, nearMatch: () => {} },
  audiences: ['acme'],
  statedUsernames: new Map(),
  now: () => NOW_MS,
  logger,
};
const from = { address: '203.0.113.9', userAgent: 'wandb/0.26.1' };
const valid = new Secret(key);
const unknown = new Secret(formatApiKey(drawApiKey(randomBytes)));
const wrong = new Secret(formatApiKey({ keyId: key.slice(9, 21), secret: drawApiKey(randomBytes).secret }));
const malformed = new Secret(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`);

const raw = new Database(file, { readonly: true });
const read = raw.prepare('select * from api_keys where organization_id = ? and key_id = ?');

test('verifying one credential among 5,000', async ({ bench }) => {
  await bench.compare(
    bench('baseline: one HMAC-SHA-256 and one row of the same table', () => {
      createHmac('sha256', pepper).update(key.slice(-40, -6)).digest('hex');
      read.get(organizationId, key.slice(9, 21));
    }),
    bench('a valid key', () => verifyCredential(ports, valid, from).then(() => undefined)),
    bench('a wrong secret', () => verifyCredential(ports, wrong, from).then(() => undefined)),
    bench('an unknown key', () => verifyCredential(ports, unknown, from).then(() => undefined)),
    bench('a malformed key', () => verifyCredential(ports, malformed, from).then(() => undefined)),
  );
});

/** Adds the keys and returns the last one. */
async function addKeys(): Promise<string> {
  const team = await teamOf(store, 'ml-platform');
  let last = '';
  for (let index = 0; index < KEYS; index += 1) {
    const created = keyAccount(organizationId, team);
    const { keyId, secret } = drawApiKey(randomBytes);
    Object.assign(created.key.record, { keyId, secretHash: hashApiKeySecret(secret, pepper) });
    Object.assign(created.key.delivery, { keyId });
    await store.insertAccount(created);
    await store.settleDelivery(settlement(created.key.delivery.id, 'accepted'));
    last = formatApiKey({ keyId, secret });
  }
  return last;
}
