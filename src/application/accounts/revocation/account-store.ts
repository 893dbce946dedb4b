import type { AuditEvent } from '../../../domain/audit/audit-event.ts';
import type { NewNotification } from '../../ports/job-store.ts';

/** A use of a credential, as a server that asked Keysmith reported it. */
export interface CredentialUse {
  /** Undefined for a federated account. */
  key: { keyId: string; name: string } | undefined;
  atMs: number;
  address: string | undefined;
  userAgent: string | undefined;
}

export interface EditAccount {
  accountId: string;
  before: AccountDetails;
  after: AccountDetails;
  nowMs: number;
  auditEvent: AuditEvent;
  notifications: readonly NewNotification[];
}

/** What can be changed about an account. */
export interface AccountDetails {
  purpose: string | undefined;
  usedBy: string | undefined;
  /** Slack user ID. */
  contact: string;
}

/** The units of work about single accounts. */
export interface AccountStore {
  /** Returns the latest use of each credential that was used since then, the newest first. */
  usesSince(accountId: string, sinceMs: number): Promise<CredentialUse[]>;
  /**
   * Changes the details of an active account. A new contact ends that it is unowned. Returns false if the details aren't those of
   * `before` anymore, or the account has ended; then nothing was written.
   */
  editAccount(edit: EditAccount): Promise<boolean>;
}
