/** What others can change on a W&B server, in the order in which a digest lists it. */
export const OUTSIDE_CHANGE_KINDS = [
  'account_created',
  'account_deleted',
  'key_created',
  'key_deleted',
  'admin_invited',
  'person_removed',
  'organization_role_changed',
  'person_deactivated',
  'person_reactivated',
  'person_deleted',
  'team_deleted',
] as const;

type OutsideChangeKind = (typeof OUTSIDE_CHANGE_KINDS)[number];

/** A change that someone made in a team on the W&B server, outside Keysmith. Texts are the server's, bounded and without credentials. */
export interface OutsideChange {
  /** The ID of the entry in the server's audit log. One entry may concern several teams. */
  entryId: string;
  teamName: string;
  kind: OutsideChangeKind;
  atMs: number;
  /** The email address of the person who acted, or their ID. */
  actor: string | undefined;
  /** The ID of the user on the server whom the change is about. */
  userId: string | undefined;
  /** The user's name or email address. */
  subject: string | undefined;
}

export interface TeamChanges {
  /** The newest changes, ordered by kind and time. */
  changes: OutsideChange[];
  /** The number of changes that aren't in `changes`. */
  more: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long changes are kept, and how old one may be when it is read. */
export const OUTSIDE_CHANGES_KEPT_MS = 90 * DAY_MS;
/** How many changes of one team and day are stored. The others are only counted. */
export const STORED_CHANGES_PER_DAY = 50;
/** The digest of a day is sent at this hour, in UTC. */
const DIGEST_HOUR = 8;

/** Returns the time whose changes one digest reports, and which contains `nowMs`: a day that ends when the digest is sent. */
export function digestWindow(nowMs: number): { sinceMs: number; untilMs: number } {
  const startMs = DIGEST_HOUR * 60 * 60 * 1000;
  const sinceMs = Math.floor((nowMs - startMs) / DAY_MS) * DAY_MS + startMs;
  return { sinceMs, untilMs: sinceMs + DAY_MS };
}

/** Returns the day of a time in UTC: `2026-11-30`. */
export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

export const REVIEW_DAYS = [30, 90, 180, 365] as const;
export type ReviewDays = (typeof REVIEW_DAYS)[number];
export const DEFAULT_REVIEW_DAYS: ReviewDays = 90;

const REMINDER_EVERY_MS = 7 * DAY_MS;
const KEY_REMINDERS = 4;

/**
 * Returns when the admins are next reminded to delete the keys of an account that was deleted at `goneAtMs`: every week, up to
 * four times. Undefined after the last time.
 */
export function nextKeyReminderMs(goneAtMs: number, nowMs: number): number | undefined {
  const sent = Math.floor(Math.max(0, nowMs - goneAtMs) / REMINDER_EVERY_MS) + 1;
  return sent < KEY_REMINDERS ? goneAtMs + sent * REMINDER_EVERY_MS : undefined;
}
