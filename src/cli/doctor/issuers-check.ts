import { fetchIssuerKeys } from '../../application/authority/fetch-issuer-keys.ts';
import type { BuiltinBackendConfig, Config } from '../../config/configuration.ts';
import { readAssertionKeys } from '../../domain/federation/assertion-keys.ts';
import { type Issuer, toIssuer } from '../../domain/federation/issuer.ts';
import { createIssuerDocuments } from '../../net/issuer-documents.ts';
import type { Finding } from './finding.ts';

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
      remedy: remedyOf(fetched.cause),
    };
  }
  const text = `${keyCount(fetched.keys)} for verifying JWTs`;
  return fetched.keys.length > 0
    ? { mark: 'ok', subject, text }
    : {
        mark: 'warning',
        subject,
        text,
        remedy: 'The issuer publishes no RSA, ECDSA or Ed25519 key for signing JWTs.',
      };
}

function keyCount({ length }: readonly unknown[]): string {
  return length === 1 ? '1 key' : `${length} keys`;
}

function remedyOf(cause: string): string {
  return cause.includes('not_allowed')
    ? 'Issuers must be at https URLs and public addresses. For one on your own network, set private_network: true (and ca) in the teams file, or put its jwks there.'
    : 'Accounts of this issuer won’t be able to sign in once its last valid keys are 24 hours old. Check that the URL equals the iss of its JWTs exactly, and that this machine can reach it.';
}
