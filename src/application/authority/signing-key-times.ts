import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import type { StoredSigningKey } from '../ports/authority-store.ts';

/** How long a key is published before it signs: longer than verifiers cache the published keys. */
const PUBLISHED_BEFORE_MS = 60 * 60_000;
/** How long a key is published after it signed: longer than the maximum token lifetime of a day. */
const PUBLISHED_AFTER_MS = 25 * 60 * 60_000;

type SigningKeyTimes = Pick<StoredSigningKey, 'number' | 'signsFromMs' | 'signsUntilMs' | 'publishedUntilMs'>;

/** The newest key. A key `isOutdated` if new ones sign with another algorithm. */
export type NewestKey = Pick<StoredSigningKey, 'number' | 'signsUntilMs'> & { isOutdated: boolean };

/**
 * Returns the times of the next key if it is due, else when it will be. The first key signs immediately, and so does one
 * that was due while Keysmith wasn't running, or whose predecessor was created before the clock was set back. An outdated key is
 * replaced as soon as its successor has been published long enough.
 */
export function nextSigningKeyTimes(
  latest: NewestKey | undefined,
  nowMs: number,
  rotateEveryMs: number,
): { times: SigningKeyTimes } | { dueMs: number } {
  const longestAheadMs = rotateEveryMs + PUBLISHED_BEFORE_MS + CLOCK_TOLERANCE_MS;
  const newest = latest && latest.signsUntilMs <= nowMs + longestAheadMs ? latest : undefined;
  const dueMs = newest === undefined || newest.isOutdated ? nowMs : newest.signsUntilMs - PUBLISHED_BEFORE_MS;
  if (nowMs < dueMs) return { dueMs };
  const replacedAtMs = newest?.isOutdated
    ? Math.min(newest.signsUntilMs, nowMs + PUBLISHED_BEFORE_MS)
    : newest?.signsUntilMs;
  const signsFromMs = Math.max(nowMs, replacedAtMs ?? nowMs);
  const signsUntilMs = signsFromMs + rotateEveryMs;
  return {
    times: {
      number: (latest?.number ?? 0) + 1,
      signsFromMs,
      signsUntilMs,
      publishedUntilMs: signsUntilMs + PUBLISHED_AFTER_MS,
    },
  };
}

/**
 * Returns until when a key is published: until its last token has expired, which is earlier than stored if a successor replaced it
 * before its time.
 *
 * @param successor the next newer key
 */
export function publicationEndMs(
  { publishedUntilMs }: Pick<StoredSigningKey, 'publishedUntilMs'>,
  successor: Pick<StoredSigningKey, 'signsFromMs'> | undefined,
): number {
  if (successor === undefined) return publishedUntilMs;
  return Math.min(publishedUntilMs, successor.signsFromMs + PUBLISHED_AFTER_MS);
}
