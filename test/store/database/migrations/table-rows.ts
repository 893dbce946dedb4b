import Database from 'better-sqlite3';
import { applyMigrations, readSqliteMigrations } from '../../../../src/store/database/migrations.ts';
import { MIGRATIONS_BEFORE } from './before-server-accounts.ts';

/** Returns the column names by table, without drizzle's own table. */
export function columnsOf(client: Database.Database): Map<string, string[]> {
  const tables = client
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    )
    .pluck()
    .all();
  const columns = client.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck();
  return new Map(tables.map((table) => [table, columns.all(table)]));
}

interface TableRows {
  table: string;
  rows: Record<string, unknown>[];
}

/** Returns every row of the tables with these columns. */
export function rowsOf(client: Database.Database, columns: Map<string, string[]>): TableRows[] {
  return [...columns].map(([table, names]) => ({
    table,
    rows: client
      .prepare<[], Record<string, unknown>>(`SELECT ${names.join(', ')} FROM ${table} ORDER BY 1, 2`)
      .all(),
  }));
}

const NEW_NAMES: Record<string, string> = {
  'collections.dead_key_id': 'revoked_key_id',
  'deliveries.cut_off_tries': 'revoke_attempts',
  'service_accounts.method': 'authentication_method',
  'used_assertions.ends_at_ms': 'expires_at_ms',
};
const newName = (table: string, column: string) => NEW_NAMES[`${table}.${column}`] ?? column;
/** A later migration drops it. */
const isKept = (table: string, column: string) =>
  `${table}.${column}` !== 'service_accounts.name_reserved_until_ms';

export function renamed(columns: Map<string, string[]>): Map<string, string[]> {
  return new Map(
    [...columns].map(([table, names]) => [
      table,
      names.filter((name) => isKept(table, name)).map((name) => newName(table, name)),
    ]),
  );
}

/** Returns the rows as the migration that renames columns and states must leave them. */
export function withNewNames({ table, rows }: TableRows): TableRows {
  const newValue = (column: string, value: unknown) =>
    table === 'service_accounts' && column === 'state' && value === 'creating' ? 'provisioning' : value;
  return {
    table,
    rows: rows.map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([column]) => isKept(table, column))
          .map(([column, value]) => [newName(table, column), newValue(column, value)]),
      ),
    ),
  };
}

/** Migrates a database up to the version before `server-accounts-migration.test.ts` takes over, and returns its rows. */
export function rowsBeforeServerAccounts(file: string, columns: Map<string, string[]>): TableRows[] {
  const client = new Database(file);
  client.pragma('foreign_keys = OFF');
  client.transaction(() => applyMigrations(client, readSqliteMigrations().slice(0, MIGRATIONS_BEFORE)))();
  const columnsNow = columnsOf(client);
  for (const [table, names] of columns) {
    const missing = names.filter((name) => !columnsNow.get(table)?.includes(name));
    if (missing.length > 0) throw new Error(`${table} has lost ${missing}`);
  }
  const rows = rowsOf(client, columns);
  client.close();
  return rows;
}
