import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ApiKeyRecord } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { EarlierSubmission, PendingDelivery } from '../ports/account-records.ts';
import type { NewNotification } from '../ports/job-store.ts';

/** How many keys of an account may work at a time. */
export const MAX_LIVE_KEYS = 10;

/** The latest use of a key that Keysmith verified. */
export interface KeyUse {
  atMs: number;
  address: string | undefined;
  userAgent: string | undefined;
}

/** A key of an account, without its secret. */
export interface AccountKey {
  keyId: string;
  name: string;
  createdAtMs: number;
  /** Undefined for a key from before its creator was recorded. */
  createdBySlackUserId: string | undefined;
  /** Undefined for a key that never expires. */
  expiresAtMs: number | undefined;
  revokedAtMs: number | undefined;
  /** `sending`: it doesn't verify yet. `failed`: it never did. */
  delivery: 'sending' | 'delivered' | 'failed';
  lastUse: KeyUse | undefined;
}

export interface NewKey {
  accountId: string;
  /** The form that requested it. One form never creates a second key. */
  submissionId: string;
  record: ApiKeyRecord;
  expiry: KeyExpiry;
  delivery: PendingDelivery;
  nowMs: number;
  auditEvent: AuditEvent;
}

export type KeyConflict =
  /** Also when the team is archived. */
  'account_revoked' | 'name_taken' | 'too_many_keys';

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
  /** Revokes one key. */
  revokeKey(revoked: {
    accountId: string;
    keyId: string;
    nowMs: number;
    auditEvent: AuditEvent;
    notification: NewNotification | undefined;
  }): Promise<'revoked' | 'already_revoked' | 'not_found'>;
}
