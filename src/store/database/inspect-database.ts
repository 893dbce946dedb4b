import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { MigrationMeta } from 'drizzle-orm/migrator';
import type { KeysBeyondPolicy } from '../../application/teams/team-store.ts';
import type { AdminProblem } from '../../domain/accounts/reconciliation.ts';
import { readKeysBeyondPolicy } from '../organization/policies.ts';
import { readSqliteMigrations, schemaState } from './migrations.ts';
import { isMissingBesideLog, readMode } from './open-database.ts';
import { createConnection } from './prepared-queries.ts';
import {
  type DatabaseMode,
  type DatabaseRefusal,
  DatabaseRefusedError,
  toDatabaseRefusal,
} from './refusal.ts';

export type DatabaseInspection =
  | {
      ok: true;
      exists: boolean;
      /** `none`: no tables yet; the first start creates them. `older`: the next start migrates it. */
      schema: 'none' | 'older' | 'current' | 'newer';
      mode: DatabaseMode | undefined;
      /** At most ten problems that SQLite's integrity check found. */
      integrity: 'ok' | string[];
      /** Whether the file and its folder are writable. If they don't exist yet, the nearest existing folder counts. */
      writable: boolean;
      /** Also undefined if the schema is newer than this code. */
      organizationName: string | undefined;
      /** Where the organization's accounts live. Also undefined if the schema isn't the current one. */
      backend?: 'builtin' | 'wandb' | undefined;
      /** The W&B server's address. */
      backendAddress?: string | undefined;
      /** When the W&B server last created an account without returning its key, in milliseconds since the epoch. */
      keysNotShownAtMs?: number | undefined;
      /** The jobs that keep failing or were given up, by kind. */
      failingJobs?: FailingJobs[];
      /** Also undefined if the schema isn't the current one. */
      problemAccounts?: ProblemAccounts;
      /** Also undefined if the schema isn't the current one. */
      keysBeyondPolicy?: KeysBeyondPolicy;
    }
  | { ok: false; reason: DatabaseRefusal; message: string };

/** The jobs of one kind that have failed several times without a success, or were given up in the last days. */
export interface FailingJobs {
  kind: string;
  count: number;
  givenUp: number;
  /** When the one that has failed longest began to fail, in milliseconds since the epoch. */
  sinceMs: number;
  /** Why its last attempt failed; null from a version that didn't store it. */
  lastFailure: string | null;
}

/** The accounts on the W&B server that need an admin, and that Keysmith still checks. */
export interface ProblemAccounts {
  count: number;
  /** At most three. `name`: the one in W&B. */
  oldest: { name: string; team: string; problem: AdminProblem }[];
}

/**
 * Inspects a database without creating, changing or locking anything, even while another process uses it.
 *
 * @param options.checksIntegrity false to skip the check of the whole file, which takes seconds for a large one
 */
export function inspectDatabase(
  file: string,
  mode: DatabaseMode,
  { checksIntegrity = true, nowMs = Date.now() }: { checksIntegrity?: boolean; nowMs?: number } = {},
): DatabaseInspection {
  const migrations = readSqliteMigrations();
  try {
    const writable = isWritable(file) && isWritable(dirname(file));
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (isMissingBesideLog(file)) throw new DatabaseRefusedError('replaced', file);
    if (size === undefined || size === 0) {
      const empty = {
        schema: 'none',
        mode: undefined,
        integrity: 'ok',
        organizationName: undefined,
      } as const;
      return { ok: true, exists: size === 0, writable, ...empty };
    }
    const client = openReadOnly(file);
    try {
      return {
        ok: true,
        exists: true,
        writable,
        ...inspectOpened(client, migrations, { file, mode, checksIntegrity, nowMs }),
      };
    } finally {
      client.close();
    }
  } catch (error) {
    const refusal = toDatabaseRefusal(error, file);
    if (!(refusal instanceof DatabaseRefusedError)) throw refusal;
    return { ok: false, reason: refusal.reason, message: refusal.message };
  }
}

function inspectOpened(
  client: Database.Database,
  migrations: readonly MigrationMeta[],
  {
    file,
    mode,
    checksIntegrity,
    nowMs,
  }: { file: string; mode: DatabaseMode; checksIntegrity: boolean; nowMs: number },
) {
  const schema = schemaState(client, migrations);
  if (schema === 'foreign') throw new DatabaseRefusedError('not_ours', file);
  const found = schema === 'none' ? undefined : readMode(client);
  if (found !== undefined && found !== mode) throw new DatabaseRefusedError('other_mode', file);
  const problems = checksIntegrity
    ? client.prepare('PRAGMA integrity_check(10)').pluck().all().map(String)
    : ['ok'];
  const isKnown = schema === 'current' || schema === 'older';
  return {
    schema,
    mode: found,
    integrity: problems.length === 1 && problems[0] === 'ok' ? ('ok' as const) : problems,
    organizationName: isKnown ? readName(client) : undefined,
    ...(schema === 'current' && {
      ...readBackend(client),
      failingJobs: readFailingJobs(client),
      problemAccounts: readProblemAccounts(client),
      keysBeyondPolicy: readLongKeys(client, nowMs),
    }),
  };
}

function readBackend(client: Database.Database) {
  const row = client
    .prepare<
      [],
      { backend: 'builtin' | 'wandb' | null; backendAddress: string | null; keysNotShownAtMs: number | null }
    >(
      `SELECT backend, backend_address AS backendAddress, keys_not_shown_at_ms AS keysNotShownAtMs
       FROM organizations ORDER BY created_at_ms LIMIT 1`,
    )
    .get();
  return {
    backend: row?.backend ?? undefined,
    backendAddress: row?.backendAddress ?? undefined,
    keysNotShownAtMs: row?.keysNotShownAtMs ?? undefined,
  };
}

/** As many attempts fail in about an hour. Shorter causes, such as a restart of the W&B server, resolve themselves. */
const FAILED_ATTEMPTS = 7;

/** With `min`, SQLite takes `last_failure` from the row of the minimum (sqlite.org/lang_select.html#bareagg). */
function readFailingJobs(client: Database.Database): FailingJobs[] {
  return client
    .prepare<[number], FailingJobs>(
      `SELECT kind, count(*) AS count, count(outcome) AS givenUp,
         min(coalesce(failing_since_ms, finished_at_ms)) AS sinceMs, last_failure AS lastFailure
       FROM jobs
       WHERE outcome = 'failed' OR (finished_at_ms IS NULL AND failing_since_ms IS NOT NULL AND attempts >= ?)
       GROUP BY kind ORDER BY kind`,
    )
    .all(FAILED_ATTEMPTS);
}

const MAX_PROBLEM_ACCOUNTS = 3;

function readProblemAccounts(client: Database.Database): ProblemAccounts {
  const rows = client
    .prepare<[], ProblemAccounts['oldest'][number]>(
      `SELECT s.name AS name, t.name AS team, s.problem AS problem
       FROM server_accounts AS s
       JOIN service_accounts AS a ON a.organization_id = s.organization_id AND a.id = s.account_id
       JOIN teams AS t ON t.organization_id = a.organization_id AND t.id = a.team_id
       JOIN jobs AS j ON j.organization_id = s.organization_id AND j.kind = 'server_account' AND j.subject = s.id
         AND j.finished_at_ms IS NULL
       WHERE s.problem IS NOT NULL AND s.gone_at_ms IS NULL
       ORDER BY s.created_at_ms, s.id`,
    )
    .all();
  return { count: rows.length, oldest: rows.slice(0, MAX_PROBLEM_ACCOUNTS) };
}

function readLongKeys(client: Database.Database, nowMs: number): KeysBeyondPolicy {
  const organizationId = client
    .prepare('SELECT organization_id FROM organizations ORDER BY created_at_ms LIMIT 1')
    .pluck()
    .get();
  if (typeof organizationId !== 'string') return { count: 0, some: [] };
  return readKeysBeyondPolicy(createConnection(client), { organizationId }, nowMs);
}

function readName(client: Database.Database): string | undefined {
  const name = client.prepare('SELECT name FROM organizations ORDER BY created_at_ms LIMIT 1').pluck().get();
  return typeof name === 'string' ? name : undefined;
}

/** Node reads files of less than two gigabytes. */
const MAX_IN_MEMORY_BYTES = 1024 ** 3;

/**
 * SQLite leaves files beside a WAL database that it opens read-only. A closed database is therefore read into memory if it
 * fits, where only a rollback journal works: two bytes of its header select the journal (sqlite.org/fileformat.html, 1.3.3).
 */
function openReadOnly(file: string): Database.Database {
  const isInUse = existsSync(`${file}-wal`);
  return isInUse || statSync(file).size > MAX_IN_MEMORY_BYTES
    ? new Database(file, { readonly: true, fileMustExist: true })
    : new Database(withoutWal(readFileSync(file)), { readonly: true });
}

function withoutWal(bytes: Buffer): Buffer {
  if (bytes.length >= 20) bytes.fill(1, 18, 20);
  return bytes;
}

function isWritable(path: string): boolean {
  if (!existsSync(path)) return isWritable(dirname(path));
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
