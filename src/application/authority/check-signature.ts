import { compactVerify } from 'jose';
import type { AssertionHeader } from '../../domain/federation/assertion-header.ts';
import type { AssertionKey } from '../../domain/federation/assertion-keys.ts';
import type { Issuer } from '../../domain/federation/issuer.ts';
import type { FetchFailure, IssuerKeys } from './issuer-keys.ts';

interface Signed {
  assertion: string;
  header: AssertionHeader;
}

export type SignatureResult =
  | { ok: true }
  | { ok: false; reason: 'bad_signature' | 'no_such_key' | 'algorithm_not_allowed' }
  | {
      ok: false;
      reason: 'keys_unavailable' | 'keys_asked_recently';
      retryAfterSeconds: number;
      fetchFailure: FetchFailure | undefined;
      /** For the log. */
      cause: string;
    };

/**
 * Checks who signed a JWT. Tries again with freshly fetched keys, because some issuers replace a key without changing its `kid`. If
 * they can't be fetched now, the failure is temporary: the signature may be valid under a newer key.
 *
 * @throws StoreUnavailableError
 */
export async function checkSignature(
  issuerKeys: IssuerKeys,
  issuer: Issuer,
  signed: Signed,
): Promise<SignatureResult> {
  const found = await issuerKeys.find(issuer, signed.header);
  if (!found.ok) return found;
  if (await isSignedWithOneOf(found.keys, signed)) return { ok: true };
  if (found.otherwise === undefined) return { ok: false, reason: 'bad_signature' };
  const refreshed = await issuerKeys.find(issuer, signed.header, { refresh: true });
  if (!refreshed.ok) return refreshed;
  const others = refreshed.keys.filter((key) => !found.keys.includes(key));
  if (await isSignedWithOneOf(others, signed)) return { ok: true };
  return refreshed.otherwise ?? { ok: false, reason: 'bad_signature' };
}

async function isSignedWithOneOf(keys: readonly AssertionKey[], signed: Signed): Promise<boolean> {
  for (const key of keys) {
    if (await isSignedWith(key, signed)) return true;
  }
  return false;
}

async function isSignedWith({ jwk }: AssertionKey, { assertion, header }: Signed): Promise<boolean> {
  try {
    await compactVerify(assertion, jwk, { algorithms: [header.alg] });
    return true;
  } catch {
    // Another key signed it, or the issuer published an invalid key.
    return false;
  }
}
