import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ApiKeyRecord } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { EarlierSubmission, PendingDelivery } from '../ports/account-records.ts';
import type { NewNotification } from '../ports/job-store.ts';
import type { AccountKey } from './account-key.ts';
import type { NewRotation } from './rotation.ts';

export interface NewKey {
  accountId: string;
  /** The form that requested it. One form never creates a second key. */
  submissionId: string;
  record: ApiKeyRecord;
  expiry: KeyExpiry;
  delivery: PendingDelivery;
  /** Set if the key replaces another one. */
  rotation?: NewRotation | undefined;
  nowMs: number;
  auditEvent: AuditEvent;
}

export type KeyConflict =
  /** Also when the team is archived. */
  'account_revoked' | 'name_taken' | 'too_many_keys' | 'key_not_found' | 'being_rotated';

export type InsertKeyResult =
  | { ok: true }
  | { ok: false; reason: 'already_submitted'; earlier: EarlierSubmission }
  | { ok: false; reason: KeyConflict };

/** The units of work about single keys. */
export interface KeyStore {
  /** Lists at most 100 keys of an account: those that aren't revoked first, then the newest first. */
  accountKeys(accountId: string): Promise<AccountKey[]>;
  /** Adds a key to an active account, with its delivery. */
  insertKey(key: NewKey): Promise<InsertKeyResult>;
  /** Renames a key that isn't revoked. */
  renameKey(renamed: {
    accountId: string;
    keyId: string;
    name: string;
    auditEvent: AuditEvent;
  }): Promise<'renamed' | 'unchanged' | 'name_taken' | 'not_found'>;
  /** Revokes one key. Without its old key, a rotation is finished; without its new key, it is canceled. */
  revokeKey(revoked: {
    accountId: string;
    keyId: string;
    by: Person;
    nowMs: number;
    auditEvent: AuditEvent;
    notification: NewNotification | undefined;
  }): Promise<'revoked' | 'already_revoked' | 'not_found'>;
}
