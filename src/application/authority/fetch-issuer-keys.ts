import { type AssertionKeySet, readAssertionKeySet } from '../../domain/federation/assertion-keys.ts';
import type { Issuer } from '../../domain/federation/issuer.ts';
import type { DocumentUnavailable, IssuerDocuments } from '../ports/issuer-documents.ts';

/** The result of a fetch. */
export type FetchIssuerKeysResult = ({ ok: true } & AssertionKeySet) | DocumentUnavailable;

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
  if (!read.ok) return unavailable('keys', read.reason, read.cause);
  const set = readAssertionKeySet(read.document);
  return set ? { ok: true, ...set } : unavailable('keys', 'unusable', 'not a JWK Set, or too large');
}

type Discovered = { ok: true; jwksUri: string } | DocumentUnavailable;

async function discover(
  documents: IssuerDocuments,
  issuer: Issuer,
  deadline: AbortSignal,
): Promise<Discovered> {
  let failed = unavailable('discovery', 'not_found', 'no path');
  for (const path of DISCOVERY_PATHS) {
    const read = await documents.read(`${issuer.url.replace(/\/$/, '')}${path}`, issuer, deadline);
    if (read.ok) return jwksUriOf(read.document, issuer);
    failed = unavailable('discovery', read.reason, read.cause);
    if (read.reason !== 'not_found') break;
  }
  return failed;
}

function jwksUriOf(document: unknown, issuer: Issuer): Discovered {
  const { issuer: named, jwks_uri: jwksUri } = document as Record<string, unknown>;
  // Discovery 1.0, section 4.3: otherwise one issuer could impersonate another.
  if (named !== issuer.url) return unavailable('discovery', 'unusable', 'it names another issuer');
  if (typeof jwksUri !== 'string') return unavailable('discovery', 'unusable', 'it has no jwks_uri');
  return { ok: true, jwksUri };
}

function unavailable(
  document: 'discovery' | 'keys',
  reason: DocumentUnavailable['reason'],
  cause: string,
): DocumentUnavailable {
  return { ok: false, reason, cause: `${document} ${reason}: ${cause}` };
}
