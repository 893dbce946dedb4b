import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { AUDIT_KEY, DESIRED, NOW_MS } from '../contract/world.ts';

/** A process that reads paths from standard input, opens each database and prints its organization's ID. */

const newId = (prefix: string) => `${prefix}_${randomUUID()}`;
process.stdout.write('ready\n');
for await (const file of createInterface(process.stdin)) {
  const stores = openSqliteStores({ file, mode: 'sandbox', auditKey: AUDIT_KEY, newId, busyTimeoutMs: 5000 });
  const store = await stores.openOrganization('acme', NOW_MS);
  await store.applyOrganization(DESIRED, NOW_MS);
  await stores.close();
  process.stdout.write(`${store.organizationId}\n`);
}
