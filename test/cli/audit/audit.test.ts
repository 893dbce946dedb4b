import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { runAudit } from '../../../src/cli/audit/audit-command.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { AUDIT_ACTIONS } from '../../../src/domain/audit/audit-actions.ts';
import { deriveKey } from '../../../src/domain/keys/sealed.ts';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { liveEnv, settingsFolder, teamsText, validSecret } from '../../config/settings-folder.ts';
import { auditEvent, draw, NOW_MS, seedAcme } from '../../store/contract/world.ts';
import { placeMigratedDatabase } from '../../store/database/migrated-database.ts';
import { temporaryFolder } from '../../store/database/temporary-database.ts';

const EVENTS = 1_050;

async function openCommand() {
  const file = join(temporaryFolder(), 'keysmith.db');
  placeMigratedDatabase(file, 'live');
  const auditKey = deriveKey(Buffer.from(validSecret, 'base64'), 'audit');
  const stores = openSqliteStores({ file, mode: 'live', auditKey, newId: draw, keepsReserve: false });
  await seedAcme(stores);
  const store = await stores.openOrganization('acme', NOW_MS);
  const have = (await store.auditHead())?.sequence ?? 0;
  for (let number = have; number < EVENTS; number += 1) {
    const action = AUDIT_ACTIONS[number % AUDIT_ACTIONS.length] ?? 'team.created';
    await store.appendAuditEvent(auditEvent(action, { team: 'ml-platform', reason: 'not_admin' }));
  }
  const records = await store.auditRecords();
  await stores.close();
  const cwd = settingsFolder({ 'teams.yml': teamsText });
  const audit = async (args: string[], log?: string) => {
    const lines = { out: [] as string[], error: [] as string[] };
    const code = await runAudit(args, {
      loadConfig: () => loadConfig({ env: { ...liveEnv, DATABASE_URL: `file:${file}` }, cwd }),
      print: (line) => void lines.out.push(line),
      printError: (line) => void lines.error.push(line),
      inspectDatabase: async (path, mode, options) => inspectDatabase(path, mode, options),
      openStores: async (options) =>
        openSqliteStores({ ...options, keepsReserve: false, busyTimeoutMs: 100 }),
      randomBytes,
      now: () => NOW_MS,
      ...(log !== undefined && { input: Readable.from([log]) }),
    });
    return { code, out: lines.out, stdout: lines.out.join('\n'), stderr: lines.error.join('\n') };
  };
  const tamper = (...statements: string[]) => {
    const db = new Database(file);
    db.pragma('foreign_keys = off');
    for (const trigger of ['audit_events_no_update', 'audit_events_no_delete', 'audit_subjects_no_delete']) {
      db.exec(`drop trigger ${trigger}`);
    }
    for (const statement of statements) db.exec(statement);
    db.close();
  };
  const headLine = (sequence: number, head = records[sequence - 1]?.hash) =>
    JSON.stringify({ level: 'info', time: '2026-01-15T12:00:00Z', sequence, head, msg: 'audit head' });
  return { audit, tamper, records, headLine };
}

describe('The command audit', () => {
  let opened: Awaited<ReturnType<typeof openCommand>>;
  beforeEach(async () => {
    opened = await openCommand();
  });

  it('verifies an unbroken record, and says what only logged heads can show', async () => {
    const { code, stdout, stderr } = await opened.audit(['verify']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`The record is unbroken: 1,050 events. Head: ${opened.records.at(-1)?.hash}`);
    expect(stdout).toContain('compare with --log FILE');
  });

  it('says that a log contains no heads, from a file or standard input', async () => {
    const file = join(temporaryFolder(), 'other.log');
    writeFileSync(file, 'started\nnoise {\n');
    const ofFile = await opened.audit(['verify', '--log', file]);
    expect([ofFile.code, ofFile.stderr]).toEqual([0, '']);
    expect(ofFile.stdout).toContain(`“${file}” contains no heads.`);
    expect(ofFile.stdout).not.toContain('compare with --log');
    const ofInput = await opened.audit(['verify', '--log', '-'], 'started');
    expect(ofInput.stdout).toContain('standard input contains no heads.');
  });

  it('names the last logged head that matches, from a file or standard input', async () => {
    const log = ['started', opened.headLine(10), 'noise {', opened.headLine(900)].join('\n');
    const file = join(temporaryFolder(), 'keysmith.log');
    writeFileSync(file, log);
    for (const result of [
      await opened.audit(['verify', '--log', file]),
      await opened.audit(['verify', '--log', '-'], log),
    ]) {
      expect([result.code, result.stderr]).toEqual([0, '']);
      expect(result.stdout).toContain(
        'The last logged head that matches is that of entry 900 at 2026-01-15T12:00:00Z',
      );
    }
  });

  it('names the first entry that was changed, and the last head before it', async () => {
    opened.tamper("update audit_events set details = '{}' where sequence = 500");
    const log = [opened.headLine(400), opened.headLine(900)].join('\n');
    const { code, stdout, stderr } = await opened.audit(['verify', '--log', '-'], log);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The record is broken at entry 500, which was changed');
    expect(stderr).toContain('The last logged head that matches is that of entry 400');
  });

  it('names an entry that is missing, and the newest ones only by the log', async () => {
    opened.tamper('delete from audit_subjects', 'delete from audit_events where sequence > 1000');
    const log = opened.headLine(1_040);
    const short = await opened.audit(['verify', '--log', '-'], log);
    expect(short.code).toBe(1);
    expect(short.stderr).toContain(
      'The newest entries are missing: the log has the head of entry 1040, and the record ends at 1000',
    );
    opened = await openCommand();
    opened.tamper('delete from audit_subjects', 'delete from audit_events where sequence = 700');
    expect((await opened.audit(['verify'])).stderr).toContain(
      'The record is broken at entry 700, which is missing',
    );
  });

  it('tells a record that was written again from the one that was logged', async () => {
    const { code, stderr } = await opened.audit(
      ['verify', '--log', '-'],
      opened.headLine(600, 'f'.repeat(64)),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('Entry 600 isn’t the one that was logged at 2026-01-15T12:00:00Z');
    expect(stderr).toContain('None of the 1 logged heads matches.');
  });

  it('exports every entry in the form of OCSF with the fields of the chain, and the head', async () => {
    const { code, out, stderr } = await opened.audit(['export']);
    expect(code).toBe(0);
    const events = out.map((line) => JSON.parse(line));
    expect(events).toHaveLength(EVENTS);
    for (const [index, event] of events.entries()) {
      expect(event).toMatchObject({ category_uid: 3, class_uid: 3004, metadata: { version: '1.1.0' } });
      expect(event.type_uid).toBe(300_400 + event.activity_id);
      expect([0, 1, 2, 3, 4, 99]).toContain(event.activity_id);
      expect(event.entity.uid ?? event.entity.name).toBeTruthy();
      expect(event.actor.user).toBeDefined();
      const { organization: _, organizationId: __, ...chained } = event.unmapped;
      expect(chained).toEqual(opened.records[index]);
    }
    const refused = events.find(({ metadata }) => metadata.event_code === 'service_account.revoke_refused');
    expect(refused).toMatchObject({ activity_id: 4, status_id: 2, status_detail: 'not_admin' });
    expect(JSON.parse(stderr)).toMatchObject({
      msg: 'audit head',
      sequence: EVENTS,
      head: opened.records.at(-1)?.hash,
    });
    // What an export prints is itself a logged head.
    expect((await opened.audit(['verify', '--log', '-'], stderr)).stdout).toContain(
      `that of entry ${EVENTS}`,
    );
  });

  it.each([
    [[], 'Missing command.'],
    [['verfy'], 'Did you mean "audit verify"?'],
    [['export', '--log', 'x'], 'Unknown options for "audit export".'],
    [['verify', 'x'], 'Unknown options for "audit verify".'],
  ])('exits with 64 for the arguments %j', async (args, text) => {
    const { code, stdout, stderr } = await opened.audit(args);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain(text);
  });

  it('says that a log can’t be read', async () => {
    expect(await opened.audit(['verify', '--log', '/nonexistent/log'])).toMatchObject({
      code: 1,
      stdout: '',
    });
  });
});
