import type { KeyObject } from 'node:crypto';
import type { DatabaseAccess } from './access/database-access.ts';
import { createAuditAppender } from './audit/audit-events.ts';
import type {
  AppendAudit,
  OrganizationContext,
  SqliteConnection,
  WriteContext,
} from './database/connection.ts';

/** The database and the organization that a store's methods are bound to. */
export interface StoreScope extends Omit<WriteContext, 'appendAudit'> {
  db: SqliteConnection;
  access: DatabaseAccess;
  /** The key under which audit events are chained. */
  auditKey: KeyObject;
}

type Method<Args extends unknown[], Result> = (scope: StoreScope) => (...args: Args) => Promise<Result>;

/** For each method of a store, a function that binds it to a scope. The compiler checks it against the port. */
export type MethodTable<Methods> = { [Name in keyof Methods]: (scope: StoreScope) => Methods[Name] };

/** Turns a function that reads into a method. It runs in one transaction, so all its reads see the same state. */
export function reads<Args extends unknown[], Result>(
  read: (db: SqliteConnection, context: OrganizationContext, ...args: Args) => Result,
): Method<Args, Result> {
  return (scope) =>
    (...args) =>
      scope.access.read(() => scope.db.reading(() => read(scope.db, scope, ...args)));
}

/**
 * Turns a function that writes into a method. It runs in an immediate transaction, which holds the write lock from its start:
 * what the function checks still holds when it writes, and no two claims take the same row.
 */
export function writes<Args extends unknown[], Result>(
  write: (tx: SqliteConnection, context: WriteContext, ...args: Args) => Result,
  options = { mayUseReserve: false },
): Method<Args, Result> {
  return (scope) =>
    (...args) =>
      scope.access.write(
        () => scope.db.writing(() => write(scope.db, toWriteContext(scope), ...args)),
        options,
      );
}

/**
 * Turns a function that revokes, or settles a delivery, into a method that also works on a full disk. No other method may
 * use the space reserved for it.
 */
export function revokes<Args extends unknown[], Result>(
  write: (tx: SqliteConnection, context: WriteContext, ...args: Args) => Result,
): Method<Args, Result> {
  return writes(write, { mayUseReserve: true });
}

/** Rows per part, which block the process for about two milliseconds: SQLite writes are synchronous. */
const PART_SIZE = 50;

/**
 * Turns a function that writes independent rows into a method that writes them in parts, each of which is a transaction.
 * Requests run between two parts. If one fails, those before it stay written.
 */
export function writesInParts<Row, Args extends unknown[]>(
  write: (tx: SqliteConnection, context: WriteContext, rows: readonly Row[], ...args: Args) => void,
): Method<[rows: readonly Row[], ...args: Args], void> {
  return (scope) => {
    const writePart = writes(write)(scope);
    return async (rows, ...args) => {
      for (let start = 0; start < rows.length; start += PART_SIZE) {
        await writePart(rows.slice(start, start + PART_SIZE), ...args);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
  };
}

/**
 * Turns a function that claims due rows into a method. It is called every few seconds and rarely finds anything, so a read
 * comes first, which doesn't wait for the write lock.
 */
export function claims<Args extends unknown[], Claimed>(
  readDue: (db: SqliteConnection, context: OrganizationContext, ...args: Args) => readonly unknown[],
  claim: (tx: SqliteConnection, context: WriteContext, ...args: Args) => Claimed[],
  options = { mayUseReserve: false },
): Method<Args, Claimed[]> {
  return (scope) => {
    const due = reads(readDue)(scope);
    const claimDue = writes(claim, options)(scope);
    return async (...args) => ((await due(...args)).length === 0 ? [] : claimDue(...args));
  };
}

/** Returns the context of one transaction. Its appender reads the end of the audit chain at the first event. */
export function toWriteContext({ db, organizationId, newId, auditKey }: StoreScope): WriteContext {
  let append: AppendAudit | undefined;
  return {
    organizationId,
    newId,
    appendAudit(event) {
      append ??= createAuditAppender(db, organizationId, auditKey);
      append(event);
    },
  };
}

/** Returns the methods of the table, bound to one organization. */
export function bindMethods<Methods>(table: MethodTable<Methods>, scope: StoreScope): Methods {
  const methods: Partial<Methods> = {};
  for (const name in table) methods[name] = table[name](scope);
  return methods as Methods;
}
