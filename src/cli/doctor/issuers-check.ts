import { fetchIssuerKeys } from '../../application/authority/fetch-issuer-keys.ts';
import type { BuiltinBackendConfig, Config } from '../../config/configuration.ts';
import { readAssertionKeys, type UnusableKey } from '../../domain/federation/assertion-keys.ts';
import { type Issuer, toIssuer } from '../../domain/federation/issuer.ts';
import { createIssuerDocuments, type DocumentUnavailable } from '../../net/issuer-documents.ts';
import { type Finding, plainText } from './finding.ts';

/**
 * Fetches the keys of each JWT issuer under the same rules as the token exchange. Returns only warnings, since an issuer that
 * is down only affects its own accounts.
 */
export async function checkIssuers(
  { teams }: BuiltinBackendConfig,
  config: Config,
  { timeoutMs }: { timeoutMs: number },
): Promise<Finding[]> {
  const { authority } = config;
  // The sandbox's issuers are examples, of which some don't exist.
  if (authority === undefined || config.kind === 'sandbox') return [];
  const documents = createIssuerDocuments({
    allowInsecure: authority.allowsInsecureIssuers,
    noProxy: config.noProxy,
    // Fetches two documents, one after the other.
    timeoutMs: timeoutMs / 2,
  });
  return Promise.all(teams.issuers.map((issuer) => checkIssuer(toIssuer(issuer), documents)));
}

async function checkIssuer(
  issuer: Issuer,
  documents: ReturnType<typeof createIssuerDocuments>,
): Promise<Finding> {
  const subject = `JWT issuer ${issuer.url}`;
  if (issuer.jwks !== undefined) {
    return {
      mark: 'ok',
      subject,
      text: `${keyCount(readAssertionKeys(issuer.jwks) ?? [])} from the teams file`,
    };
  }
  const fetched = await fetchIssuerKeys(documents, issuer);
  if (!fetched.ok) {
    return {
      mark: 'warning',
      subject,
      text: `can’t fetch its keys (${fetched.cause})`,
      remedy: remedyOf(fetched.reason, issuer),
    };
  }
  const text = `${keyCount(fetched.keys)} for verifying JWTs${ignoredText(fetched.unusable)}`;
  return fetched.keys.length > 0
    ? { mark: 'ok', subject, text }
    : {
        mark: 'warning',
        subject,
        text,
        remedy: 'The issuer publishes no RSA, ECDSA or Ed25519 key for signing JWTs.',
      };
}

/** Names at most three: an issuer may publish a hundred. */
function ignoredText(unusable: readonly UnusableKey[]): string {
  if (unusable.length === 0) return '';
  const named = unusable
    .slice(0, 3)
    .map(({ keyId, reason }) => `${plainText(keyId ?? 'without a kid').slice(0, 60)}: ${reason}`);
  return `, ${unusable.length} ignored (${named.join('; ')}${unusable.length > 3 ? '; …' : ''})`;
}

function keyCount({ length }: readonly unknown[]): string {
  return length === 1 ? '1 key' : `${length} keys`;
}

function remedyOf(reason: DocumentUnavailable['reason'], { jwksUrl }: Issuer): string {
  if (reason === 'not_allowed') {
    return 'Issuers must be at https URLs and public addresses. For one on your own network, set private_network: true (and ca) in the teams file, set jwks_url to a URL that can be reached, or put its jwks there.';
  }
  const check =
    jwksUrl === undefined
      ? 'Check that the URL equals the iss of its JWTs exactly, and that this machine can reach it.'
      : 'Check its jwks_url in the teams file, and that this machine can reach it.';
  return `Accounts of this issuer won’t be able to sign in once its last valid keys are 24 hours old. ${check}`;
}
