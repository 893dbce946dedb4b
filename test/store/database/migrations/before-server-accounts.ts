import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type AuditRecord, chainAuditEvent } from '../../../../src/domain/audit/audit-event.ts';
import { applyMigrations, readSqliteMigrations } from '../../../../src/store/database/migrations.ts';
import { AUDIT_KEY, ada, auditEvent, ISSUER, NOW_MS } from '../../contract/world.ts';
import { openDatabase, temporaryFolder } from '../temporary-database.ts';

/** The number of migrations of the version that had operations instead of jobs for a W&B server. */
export const MIGRATIONS_BEFORE = 15;
const EVENTS = 3;

export const ENDINGS = [
  'created_late',
  'not_made',
  'removed_again',
  'several_candidates',
  'revoked_late',
  'not_revoked',
  'still_there',
  'still_unclear',
  'still_not_revoked',
  'appeared_late',
] as const;

/** An account of that version, with one operation. */
export interface PreviousAccount {
  /** Its ID; the IDs of its other rows start with it. */
  id: string;
  method: 'api_key' | 'federated';
  state: 'provisioning' | 'active' | 'revoked' | 'failed';
  /** Whether the account has IDs on the server. */
  isOnServer: boolean;
  operation?: PreviousOperation;
}

export interface PreviousOperation {
  kind: 'create' | 'recreate' | 'remove';
  state: 'under_way' | 'done' | 'failed' | 'unclear';
  ending: (typeof ENDINGS)[number] | null;
  wasNotified: boolean;
  isAbandoned: boolean;
  ids: 'none' | 'member' | 'client';
  /** Whether the server is still checked for a late effect. */
  looks: boolean;
}

export const LOOK_MS = NOW_MS + 300_000;
export const EXPIRES_MS = NOW_MS + 86_400_000;

export type InsertRow = (table: string, row: Record<string, unknown>) => void;

/** Creates a database of that version with an organization, a team and a chain of audit events. */
export function createPreviousDatabase(file: string, fill: (insert: InsertRow) => void): void {
  const client = new Database(file);
  client.pragma('foreign_keys = OFF');
  client.transaction(() => {
    applyMigrations(client, readSqliteMigrations().slice(0, MIGRATIONS_BEFORE));
    const statements = new Map<string, Database.Statement>();
    const insert: InsertRow = (table, row) => {
      const columns = Object.keys(row);
      const text = `INSERT INTO ${table} (${columns}) VALUES (${columns.map((name) => `@${name}`)})`;
      const statement = statements.get(text) ?? client.prepare(text);
      statements.set(text, statement);
      statement.run(row);
    };
    insertOrganization(insert);
    fill((table, row) => insert(table, { organization_id: 'org_1', ...row }));
  })();
  if (client.prepare('PRAGMA foreign_key_check').all().length > 0) throw new Error('dangling rows');
  client.close();
}

function insertOrganization(insert: InsertRow): void {
  const organization_id = 'org_1';
  insert('database_identity', { singleton: 1, mode: 'sandbox', created_at_ms: 1 });
  insert('organizations', { organization_id, name: 'acme', created_at_ms: 1, backend: 'wandb' });
  const team = { id: 'team_1', name: 'ml-platform', subjects: '[]', created_at_ms: 1 };
  insert('teams', { organization_id, ...team });
  insert('issuers', { organization_id, url: ISSUER, added_at_ms: 1 });
  const key = createSecretKey(AUDIT_KEY);
  let previous: AuditRecord | undefined;
  for (let nth = 0; nth < EVENTS; nth += 1) {
    previous = chainAuditEvent(
      auditEvent('service_account.created', { nth }),
      previous,
      organization_id,
      key,
    );
    insert('audit_events', {
      organization_id,
      sequence: previous.sequence,
      at_ms: previous.atMs,
      actor: JSON.stringify(previous.actor),
      action: previous.action,
      subject: previous.subject,
      details: JSON.stringify(previous.details),
      request_id: previous.requestId,
      previous_hash: previous.previousHash,
      hash: previous.hash,
    });
  }
}

/** Inserts an account with its form, its key or external identity, and its operation with the collection that it is for. */
export function insertPrevious(insert: InsertRow, account: PreviousAccount): void {
  const { id, method, state, isOnServer, operation } = account;
  const isFederated = method === 'federated';
  insert('service_accounts', {
    id,
    scope: 'team',
    team_id: 'team_1',
    name: id,
    authentication_method: method,
    issuer: isFederated ? ISSUER : null,
    subject: isFederated ? `subject-${id}` : null,
    contact: 'U1',
    created_by_slack_user_id: ada.slackUserId,
    created_by_email: ada.email,
    created_at_ms: NOW_MS,
    revoked_at_ms: state === 'revoked' || state === 'failed' ? NOW_MS + 1 : null,
    state: state === 'revoked' ? 'active' : state,
    backend_member_id: isOnServer ? `member-${id}` : null,
    backend_client_id: isOnServer && isFederated ? `client-${id}` : null,
    last_used_at_ms: 7,
  });
  insert('submissions', { submission_id: `sub_${id}`, account_id: id, key_id: null, created_at_ms: NOW_MS });
  if (!isFederated) insert('api_keys', { key_id: `key_${id}`, account_id: id, created_at_ms: NOW_MS });
  if (operation !== undefined) insertOperation(insert, account, operation);
}

function insertOperation(
  insert: InsertRow,
  { id, method }: PreviousAccount,
  operation: PreviousOperation,
): void {
  const { kind, state, ending, wasNotified, isAbandoned, ids, looks } = operation;
  const isOpen = state === 'under_way';
  const person = { slack_user_id: ada.slackUserId, email: ada.email };
  const collectionId = kind === 'recreate' ? `col_${id}` : null;
  if (collectionId !== null) {
    insert('collections', {
      id: collectionId,
      account_id: id,
      ...person,
      key_lifetime_days: 90,
      revoked_key_id: method === 'api_key' ? `key_${id}` : null,
      state: isOpen ? 'collecting' : 'open',
      created_at_ms: NOW_MS,
      expires_at_ms: EXPIRES_MS,
      told_at_ms: NOW_MS,
    });
  }
  insert('backend_operations', {
    id: `op_${id}`,
    kind,
    account_id: id,
    ...person,
    members_before: '[]',
    member_id: ids === 'member' ? `made-${id}` : null,
    client_id: ids === 'client' ? `made-${id}` : null,
    is_abandoned: isAbandoned ? 1 : 0,
    key_lifetime_days: kind === 'remove' || method === 'federated' ? null : 30,
    collection_id: collectionId,
    state,
    lease_until_ms: NOW_MS + 90_000,
    request_id: 'req_op',
    began_at_ms: NOW_MS,
    ended_at_ms: isOpen ? null : NOW_MS + 5,
    ending,
    told_at_ms: wasNotified ? NOW_MS + 6 : null,
    look_from_ms: looks ? LOOK_MS : null,
  });
}

/** Migrates such a database to the current version. */
export function migrated(fill: (insert: InsertRow) => void) {
  const file = join(temporaryFolder(), 'keysmith.db');
  createPreviousDatabase(file, fill);
  const beforeMs = Date.now() - 1000;
  const client = openDatabase(file);
  return {
    client,
    isNow: (atMs: unknown) => Number(atMs) >= beforeMs && Number(atMs) <= Date.now(),
    rows: (sql: string) => client.prepare<[], Record<string, unknown>>(sql).all(),
  };
}
