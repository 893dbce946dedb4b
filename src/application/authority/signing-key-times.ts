import type { StoredSigningKey } from '../ports/authority-store.ts';

/** The next key is published so long before it signs; caches of the published keys are younger. */
const PUBLISHED_BEFORE_MS = 60 * 60_000;
/** A token lives a day at the most, and clocks differ. */
const PUBLISHED_AFTER_MS = 25 * 60 * 60_000;

export type SigningKeyTimes = Pick<
  StoredSigningKey,
  'number' | 'signsFromMs' | 'signsUntilMs' | 'publishedUntilMs'
>;

/**
 * The times of the key that is to be made now; else when one is due. The first one signs at once, and so does one that
 * comes late because nothing ran when it was due.
 */
export function nextSigningKeyTimes(
  newest: Pick<StoredSigningKey, 'number' | 'signsUntilMs'> | undefined,
  nowMs: number,
  rotateEveryMs: number,
): { times: SigningKeyTimes } | { dueMs: number } {
  const dueMs = newest === undefined ? nowMs : newest.signsUntilMs - PUBLISHED_BEFORE_MS;
  if (nowMs < dueMs) return { dueMs };
  const signsFromMs = Math.max(nowMs, newest?.signsUntilMs ?? nowMs);
  const signsUntilMs = signsFromMs + rotateEveryMs;
  return {
    times: {
      number: (newest?.number ?? 0) + 1,
      signsFromMs,
      signsUntilMs,
      publishedUntilMs: signsUntilMs + PUBLISHED_AFTER_MS,
    },
  };
}
