import type { ApiKeyRecord, KeyLifetimeDays, ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';

/** How a secret goes to a person: the way that was taken, for the record. */
export type DeliveryRoute = 'response_url' | 'post_ephemeral';

export type DeliveryOutcome = 'accepted' | 'rejected' | 'unknown';

/** The outcome in audit details and metric labels. Programs read these codes, so `refused` stays. */
export type DeliveryOutcomeCode = 'accepted' | 'refused' | 'unknown';

export function deliveryOutcomeCode(outcome: DeliveryOutcome): DeliveryOutcomeCode {
  return outcome === 'rejected' ? 'refused' : outcome;
}

/** The passing of one new key to one person, under way until it is settled. */
export interface PendingDelivery {
  id: string;
  keyId: string;
  person: Person;
  route: DeliveryRoute;
  /** Until here only the process that began it may settle it; afterwards whoever finds it. */
  leaseUntilMs: number;
  /** Set when the key is minted at the click on *Collect key*. */
  collectionId: string | undefined;
}

/** The right of one person to have a key of an account minted at a click, once. */
export interface Collection {
  id: string;
  accountId: string;
  person: Person;
  /** The key's life, counted from the click. */
  keyLifetimeDays: KeyLifetimeDays;
  expiresAtMs: number;
  /** `open`: waits for the click. `collecting`: a delivery is under way. Else over. */
  state: 'open' | 'collecting' | 'collected' | 'closed';
}

/** A collection whose person has not been told of it yet; whoever got it tells, and nobody else for a while. */
export interface CollectionNotification {
  collection: Collection;
  account: ServiceAccount;
  /** The key that was cut off because nobody can say whether it arrived; undefined where none was sent. */
  revokedKeyId: string | undefined;
}

export interface NotifiedCollection {
  collectionId: string;
  revokedKeyId: string | undefined;
  nowMs: number;
}

export interface NewAccount {
  account: ServiceAccount;
  /** Until here a revoked account's name stays taken, as jobs may still hold its keys. */
  nameReservedUntilMs: number;
  /** The form that asked for it; the same one never makes a second account. */
  submissionId: string;
  key:
    | {
        record: ApiKeyRecord;
        lifetimeDays: KeyLifetimeDays;
        delivery: PendingDelivery;
      }
    | undefined;
  auditEvent: AuditEvent;
}

/** What became of a form that had been submitted before. */
export interface EarlierSubmission {
  account: ServiceAccount;
  keyId: string | undefined;
  /** `provisioning`: not known yet whether the account was made; `failed`: the key may be collected. */
  delivery: 'provisioning' | 'none' | 'sending' | 'delivered' | 'failed';
}

export type InsertAccountResult =
  | { ok: true }
  | { ok: false; reason: 'already_submitted'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' };

export type SettleDeliveryResult =
  /**
   * `collection` is set where the key was cut off and another one may be collected: not where the account was revoked
   * meanwhile, nor where the key was itself collected and the time for that is over. `isBeingRevoked`: nobody knows yet
   * how that ends; where it fails, the person is told that a key may be collected.
   */
  | { settled: true; collection: Collection | undefined; isBeingRevoked?: true }
  /** Somebody else settled it before. */
  | { settled: false };

export interface SettleDelivery {
  deliveryId: string;
  outcome: DeliveryOutcome;
  nowMs: number;
  auditEvent: AuditEvent;
  /** The collection to open where the key is cut off and none exists yet. */
  newCollection: { id: string; expiresAtMs: number };
}

export interface AccountDelivery {
  delivery: PendingDelivery;
  account: ServiceAccount;
}

export type BeginCollectionResult =
  | { ok: true }
  /** `account_revoked` also where its team is archived. */
  | { ok: false; reason: 'not_open' | 'expired' | 'account_revoked' | 'being_revoked' };

export interface ListedAccount {
  account: ServiceAccount;
  /** The newest key; undefined for a federated account and where none was ever delivered. */
  key: { keyId: string; expiresAtMs: number | undefined; revokedAtMs: number | undefined } | undefined;
  /** The newest use of any of its credentials that Keysmith itself checked. */
  lastUsedAtMs: number | undefined;
}
