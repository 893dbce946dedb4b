/** When people are notified before a key expires, in days. `0`: on the day it expires. */
export const NOTICE_DAYS = [14, 3, 0] as const;
export type NoticeDays = (typeof NOTICE_DAYS)[number];

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** On the day it expires, there is still time to replace the key. */
const SHORTEST_NOTICE_MS = 8 * HOUR_MS;

/**
 * The longest time between two looks at a key. A job that is due later was scheduled before the clock was set back, so a key that
 * seemed expired for a while still has its notices.
 */
export const LONGEST_WAIT_MS = 15 * DAY_MS;

/** Returns when a notice is due, in milliseconds since 1970. */
export function noticeAtMs(expiresAtMs: number, daysBefore: NoticeDays): number {
  if (daysBefore > 0) return expiresAtMs - daysBefore * DAY_MS;
  const startOfDayMs = Math.floor(expiresAtMs / DAY_MS) * DAY_MS;
  return Math.min(startOfDayMs, expiresAtMs - SHORTEST_NOTICE_MS);
}

/** What Keysmith knows of a key that expires. */
export interface ExpiryNotices {
  expiresAtMs: number;
  /** The last notice, or less than 0 if someone decided to let the key expire; undefined before the first. */
  noticedDaysBefore: number | undefined;
}

/** What to do about the notices of a key now. */
export type NoticeDecision =
  | { kind: 'notify'; daysBefore: NoticeDays }
  /** Nothing is due before this time. */
  | { kind: 'wait'; untilMs: number }
  /** No notice will ever be due. */
  | { kind: 'done' };

/**
 * Returns the notice that is due. Of several, only the nearest to the expiry is sent: the others were due before the key was
 * created, or while Keysmith was stopped.
 */
export function decideNotice(
  { expiresAtMs, noticedDaysBefore }: ExpiryNotices,
  nowMs: number,
): NoticeDecision {
  if (nowMs >= expiresAtMs + LONGEST_WAIT_MS) return { kind: 'done' };
  if (nowMs >= expiresAtMs) return { kind: 'wait', untilMs: nowMs + LONGEST_WAIT_MS };
  const open = NOTICE_DAYS.filter((days) => days < (noticedDaysBefore ?? Number.POSITIVE_INFINITY));
  const due = open.filter((days) => noticeAtMs(expiresAtMs, days) <= nowMs).at(-1);
  if (due !== undefined) return { kind: 'notify', daysBefore: due };
  const [next] = open;
  return next === undefined ? { kind: 'done' } : { kind: 'wait', untilMs: noticeAtMs(expiresAtMs, next) };
}
