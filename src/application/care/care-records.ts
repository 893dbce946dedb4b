import type { ServiceAccount } from '../../domain/accounts/service-account.ts';

/** A subject of correctly signed JWTs that resembles the one of an account. */
export interface NearMatchRecord {
  id: string;
  account: ServiceAccount;
  subject: string;
  /** `ended`: nobody decided, and the account has ended or its team is archived. */
  state: 'open' | 'used' | 'ignored' | 'ended';
  decidedAtMs: number | undefined;
  decidedBySlackUserId: string | undefined;
}

/** The card of a near match. */
export interface NearMatchCard {
  card: 'near_match';
  match: NearMatchRecord;
}

/** A key in a review. `keptBy`: the Slack user who chose to keep it. */
export interface ReviewedKey {
  keyId: string;
  keptBy?: string;
}

/** A key in a review, in the state of the moment. */
export interface UnusedKey {
  keyId: string;
  keyName: string;
  account: ServiceAccount;
  createdAtMs: number;
  lastUsedAtMs: number | undefined;
  /** `ended`: it was revoked or has expired. `used`: since the review. */
  state: 'open' | 'kept' | 'used' | 'ended';
  keptBy: string | undefined;
}

/** How many keys a review has at most. Its card shows the first of them. */
export const MAX_REVIEWED_KEYS = 100;

export interface UnusedReview {
  reviewId: string;
  teamName: string;
  createdAtMs: number;
  keys: UnusedKey[];
  /** How many keys it doesn't show. */
  more: number;
}

/** The card with the unused keys of a team. */
export interface UnusedReviewCard extends UnusedReview {
  card: 'unused_review';
  /** For how many days nobody is asked about a key that someone keeps. */
  keptForDays: number;
}

/** A contact who left, and the team in which they are one. */
export interface LeftContact {
  /** Slack user ID. */
  contact: string;
  teamId: string;
}

/** The card about the accounts of a contact who left a team. */
export interface UnownedCard {
  card: 'unowned';
  contact: string;
  teamName: string;
  /** The first accounts without a contact. */
  accounts: ServiceAccount[];
  /** How many it doesn't show, to one more than `COUNTED_ACCOUNTS`. */
  more: number;
  /** The first accounts that have another contact since. */
  takenOver: { name: string; contact: string }[];
  moreTakenOver: number;
}
