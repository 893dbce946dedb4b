import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import type { SigningKeyPurpose, StoredSigningKey } from '../ports/authority-store.ts';

const HOUR_MS = 60 * 60_000;

/** When the keys of a purpose are created, sign and are published. */
export interface KeyRotation {
  rotateEveryMs: number;
  /** How long a key is published before it signs: longer than verifiers cache the published keys. */
  publishedBeforeMs: number;
  /** How long a key is published after it signed: longer than what it signed is valid. */
  publishedAfterMs: number;
  /**
   * What happens when a key is overdue, because Keysmith wasn't running: the next one signs at once (`false`), or the last one goes on
   * signing until the next one was published long enough (`true`).
   */
  waitsForPublication: boolean;
}

export const KEY_ROTATIONS: Readonly<Record<SigningKeyPurpose, Omit<KeyRotation, 'rotateEveryMs'>>> = {
  // The maximum lifetime of an access token is a day.
  access_token: {
    publishedBeforeMs: HOUR_MS,
    publishedAfterMs: 25 * HOUR_MS,
    waitsForPublication: false,
  },
  // A day as every replica publishes it: each reads a new key within minutes, and a cache may keep the key set for minutes.
  federation: {
    publishedBeforeMs: 24 * HOUR_MS + 15 * 60_000,
    publishedAfterMs: HOUR_MS,
    waitsForPublication: true,
  },
};

type SigningKeyTimes = Pick<StoredSigningKey, 'number' | 'signsFromMs' | 'signsUntilMs' | 'publishedUntilMs'>;

/** The newest key. A key `isOutdated` if new ones sign with another algorithm. */
export type NewestKey = Pick<StoredSigningKey, 'number' | 'signsUntilMs'> & { isOutdated: boolean };

/**
 * Returns the times of the next key if it is due, else when it will be. The first key signs immediately. So does one that was due
 * while Keysmith wasn't running, or whose predecessor was created before the clock was set back, unless the rotation waits for its
 * publication. An outdated key is replaced as soon as its successor has been published long enough.
 */
export function nextSigningKeyTimes(
  latest: NewestKey | undefined,
  nowMs: number,
  { rotateEveryMs, publishedBeforeMs, publishedAfterMs, waitsForPublication }: KeyRotation,
): { times: SigningKeyTimes } | { dueMs: number } {
  const longestAheadMs = rotateEveryMs + publishedBeforeMs + CLOCK_TOLERANCE_MS;
  const newest = latest && latest.signsUntilMs <= nowMs + longestAheadMs ? latest : undefined;
  const dueMs = newest === undefined || newest.isOutdated ? nowMs : newest.signsUntilMs - publishedBeforeMs;
  if (nowMs < dueMs) return { dueMs };
  const replacedAtMs = newest?.isOutdated
    ? Math.min(newest.signsUntilMs, nowMs + publishedBeforeMs)
    : newest?.signsUntilMs;
  const earliestMs = waitsForPublication && latest !== undefined ? nowMs + publishedBeforeMs : nowMs;
  const signsFromMs = Math.max(earliestMs, replacedAtMs ?? nowMs);
  const signsUntilMs = signsFromMs + rotateEveryMs;
  return {
    times: {
      number: (latest?.number ?? 0) + 1,
      signsFromMs,
      signsUntilMs,
      publishedUntilMs: signsUntilMs + publishedAfterMs,
    },
  };
}

/**
 * Returns until when a key is published: until its last token has expired. That is earlier than stored if a successor replaced it
 * before its time, and later if a successor must wait for its publication.
 *
 * @param successor the next newer key
 */
export function publicationEndMs(
  { publishedUntilMs }: Pick<StoredSigningKey, 'publishedUntilMs'>,
  successor: Pick<StoredSigningKey, 'signsFromMs'> | undefined,
  { publishedAfterMs, waitsForPublication }: Omit<KeyRotation, 'rotateEveryMs'>,
): number {
  const replacedMs = successor && successor.signsFromMs + publishedAfterMs;
  if (waitsForPublication) return replacedMs ?? Number.POSITIVE_INFINITY;
  return replacedMs === undefined ? publishedUntilMs : Math.min(publishedUntilMs, replacedMs);
}

/** Returns the key that signs. Before the first one's time, which a replica whose clock is ahead may have set, it is the first. */
export function signingKeyAt<Key extends { signsFromMs: number }>(
  keys: readonly Key[],
  nowMs: number,
): Key | undefined {
  return keys.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? keys[0];
}
