import { type AssertionKeySet, readAssertionKeySet } from '../../domain/federation/assertion-keys.ts';
import type { Issuer } from '../../domain/federation/issuer.ts';
import type { IssuerDocuments } from '../ports/issuer-documents.ts';

/** The result of a fetch. `cause` is for the log. */
export type FetchIssuerKeysResult = ({ ok: true } & AssertionKeySet) | { ok: false; cause: string };

/** The path of OpenID Connect Discovery 1.0, section 4, and the one that older W&B servers use. */
const DISCOVERY_PATHS = ['/.well-known/openid-configuration', '/.well-known/oidc-configuration'];

/** For both documents together: the W&B SDK waits 10 s for its token. */
const TIMEOUT_MS = 5_000;

/**
 * Fetches an issuer's keys from the URL in the teams file, else through its discovery document, under the issuer's network
 * rules. Never throws.
 */
export async function fetchIssuerKeys(
  documents: IssuerDocuments,
  issuer: Issuer,
  timeoutMs = TIMEOUT_MS,
): Promise<FetchIssuerKeysResult> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const { jwksUrl } = issuer;
  const discovered =
    jwksUrl === undefined
      ? await discover(documents, issuer, deadline)
      : { ok: true as const, jwksUri: jwksUrl };
  if (!discovered.ok) return discovered;
  const read = await documents.read(discovered.jwksUri, issuer, deadline);
  if (!read.ok) return { ok: false, cause: `keys ${read.reason}: ${read.cause}` };
  const set = readAssertionKeySet(read.document);
  return set ? { ok: true, ...set } : { ok: false, cause: 'keys unusable: not a JWK Set, or too large' };
}

async function discover(
  documents: IssuerDocuments,
  issuer: Issuer,
  deadline: AbortSignal,
): Promise<{ ok: true; jwksUri: string } | { ok: false; cause: string }> {
  let cause = '';
  for (const path of DISCOVERY_PATHS) {
    const read = await documents.read(`${issuer.url.replace(/\/$/, '')}${path}`, issuer, deadline);
    if (read.ok) return jwksUriOf(read.document, issuer);
    cause = `discovery ${read.reason}: ${read.cause}`;
    if (read.reason !== 'not_found') return { ok: false, cause };
  }
  return { ok: false, cause };
}

function jwksUriOf(
  document: unknown,
  issuer: Issuer,
): { ok: true; jwksUri: string } | { ok: false; cause: string } {
  const { issuer: named, jwks_uri: jwksUri } = document as Record<string, unknown>;
  // Discovery 1.0, section 4.3: otherwise one issuer could impersonate another.
  if (named !== issuer.url) return { ok: false, cause: 'discovery unusable: it names another issuer' };
  if (typeof jwksUri !== 'string') return { ok: false, cause: 'discovery unusable: it has no jwks_uri' };
  return { ok: true, jwksUri };
}
