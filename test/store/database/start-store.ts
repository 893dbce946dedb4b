import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import { AUDIT_KEY, DESIRED, NOW_MS } from '../contract/world.ts';

/** A process that starts on each database that it is told of, a path a line, and answers with its organization's ID. */

const newId = (prefix: string) => `${prefix}_${randomUUID()}`;
process.stdout.write('ready\n');
for await (const file of createInterface(process.stdin)) {
  const store = openSqliteStore({ file, mode: 'sandbox', auditKey: AUDIT_KEY, newId, busyTimeoutMs: 5000 });
  const organizationId = await store.openOrganization('acme', NOW_MS);
  await store.applyOrganization(organizationId, DESIRED, NOW_MS);
  await store.close();
  process.stdout.write(`${organizationId}\n`);
}
