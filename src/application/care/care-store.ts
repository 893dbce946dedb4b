import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { NoticeDays } from '../../domain/care/expiry-notice.ts';
import type { CardPlace } from '../cards/card.ts';
import type { JobPayloads } from '../ports/job-store.ts';
import type { NotificationPayload, Recipient } from '../ports/notifications.ts';
import type { LeftContact, NearMatchRecord, UnownedCard, UnusedReview } from './care-records.ts';

/** A key that expires, with what decides about its notices. */
export interface ExpiringKey {
  keyId: string;
  keyName: string;
  account: ServiceAccount;
  expiresAtMs: number;
  noticedDaysBefore: number | undefined;
  /** Whether someone decided that the key needs no more notices. */
  isLetExpire: boolean;
  /** False while Keysmith doesn't know whether the key reached anyone. */
  isDelivered: boolean;
  /** Whether another key is replacing it. */
  isBeingRotated: boolean;
}

/** An active account whose workloads sign in with JWTs. */
export interface FederatedAccount {
  id: string;
  subject: string;
  teamName: string;
  /** The patterns of the subjects that its team may register. */
  teamSubjects: readonly string[];
}

interface NearMatchDecision {
  id: string;
  /** Slack user ID. */
  by: string;
  nowMs: number;
  auditEvent: AuditEvent;
}

/** What the care for existing accounts reads and writes. */
export interface CareStore {
  /** Returns undefined for a key that is revoked, never expires, or belongs to an account that isn't active. */
  expiringKey(keyId: string): Promise<ExpiringKey | undefined>;
  /**
   * Records that a notice was sent and queues its messages, once. Returns false if another process has, or if the key needs no
   * notice anymore.
   */
  queueExpiryNotice(notice: {
    keyId: string;
    daysBefore: NoticeDays;
    to: readonly Recipient[];
    nowMs: number;
  }): Promise<boolean>;
  /** Ends the notices of a key. Returns false if that was done before, or if the key needs no notice anymore. */
  letKeyExpire(decision: { keyId: string; auditEvent: AuditEvent }): Promise<boolean>;

  /** Finds active accounts of the issuer whose subject may resemble this one, as `similarSubjects` says: a bounded number. */
  accountsWithSimilarSubject(identity: { issuer: string; subject: string }): Promise<FederatedAccount[]>;
  /**
   * Opens a near match, and queues the job that shows it to people. Returns false, and writes nothing, if the account has had this subject
   * before, another one in the last day, or too many open ones.
   */
  openNearMatch(match: { accountId: string; subject: string; nowMs: number }): Promise<boolean>;
  nearMatch(id: string): Promise<NearMatchRecord | undefined>;
  /** Posts the card of a near match in these places. */
  showNearMatch(id: string, places: readonly CardPlace[], nowMs: number): Promise<void>;
  /** Replaces the subject of the account, once. */
  acceptNearMatch(
    decision: NearMatchDecision,
  ): Promise<'used' | 'already_decided' | 'subject_taken' | 'issuer_removed'>;
  /** Returns false if someone has decided before. */
  ignoreNearMatch(decision: NearMatchDecision): Promise<boolean>;

  /** Queues the job that reviews unused keys, unless it exists. */
  startReviews(nowMs: number): Promise<void>;
  /** Lists active teams by ID, after one. `reviewedAtMs`: of the last review with a message. */
  teamsToReview(part: { after: string; limit: number; nowMs: number }): Promise<TeamToReview[]>;
  /** Lists keys that Keysmith verifies and that nobody uses, of a team's active accounts, except kept and replaced ones. */
  unusedKeys(
    teamId: string,
    options: { unusedAfterDays: number; nowMs: number; limit: number },
  ): Promise<{ keyId: string; scope: ServiceAccount['scope'] }[]>;
  /** Posts a review, unless the team had one in the last month. Returns whether it did. */
  openReview(review: {
    teamId: string;
    keyIds: readonly string[];
    places: readonly CardPlace[];
    nowMs: number;
  }): Promise<boolean>;
  /** Continues with the teams after this one at a time. */
  continueReviews(next: { after: string; runAtMs: number }): Promise<void>;
  unusedReview(reviewId: string, nowMs: number): Promise<UnusedReview | undefined>;
  /** Keeps a key of a review, once. */
  keepKey(kept: {
    reviewId: string;
    keyId: string;
    by: string;
    untilMs: number;
    nowMs: number;
    auditEvent: AuditEvent;
  }): Promise<'kept' | 'already_kept' | 'not_found'>;

  /** Queues the job that checks contacts, unless it exists. */
  startContactChecks(nowMs: number): Promise<void>;
  /** Lists distinct contacts of active accounts by Slack user ID, after one, with the teams of these accounts. */
  contactsToCheck(part: { after: string; limit: number }): Promise<ContactToCheck[]>;
  continueContactChecks(next: { after: string; runAtMs: number }): Promise<void>;
  /** Returns the scopes of a contact's active accounts in a team. */
  contactScopes(left: LeftContact): Promise<ServiceAccount['scope'][]>;
  /** Queues a second look at a contact who may have left a team. */
  recheckContact(contact: LeftContact & { teamName: string; runAtMs: number }): Promise<void>;
  /**
   * Marks the accounts of a contact in a team as unowned, in parts, then posts a new card, and queues its repetition. Does nothing if that
   * was done before. Returns how many accounts were marked.
   */
  markUnowned(
    left: LeftContact & {
      places: readonly CardPlace[];
      nowMs: number;
      eventOf: (account: ServiceAccount) => AuditEvent;
    },
  ): Promise<number>;
  /** Ends that the accounts of a contact in a team are unowned: the contact is back. */
  markOwned(
    back: LeftContact & { nowMs: number; eventOf: (account: ServiceAccount) => AuditEvent },
  ): Promise<number>;
  /**
   * Queues a notification for the admins of the team, or of the organization, instead of the contact. Does nothing unless the account is
   * unowned, as anyone can be named as a contact, or the notification is about a key that expires or the old key of a rotation.
   */
  forwardToAdmins(payload: NotificationPayload, nowMs: number): Promise<void>;
  unownedCard(id: string): Promise<UnownedCard | undefined>;
  /**
   * Posts the card again if there are unowned accounts, and queues the next repetition. Returns false if there are none, or if the contact
   * has left again since.
   */
  repeatUnowned(
    left: JobPayloads['unowned_reminder'] & { places: readonly CardPlace[]; nowMs: number },
  ): Promise<boolean>;
  /** Makes a person the contact of an unowned account, once. */
  takeOver(taken: {
    accountId: string;
    by: string;
    nowMs: number;
    auditEvent: AuditEvent;
  }): Promise<'taken' | 'not_unowned' | 'ended'>;
}

export interface ContactToCheck {
  contact: string;
  /** `isUnowned`: all accounts of the contact there. `hasUnowned`: some of them. */
  teams: { id: string; name: string; isUnowned: boolean; hasUnowned: boolean }[];
}

export interface TeamToReview {
  id: string;
  name: string;
  reviewedAtMs: number | undefined;
}
