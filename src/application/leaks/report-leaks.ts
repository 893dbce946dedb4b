import { parseApiKey } from '../../domain/keys/api-key.ts';
import { leakPlace } from '../../domain/keys/leak-place.ts';
import { accountEvent } from '../accounts/account-event.ts';
import type { AuthorityPorts } from '../authority/authority-context.ts';
import { findGenuineKey } from '../reported-keys/genuine-key.ts';
import type { LeakOutcome } from './leak-store.ts';

/** A text that a scanner found, and where. */
export interface LeakMatch {
  token: string;
  url: string;
  source: string;
}

export type LeakPorts = Pick<AuthorityPorts, 'store' | 'peppers' | 'now'>;

/** How many keys had which outcome. */
export type LeakCounts = Record<LeakOutcome | 'nothing', number>;

/**
 * Acts on keys that were found in public, once for each place however often it is among the matches. A text whose secret isn't the
 * key's does nothing, so that nobody revokes a key of which they only know the public ID.
 *
 * @throws StoreUnavailableError: some of the keys may be done. A repetition does the others.
 */
export async function reportLeaks(
  ports: LeakPorts,
  matches: readonly LeakMatch[],
  requestId: string,
): Promise<LeakCounts> {
  const counts: LeakCounts = { revoked: 0, notified: 0, nothing: 0 };
  for (const [token, places] of placesOf(matches)) {
    const parts = parseApiKey(token);
    const stored = parts && (await findGenuineKey(ports, parts));
    if (stored === undefined) continue;
    const { keyId } = stored;
    for (const place of places) counts[await recordLeak(ports, { keyId, place, requestId })] += 1;
  }
  return counts;
}

function placesOf(matches: readonly LeakMatch[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const { token, url, source } of matches) {
    places.set(token, (places.get(token) ?? new Set()).add(leakPlace(url, source)));
  }
  return places;
}

function recordLeak(
  { store, now }: LeakPorts,
  { keyId, place, requestId }: { keyId: string; place: string; requestId: string },
): Promise<LeakOutcome | 'nothing'> {
  const nowMs = now();
  return store.recordLeak({
    keyId,
    place,
    nowMs,
    eventOf: ({ account, keyName, outcome }) =>
      accountEvent(account, {
        action: 'api_key.leak_reported',
        actor: { type: 'system', name: 'leak_report' },
        atMs: nowMs,
        requestId,
        details: { key_id: keyId, key_name: keyName, place, outcome },
      }),
  });
}
