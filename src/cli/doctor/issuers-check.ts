import { fetchIssuerKeys } from '../../application/authority/issuer-keys.ts';
import type { BuiltinBackendConfig } from '../../config/configuration.ts';
import type { Config } from '../../config/load-config.ts';
import { readAssertionKeys } from '../../domain/federation/assertion-keys.ts';
import { type Issuer, toIssuer } from '../../domain/federation/issuer.ts';
import { createIssuerDocuments } from '../../net/issuer-documents.ts';
import type { Finding } from './finding.ts';

/**
 * Whether the keys of each JWT issuer can be had, under the rules that the exchange asks them by. Only warnings: an issuer
 * that is down concerns the accounts that it signs for.
 */
export async function checkIssuers(
  { teams }: BuiltinBackendConfig,
  config: Config,
  { timeoutMs }: { timeoutMs: number },
): Promise<Finding[]> {
  const { authority } = config;
  if (authority === undefined) return [];
  const documents = createIssuerDocuments({
    allowInsecure: authority.allowsInsecureIssuers,
    noProxy: config.kind === 'live' ? config.noProxy : undefined,
    // Two documents, one after the other.
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
      text: `${keyCount(readAssertionKeys(issuer.jwks) ?? [])}, as the teams file states them`,
    };
  }
  const fetched = await fetchIssuerKeys(documents, issuer);
  if (!fetched.ok) {
    return {
      mark: 'warning',
      subject,
      text: `its keys can not be had (${fetched.cause})`,
      remedy: remedyOf(fetched.cause),
    };
  }
  const text = `${keyCount(fetched.keys)} to verify JWTs with`;
  return fetched.keys.length > 0
    ? { mark: 'ok', subject, text }
    : {
        mark: 'warning',
        subject,
        text,
        remedy: 'The issuer publishes no key that signs JWTs with RSA, ECDSA or Ed25519.',
      };
}

function keyCount({ length }: readonly unknown[]): string {
  return length === 1 ? '1 key' : `${length} keys`;
}

function remedyOf(cause: string): string {
  return cause.includes('not_allowed')
    ? 'Issuers are asked over https at public addresses. One on your own network: set private_network: true (and ca) at it in the teams file, or state its jwks there.'
    : 'Accounts of this issuer can not sign in anew once its last good keys are 24 hours old. Look at the URL, which is the iss of its JWTs letter for letter, and whether this machine reaches it.';
}
