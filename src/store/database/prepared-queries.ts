import type Database from 'better-sqlite3';
import { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import { LRUCache } from 'lru-cache';
import type { SqliteConnection } from './connection.ts';

/** More than the store's queries have texts; some depend on the length of a list. */
const MAX_STATEMENTS = 500;

/**
 * Writes each parameter as `+?`. For a plain `?`, SQLite's planner may look at the value, and then compiles the statement
 * again at every execution (sqlite.org/c3ref/prepare.html), which takes ten times as long as the look-up itself. So it doesn't
 * see either that a parameter fulfills the condition of a partial index: conditions such as `isSending` are constants.
 */
class Dialect extends SQLiteSyncDialect {
  override escapeParam(): string {
    return '+?';
  }
}

/** Creates a connection that compiles each SQL text once. */
export function createConnection(client: Database.Database): SqliteConnection {
  const dialect = new Dialect();
  const session = new BetterSQLiteSession<Record<string, never>, Record<string, never>>(
    withStatementCache(client),
    dialect,
    undefined,
  );
  const db = new BetterSQLite3Database('sync', dialect, session, undefined);
  const queries = new Map<unknown, unknown>();
  const transaction = client.transaction((work: () => unknown) => work());
  const connection: SqliteConnection = Object.assign(db, {
    once<Query>(build: (db: SqliteConnection) => Query): Query {
      if (!queries.has(build)) queries.set(build, build(connection));
      return queries.get(build) as Query;
    },
    reading: <Result>(work: () => Result) => transaction.deferred(work) as Result,
    writing: <Result>(work: () => Result) => transaction.immediate(work) as Result,
  });
  return connection;
}

function withStatementCache(client: Database.Database): Database.Database {
  const statements = new LRUCache<string, Database.Statement>({ max: MAX_STATEMENTS });
  const prepare = (text: string) => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = client.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  // The session calls nothing else: transactions are started above.
  return { prepare } as unknown as Database.Database;
}
