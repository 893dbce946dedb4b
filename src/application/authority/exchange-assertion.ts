import { compactVerify } from 'jose';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { checkAssertionClaims } from '../../domain/federation/assertion-claims.ts';
import { ASSERTION_ALGORITHMS, type AssertionKey } from '../../domain/federation/assertion-keys.ts';
import { readAssertionParts } from '../../domain/federation/assertion-parts.ts';
import type { Issuer } from '../../domain/federation/issuer.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { AuthorityPorts } from './authority-context.ts';
import type { AssertionHeader } from './issuer-keys.ts';
import type { ExchangeFailure, UsedFrom } from './outcomes.ts';

/**
 * So long after its end a JWT that is good once is remembered: another one of the same `jti` may have been checked just before,
 * or by a replica whose clock is behind.
 */
const REMEMBERED_AFTER_END_MS = 5 * 60_000;

type TemporaryFailure = 'keys_asked_recently' | 'keys_unavailable';

/** Why a JWT was not exchanged, with what is told of it. */
export type ExchangeRefusal =
  | {
      ok: false;
      reason: Exclude<ExchangeFailure, TemporaryFailure>;
      /** The name of the claim that is not what it must be. */
      claim?: string;
    }
  | { ok: false; reason: TemporaryFailure; retryAfterSeconds: number };

/** What the JWT says of itself, unverified and cut short, for the log; never the JWT. */
export type LoggedAssertion = Readonly<Record<string, string>>;

export type ExchangeAssertionResult =
  | { ok: true; accessToken: Secret; expiresInSeconds: number }
  /** Not logged yet: whoever counts the failures of an address knows how loud. */
  | { ok: false; refusal: ExchangeRefusal; said: LoggedAssertion };

/** Whoever sends it chooses how long it is. */
const LOGGED_CHARACTERS = 100;

interface Said {
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
 * What the JWT says is checked before its signature: so one that has ended is told that it has, though its key is gone, and
 * none that would be refused anyhow has an issuer asked. Whose the subject is, is only looked up after the signature.
 *
 * @throws StoreUnavailableError
 */
export async function exchangeAssertion(
  ports: AuthorityPorts,
  assertion: string,
  from: UsedFrom,
): Promise<ExchangeAssertionResult> {
  const said: Said = {};
  const admitted = await admit(ports, assertion, said);
  const result = admitted.ok ? await issueOnce(ports, said, admitted) : admitted;
  ports.counts.exchange(result.ok ? 'ok' : result.reason);
  if (!result.ok) return { ok: false, refusal: result, said: loggable(said) };
  const { account, ...answer } = result;
  ports.lastUses.note({ accountId: account.id, keyId: undefined, atMs: ports.now(), ...from });
  ports.logger.info({ account: account.id, ...loggable(said) }, 'exchanged a JWT for an access token');
  return answer;
}

async function admit(
  ports: AuthorityPorts,
  assertion: string,
  said: Said,
): Promise<Admitted | ExchangeRefusal> {
  const parts = readAssertionParts(assertion);
  if (parts === undefined) return { ok: false, reason: 'malformed' };
  const { header, claims } = parts;
  Object.assign(said, { issuer: claims.iss, subject: claims.sub, keyId: header.kid });
  const read = readHeader(header);
  if (!read.ok) return read;
  const issuer = isIssuer(claims.iss) && (await ports.store.issuer(claims.iss));
  // Letter for letter, whatever the database's collation is.
  if (!issuer || issuer.url !== claims.iss) return { ok: false, reason: 'unknown_issuer' };
  const { audiences } = ports;
  const checked = checkAssertionClaims(claims, issuer, { audiences, nowMs: ports.now() });
  if (!checked.ok) return checked;
  const signature = await checkSignature(ports, issuer, { assertion, header: read.header });
  if (!signature.ok) return signature;
  const { subject, tokenId, expiresAtMs } = checked;
  const standing = await ports.store.accountByIdentity({
    issuer: issuer.url,
    subject,
  });
  if (standing === undefined) return { ok: false, reason: 'unknown_subject' };
  if (standing.isTeamArchived) return { ok: false, reason: 'team_archived' };
  const isSpent = issuer.isSingleUse && tokenId !== undefined;
  const spend = isSpent ? { tokenId, expiresAtMs: expiresAtMs + REMEMBERED_AFTER_END_MS } : undefined;
  return { ok: true, account: standing.account, spend };
}

/** Signs first: where that fails, the JWT is still good for another try. */
async function issueOnce(
  ports: AuthorityPorts,
  { issuer }: Said,
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

/** `jku`, `x5u`, `x5c` and `jwk` are not even read: whose key it is, the issuer says. */
function readHeader(
  header: Readonly<Record<string, unknown>>,
): { ok: true; header: AssertionHeader } | ExchangeRefusal {
  const { alg, kid, typ } = header;
  // RFC 7515, section 4.1.11: none is understood here.
  if ('crit' in header) return { ok: false, reason: 'critical_header' };
  if (typeof alg !== 'string') return { ok: false, reason: 'malformed' };
  if (!ASSERTION_ALGORITHMS.has(alg)) return { ok: false, reason: 'algorithm_not_allowed' };
  // RFC 8725, section 3.11: what an issuer signs for one purpose is not taken for another.
  if ('typ' in header && typ !== 'JWT' && typ !== 'jwt') return { ok: false, reason: 'wrong_type' };
  if (kid !== undefined && typeof kid !== 'string') return { ok: false, reason: 'malformed' };
  return { ok: true, header: { alg, kid } };
}

interface Signed {
  assertion: string;
  header: AssertionHeader;
}

/**
 * Tries once more with keys fetched afresh: some issuers replace a key under its name, or name none. Where that can't be done
 * now, whether the signature is bad is not known: a final answer would turn away a good JWT.
 */
async function checkSignature(
  { issuerKeys }: AuthorityPorts,
  issuer: Issuer,
  signed: Signed,
): Promise<{ ok: true } | ExchangeRefusal> {
  const found = await issuerKeys.find(issuer, signed.header);
  if (!found.ok) return found;
  if (await isSignedWithOneOf(found.keys, signed)) return { ok: true };
  if (found.otherwise === undefined) return { ok: false, reason: 'bad_signature' };
  const afresh = await issuerKeys.find(issuer, signed.header, { afresh: true });
  if (!afresh.ok) return afresh;
  const others = afresh.keys.filter((key) => !found.keys.includes(key));
  if (await isSignedWithOneOf(others, signed)) return { ok: true };
  return afresh.otherwise ?? { ok: false, reason: 'bad_signature' };
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
    // The signature is another's, or what the issuer published is no key.
    return false;
  }
}

/** Unverified, so anything may stand in it. */
function loggable(said: Said): LoggedAssertion {
  const texts = Object.entries(said).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts.map(([name, value]) => [name, String(value).slice(0, LOGGED_CHARACTERS)]));
}
