import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isLargeFile, startFileCheck } from '../../../src/store/access/file-check.ts';
import { openSqliteDatabase } from '../../../src/store/database/open-database.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { AUDIT_KEY, draw } from '../contract/world.ts';
import { openSqliteWorld } from '../database/temporary-database.ts';

/** Everything is large, so that no test has to write 64 MiB. */
const LARGE = { mode: 'sandbox', largeFromBytes: 1 } as const;

/** Places a database with a damaged page that a start doesn't read. */
async function placeDamaged(): Promise<string> {
  const { client, file } = await openSqliteWorld();
  const page = Number(
    client.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'submissions'").pluck().get(),
  );
  client.close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, (page - 1) * 4096, page * 4096));
  return file;
}

function collectLog() {
  const lines: { level: string; message: string }[] = [];
  const at = (level: string) => (_details: object, message: string) => void lines.push({ level, message });
  return { lines, logger: { info: at('info'), error: at('error') } };
}

describe('A large database file', () => {
  it('that is damaged is opened at once, and afterwards the log and readiness say so', async () => {
    const { lines, logger } = collectLog();
    const file = await placeDamaged();
    const stores = openSqliteStores({ file, auditKey: AUDIT_KEY, newId: draw, logger, ...LARGE });
    onTestFinished(() => stores.close());
    expect(await stores.organizationName()).toBe('acme');
    await expect.poll(() => stores.ping().catch((error) => error.fault), { timeout: 10_000 }).toBe('damaged');
    expect(lines).toEqual([{ level: 'error', message: 'database file damaged' }]);
  });

  it('that is intact is checked without blocking this process, and is ready meanwhile', async () => {
    const { lines, logger } = collectLog();
    const { client } = await openSqliteWorld();
    const check = startFileCheck(client, logger);
    check.throwIfDamaged();
    expect(lines).toEqual([]);
    await check.ended;
    check.throwIfDamaged();
    expect(lines).toEqual([{ level: 'info', message: 'database file checked' }]);
  });

  it('isn’t reported if the check is stopped before its end', async () => {
    const { lines, logger } = collectLog();
    const { client } = await openSqliteWorld();
    const check = startFileCheck(client, logger);
    check.stop();
    await check.ended;
    check.throwIfDamaged();
    expect(lines).toEqual([]);
  });

  it('is one of 64 MiB or more: a smaller one that is damaged isn’t opened', async () => {
    const file = await placeDamaged();
    expect(() => openSqliteDatabase({ file, mode: 'sandbox' })).toThrow('is damaged');
    expect(isLargeFile(openSqliteDatabase({ file: ':memory:', mode: 'sandbox' }), 0)).toBe(false);
  });
});
