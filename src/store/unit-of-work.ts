import { createAuditAppender } from './audit/audit-events.ts';
import {
  type AppendAudit,
  type OrganizationContext,
  type SqliteConnection,
  type WriteContext,
  withStoreFaults,
} from './database/connection.ts';

/** What the methods of one organization's store work with. */
export interface StoreScope extends Omit<WriteContext, 'appendAudit'> {
  db: SqliteConnection;
  /** The key under which audit events are chained. */
  auditKey: Uint8Array;
}

type Method<Args extends unknown[], Result> = (scope: StoreScope) => (...args: Args) => Promise<Result>;

/** For each method of a store: given the scope, returns the method. */
export type MethodTable<Methods> = { [Name in keyof Methods]: (scope: StoreScope) => Methods[Name] };

/** Makes a method of a function that reads: one transaction, so that it sees one state of the database throughout. */
export function reads<Args extends unknown[], Result>(
  read: (db: SqliteConnection, context: OrganizationContext, ...args: Args) => Result,
): Method<Args, Result> {
  return (scope) =>
    async (...args) =>
      withStoreFaults(() => scope.db.transaction((tx) => read(tx, scope, ...args)));
}

/** Makes a method of a function that writes. It holds the write lock from its start: what it checks still holds when it writes. */
export function writes<Args extends unknown[], Result>(
  write: (tx: SqliteConnection, context: WriteContext, ...args: Args) => Result,
): Method<Args, Result> {
  return (scope) =>
    async (...args) =>
      withStoreFaults(() =>
        scope.db.transaction((tx) => write(tx, toWriteContext(tx, scope), ...args), {
          behavior: 'immediate',
        }),
      );
}

/**
 * Makes a method that takes what is due. Polled every few seconds, and nearly always nothing is due: a read finds that out
 * without waiting for the write lock.
 */
export function claims<Args extends unknown[], Claimed>(
  readDue: (db: SqliteConnection, context: OrganizationContext, ...args: Args) => readonly unknown[],
  claim: (tx: SqliteConnection, context: WriteContext, ...args: Args) => Claimed[],
): Method<Args, Claimed[]> {
  return (scope) => {
    const due = reads(readDue)(scope);
    const claimDue = writes(claim)(scope);
    return async (...args) => ((await due(...args)).length === 0 ? [] : claimDue(...args));
  };
}

export function toWriteContext(tx: SqliteConnection, scope: StoreScope): WriteContext {
  const { organizationId, newId, auditKey } = scope;
  let append: AppendAudit | undefined;
  return {
    organizationId,
    newId,
    appendAudit(event) {
      append ??= createAuditAppender(tx, organizationId, auditKey);
      append(event);
    },
  };
}

/** Binds every method of the table to one organization. */
export function bindMethods<Methods>(table: MethodTable<Methods>, scope: StoreScope): Methods {
  const methods: Partial<Methods> = {};
  for (const name in table) methods[name] = table[name](scope);
  return methods as Methods;
}
