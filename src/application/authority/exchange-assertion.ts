import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { checkAssertionClaims } from '../../domain/federation/assertion-claims.ts';
import { readAssertionHeader } from '../../domain/federation/assertion-header.ts';
import { readAssertionParts } from '../../domain/federation/assertion-parts.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import { type NearMatch, reportNearMatch } from '../care/report-near-match.ts';
import type { AuthorityPorts, CallerLog, ExchangeFailure, UsedFrom } from './authority-context.ts';
import { checkSignature } from './check-signature.ts';

/**
 * How long the `jti` of a single-use JWT is kept after the JWT was last accepted: a second copy may have been checked just
 * before, or by a replica whose clock is behind.
 */
const TOKEN_ID_KEPT_MS = 5 * 60_000;

type TemporaryFailure = 'keys_asked_recently' | 'keys_unavailable';

/** Why a JWT wasn't exchanged, with its details. */
export type ExchangeRefusal =
  | {
      ok: false;
      reason: Exclude<ExchangeFailure, TemporaryFailure>;
      /** The name of the invalid claim. */
      claim?: string;
      /** For the log only: the response is the same whether there is such an account. */
      similar?: NearMatch;
    }
  | { ok: false; reason: TemporaryFailure; retryAfterSeconds: number };

/** Unverified parts of the JWT for the log, truncated. Never contains the JWT itself. */
export type LoggedAssertion = Readonly<Record<string, string>>;

export type ExchangeAssertionResult =
  | { ok: true; accessToken: Secret; expiresInSeconds: number; scope: ServiceAccount['scope'] }
  /** The caller logs it: it counts the failures of each address and chooses the log level. */
  | { ok: false; refusal: ExchangeRefusal; unverified: LoggedAssertion };

/** The sender chooses the length of these values. */
const LOGGED_CHARACTERS = 100;

interface UnverifiedClaims {
  issuer?: unknown;
  subject?: unknown;
  keyId?: unknown;
}

type Admitted = {
  ok: true;
  account: ServiceAccount;
  spend: { tokenId: string; expiresAtMs: number } | undefined;
};

/**
 * Exchanges the JWT of an external identity for an access token (RFC 7523, section 2.1).
 *
 * Claims are checked before the signature: an expired JWT is reported as expired even if its key is gone, and no issuer is
 * asked about a JWT that would be refused anyway. The subject is looked up only after the signature was verified.
 *
 * @param log gets each exchange
 * @throws StoreUnavailableError
 */
export async function exchangeAssertion(
  ports: AuthorityPorts,
  assertion: string,
  from: UsedFrom,
  log: CallerLog,
): Promise<ExchangeAssertionResult> {
  const unverified: UnverifiedClaims = {};
  const admitted = await admit(ports, assertion, unverified);
  const result = admitted.ok ? await issueOnce(ports, unverified, admitted) : admitted;
  ports.counts.exchange(result.ok ? 'ok' : result.reason);
  if (!result.ok) return { ok: false, refusal: result, unverified: loggable(unverified) };
  const { account, ...issued } = result;
  ports.lastUses.note({ accountId: account.id, keyId: undefined, atMs: ports.now(), ...from });
  log.info({ account: account.id, ...loggable(unverified) }, 'JWT exchanged for an access token');
  return { ...issued, scope: account.scope };
}

async function admit(
  ports: AuthorityPorts,
  assertion: string,
  unverified: UnverifiedClaims,
): Promise<Admitted | ExchangeRefusal> {
  const parts = readAssertionParts(assertion);
  if (parts === undefined) return { ok: false, reason: 'malformed' };
  const { header, claims } = parts;
  Object.assign(unverified, { issuer: claims.iss, subject: claims.sub, keyId: header.kid });
  const read = readAssertionHeader(header);
  if (!read.ok) return { ok: false, reason: read.reason };
  // Whatever the teams file says: Keysmith's JWTs are for the W&B server, with the same audience.
  if (claims.iss === ports.ownIssuer()) return { ok: false, reason: 'own_issuer' };
  const issuer = isIssuer(claims.iss) && (await ports.store.issuer(claims.iss));
  // Exact, whatever the database's collation.
  if (!issuer || issuer.url !== claims.iss) return { ok: false, reason: 'unknown_issuer' };
  const { audiences } = ports;
  const checked = checkAssertionClaims(claims, { issuer, audiences, nowMs: ports.now() });
  if (!checked.ok) return checked;
  const signature = await checkSignature(ports.issuerKeys, issuer, { assertion, header: read.header });
  if (!signature.ok) return signature;
  const { subject, tokenId, acceptedUntilMs } = checked;
  const status = await ports.store.accountByIdentity({
    issuer: issuer.url,
    subject,
  });
  if (status === undefined) {
    const similar = await reportNearMatch(ports, { issuer: issuer.url, subject });
    return { ok: false, reason: 'unknown_subject', ...(similar && { similar }) };
  }
  if (status.isTeamArchived) return { ok: false, reason: 'team_archived' };
  const isSpent = issuer.isSingleUse && tokenId !== undefined;
  const spend = isSpent ? { tokenId, expiresAtMs: acceptedUntilMs + TOKEN_ID_KEPT_MS } : undefined;
  return { ok: true, account: status.account, spend };
}

/** Signs the token before spending the `jti`, so that after a failure the same JWT can be sent again. */
async function issueOnce(
  ports: AuthorityPorts,
  { issuer }: UnverifiedClaims,
  { account, spend }: Admitted,
): Promise<
  { ok: true; accessToken: Secret; expiresInSeconds: number; account: ServiceAccount } | ExchangeRefusal
> {
  const { token: accessToken, expiresInSeconds } = await ports.accessTokens.issue(account);
  if (spend !== undefined) {
    const use = { issuer: String(issuer), ...spend, nowMs: ports.now() };
    // biome-ignore lint/correctness/useHookAtTopLevel: a method of the store, and no hook of React's.
    const isFirst = await ports.store.useAssertionOnce(use);
    if (!isFirst) return { ok: false, reason: 'used_before' };
  }
  return { ok: true, accessToken, expiresInSeconds, account };
}

function isIssuer(iss: unknown): iss is string {
  return typeof iss === 'string' && iss.isWellFormed();
}

/** Keeps only strings, truncated: the values are unverified. */
function loggable(unverified: UnverifiedClaims): LoggedAssertion {
  const texts = Object.entries(unverified).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts.map(([name, value]) => [name, String(value).slice(0, LOGGED_CHARACTERS)]));
}
