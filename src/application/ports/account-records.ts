import type { AccountMark, AccountStatus } from '../../domain/accounts/account-status.ts';
import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { LifecycleState } from '../../domain/accounts/lifecycle.ts';
import type { ApiKeyRecord, ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { AccountOfRequest, AccountOfRequestConflict } from '../requests/request-store.ts';
import type { NewNotification } from './job-store.ts';

/** How a key was sent to a person. */
export type DeliveryRoute = 'response_url' | 'post_ephemeral';

export type DeliveryOutcome = 'accepted' | 'rejected' | 'unknown';

/** The outcome in audit details and metric labels. Programs read these codes, so `refused` stays. */
export type DeliveryOutcomeCode = 'accepted' | 'refused' | 'unknown';

export function deliveryOutcomeCode(outcome: DeliveryOutcome): DeliveryOutcomeCode {
  return outcome === 'rejected' ? 'refused' : outcome;
}

/** The delivery of one new key to one person, until it is settled. */
export interface PendingDelivery {
  id: string;
  keyId: string;
  person: Person;
  route: DeliveryRoute;
  /** When a job settles it, unless the process that started it has done so. */
  leaseUntilMs: number;
  /** Set when the key was created by *Collect key*. */
  collectionId: string | undefined;
}

/** One person's right to create a key of an account by *Collect key*, once. */
export interface Collection {
  id: string;
  accountId: string;
  person: Person;
  keyName: string;
  /** The rotation whose new key it is. */
  rotationId: string | undefined;
  /** A lifetime starts at the moment when the key is collected. */
  keyExpiry: KeyExpiry;
  expiresAtMs: number;
  /** `open`: can be collected. `collecting`: a delivery is in progress. `collected` and `closed` are final. */
  state: 'open' | 'collecting' | 'collected' | 'closed';
  /** The approved request that it comes from; undefined for a key whose delivery failed. */
  accessRequestId: string | undefined;
}

export interface NewCollection {
  id: string;
  expiresAtMs: number;
}

/** The notification that is queued with an open collection. The request that holds it ends it; otherwise the worker sends it. */
export interface CollectionOffer extends Pick<NewNotification, 'id' | 'start'> {
  requestId: string | null;
}

export interface NewAccount {
  account: ServiceAccount;
  /** The form that requested it. One form never creates a second account. */
  submissionId: string;
  key:
    | {
        record: ApiKeyRecord;
        expiry: KeyExpiry;
        delivery: PendingDelivery;
      }
    | undefined;
  auditEvent: AuditEvent;
  /** Queued with the account. */
  notification?: NewNotification | undefined;
  /** Set if a member requested the account. */
  ofRequest?: AccountOfRequest | undefined;
}

/** The result of an earlier submission of the same form. */
export interface EarlierSubmission {
  account: ServiceAccount;
  keyId: string | undefined;
  /** `provisioning`: it isn't known yet whether the account was created. `failed`: the key can be collected. */
  delivery: 'provisioning' | 'none' | 'sending' | 'delivered' | 'failed';
}

export type InsertAccountResult =
  | { ok: true }
  | AccountConflict
  | { ok: false; reason: AccountOfRequestConflict };

/** Why an account can't be created now. */
export type AccountConflict =
  | { ok: false; reason: 'already_submitted'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' };

export type SettleDeliveryResult =
  /**
   * `collection` is set when the key was revoked and another one can be collected: not when the account was revoked
   * meanwhile or the collection expired. `state`: of the account.
   */
  | { settled: true; collection: Collection | undefined; state: LifecycleState }
  /** Another process settled it earlier. */
  | { settled: false };

export interface SettleDelivery {
  deliveryId: string;
  outcome: DeliveryOutcome;
  nowMs: number;
  auditEvent: AuditEvent;
  /** The collection to open when the key is revoked and has none yet. */
  newCollection: NewCollection;
  offer: CollectionOffer;
  /** Written if the key's account must be deleted from the W&B server. */
  deletionEvent: AuditEvent;
  /** Queued when the key is revoked and another one can't be collected. */
  notification?: NewNotification | undefined;
}

/** A key that was sent, or is being sent, to a person. */
export interface SentKey {
  keyId: string;
  delivery: 'sending' | 'delivered' | 'failed';
  expiresAtMs: number | undefined;
  revokedAtMs: number | undefined;
  /** The address of the member who requested the account and was sent this key; undefined for any other key. */
  requestedBy: string | undefined;
}

export interface AccountDelivery {
  delivery: Omit<PendingDelivery, 'leaseUntilMs'>;
  account: ServiceAccount;
}

export type BeginCollectionResult =
  | { ok: true }
  /** `account_revoked`: also when the team is archived. */
  | { ok: false; reason: 'not_open' | 'expired' | 'account_revoked' | 'being_revoked' };

export interface ListedAccount {
  account: ServiceAccount;
  /** The newest key; undefined for a federated account, or when no key was ever delivered. */
  key: { keyId: string; expiresAtMs: number | undefined; revokedAtMs: number | undefined } | undefined;
  /** How many of its keys haven't been revoked and haven't expired. */
  workingKeys: number;
  /** Of these keys, when the first one expires, and whether it is being replaced. Undefined: none expires. */
  firstExpiry: { atMs: number; isReplaced: boolean } | undefined;
  /** The newest use of any credential that Keysmith verified. */
  lastUsedAtMs: number | undefined;
  /** What needs attention. Where nothing sees credentials being used, `unused` means nothing. */
  marks: readonly AccountMark[];
}

/** `isReadOnly`: the person doesn't administer the account's team, and may only see the account. */
export type VisibleAccount = ListedAccount & { isReadOnly?: true };

/** Lists count no further. A higher `total` means more than these. */
export const COUNTED_ACCOUNTS = 1_000;

/** Where an account is in a list: by its team and name, or by a time where the status has one. */
export type AccountPosition = { teamName: string; name: string } | { atMs: number; id: string };

/** Where a page starts, or ends, without the account at the position itself. */
export interface ListStart {
  direction: 'after' | 'before';
  position: AccountPosition;
}

export interface AccountFilter {
  /** Without one, all accounts that haven't ended are listed. */
  status?: AccountStatus;
  /** Characters that the names contain. */
  namePart?: string;
}

/**
 * By team and name; those that expire, or weren't used, with the oldest date first; revoked ones with the newest first. A start in
 * another order, or beyond all accounts, leads to the nearest page.
 */
export interface AccountPageOptions extends AccountFilter {
  limit: number;
  start?: ListStart;
}

export interface AccountListOptions extends AccountPageOptions {
  /** Lists one team instead of all. */
  teamName?: string;
  /** Also lists the accounts of teams in which the person has any other role. Default: false. */
  includesMemberTeams?: boolean;
}

/** `total`: of all pages, at most one more than {@link COUNTED_ACCOUNTS}. */
export interface AccountPage<Account = VisibleAccount> {
  accounts: Account[];
  total: number;
  previous: ListStart | undefined;
  next: ListStart | undefined;
}

/** Keeps a suggestion for a misspelled account quick. */
export const MAX_ACCOUNT_NAMES = 500;
