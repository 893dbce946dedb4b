import { createSecretKey, timingSafeEqual } from 'node:crypto';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { hashApiKeySecret, parseApiKey } from '../../domain/keys/api-key.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { AccountStatus, StoredApiKey } from '../ports/authority-store.ts';
import type { AuthorityPorts, CallerLog, UsedFrom, VerificationFailure } from './authority-context.ts';

/** A valid credential and its account. */
export interface VerifiedCredential {
  /** Active, in a team that isn't archived. */
  account: ServiceAccount;
  credential:
    | { kind: 'api_key'; keyId: string; createdAtMs: number; expiresAtMs: number | undefined }
    | { kind: 'access_token'; tokenId: string; issuedAtMs: number; expiresAtMs: number };
}

export type VerifyCredentialResult =
  | { ok: true; verified: VerifiedCredential }
  | { ok: false; reason: VerificationFailure; genuine?: EndedCredential };

/**
 * A credential that was valid and never will be again: it, or its account, was revoked, or it is a key that expired. An access
 * token that expired while its account is active isn't one, because its workload exchanges the next one.
 */
export interface EndedCredential {
  accountId: string;
  /** Undefined for an access token. */
  keyId: string | undefined;
  /** When it was revoked or expired, whichever came first, in milliseconds since the epoch. */
  endedAtMs: number;
  account: ServiceAccount;
}

/** Three base64url parts (RFC 7515, section 7.1): anything else is rejected without a lookup. */
const JWT_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Used when the key or the pepper doesn't exist, so that the work is the same. */
const NO_HASH = '0'.repeat(64);
const NO_PEPPER = createSecretKey(Buffer.alloc(32));

/**
 * Verifies an API key or an access token against the database, without a cache: a revocation holds from the next request
 * on. Notes the use of a valid credential.
 *
 * @param from undefined when the check isn't a use of the credential
 * @throws StoreUnavailableError
 */
export async function verifyCredential(
  ports: AuthorityPorts,
  credential: Secret,
  from: UsedFrom | undefined,
): Promise<VerifyCredentialResult> {
  const result = await verify(ports, credential.reveal());
  ports.counts.verification(result.ok ? 'ok' : result.reason);
  if (from === undefined) return result;
  if (result.ok) noteUse(ports, result.verified, from);
  else if (result.genuine?.keyId !== undefined) ports.lateUses.note(result.genuine.keyId, from);
  return result;
}

async function verify(ports: AuthorityPorts, credential: string): Promise<VerifyCredentialResult> {
  const parts = parseApiKey(credential);
  if (parts !== undefined) return await verifyApiKey(ports, parts);
  if (JWT_SHAPE.test(credential)) return await verifyAccessToken(ports, credential);
  return { ok: false, reason: 'malformed' };
}

async function verifyApiKey(
  ports: AuthorityPorts,
  { keyId, secret }: { keyId: string; secret: string },
): Promise<VerifyCredentialResult> {
  const key = await ports.store.findApiKey(keyId);
  // First, because everything below takes a different time for a key that doesn't exist.
  const isRight = isRightSecret(ports, secret, key);
  if (key === undefined) return { ok: false, reason: 'unknown_key' };
  if (!isRight) return { ok: false, reason: 'wrong_secret' };
  const nowMs = ports.now();
  const reason = accountFailure(key) ?? keyFailure(key, nowMs);
  if (reason !== undefined) return rejected(reason, endedKey(key, nowMs));
  const { account, createdAtMs, expiresAtMs } = key;
  return {
    ok: true,
    verified: { account, credential: { kind: 'api_key', keyId, createdAtMs, expiresAtMs } },
  };
}

async function verifyAccessToken(ports: AuthorityPorts, token: string): Promise<VerifyCredentialResult> {
  const checked = await ports.accessTokens.verify(token);
  if (!checked.ok && checked.reason !== 'token_expired') return checked;
  const status = await ports.store.accountStatus(checked.ok ? checked.claims.accountId : checked.accountId);
  if (!checked.ok) return rejected(checked.reason, status && endedToken(status));
  if (status === undefined) return { ok: false, reason: 'account_unknown' };
  const reason = accountFailure(status) ?? (status.isIssuerRemoved ? 'issuer_removed' : undefined);
  if (reason !== undefined) return rejected(reason, endedToken(status));
  const { tokenId, issuedAtMs, expiresAtMs } = checked.claims;
  return {
    ok: true,
    verified: {
      account: status.account,
      credential: { kind: 'access_token', tokenId, issuedAtMs, expiresAtMs },
    },
  };
}

/** Runs one HMAC and one constant-time comparison, whether the key exists or not. */
function isRightSecret(ports: AuthorityPorts, secret: string, key: StoredApiKey | undefined): boolean {
  const pepper = key && ports.peppers.get(key.pepperVersion);
  if (key !== undefined && pepper === undefined) {
    ports.logger.error(
      { keyId: key.keyId, pepperVersion: key.pepperVersion },
      'API key not verified: unknown pepper version, restart Keysmith',
    );
  }
  const [anyPepper = NO_PEPPER] = ports.peppers.values();
  const hash = Buffer.from(hashApiKeySecret(secret, pepper ?? anyPepper));
  const stored = Buffer.from(key?.secretHash ?? NO_HASH);
  return hash.length === stored.length && timingSafeEqual(hash, stored) && pepper !== undefined;
}

function accountFailure({
  account,
  isTeamArchived,
}: Pick<AccountStatus, 'account' | 'isTeamArchived'>): VerificationFailure | undefined {
  if (account.state !== 'active') return 'account_revoked';
  return isTeamArchived ? 'team_archived' : undefined;
}

function keyFailure(key: StoredApiKey, nowMs: number): VerificationFailure | undefined {
  if (key.revokedAtMs !== undefined) return 'key_revoked';
  // No lease, clock or job decides this: only the recorded outcome of the delivery does.
  if (!key.isDelivered) return 'key_not_delivered';
  return hasExpired(key.expiresAtMs, nowMs) ? 'key_expired' : undefined;
}

function hasExpired(expiresAtMs: number | undefined, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

function rejected(
  reason: VerificationFailure,
  genuine: EndedCredential | undefined,
): Extract<VerifyCredentialResult, { ok: false }> {
  return { ok: false, reason, ...(genuine && { genuine }) };
}

/** Only for a key whose secret was right. A key whose delivery was never accepted was never valid. */
function endedKey(key: StoredApiKey, nowMs: number): EndedCredential | undefined {
  const { account, keyId, isDelivered, revokedAtMs, expiresAtMs } = key;
  if (!isDelivered) return undefined;
  const ends = [account.revokedAtMs, revokedAtMs, hasExpired(expiresAtMs, nowMs) ? expiresAtMs : undefined];
  const endedAtMs = Math.min(...ends.filter((atMs) => atMs !== undefined));
  return Number.isFinite(endedAtMs) ? { accountId: account.id, keyId, endedAtMs, account } : undefined;
}

/** Only for a token whose signature was valid. */
function endedToken({ account }: AccountStatus): EndedCredential | undefined {
  const { id: accountId, revokedAtMs: endedAtMs } = account;
  return endedAtMs === undefined ? undefined : { accountId, keyId: undefined, endedAtMs, account };
}

function noteUse(ports: AuthorityPorts, { account, credential }: VerifiedCredential, from: UsedFrom): void {
  ports.lastUses.note({
    accountId: account.id,
    keyId: credential.kind === 'api_key' ? credential.keyId : undefined,
    atMs: ports.now(),
    ...from,
  });
}

/** A service that received a credential and asks whether it is valid. */
export interface IntrospectingClient {
  id: string;
  address: string;
}

/**
 * Verifies a credential for the service that received it. This counts as a use, noted with the address of that service,
 * because only the service knows the client's.
 *
 * @param log gets why a credential is invalid
 * @returns undefined for an invalid credential
 * @throws StoreUnavailableError
 */
export async function introspectCredential(
  ports: AuthorityPorts,
  credential: Secret,
  client: IntrospectingClient,
  log: CallerLog,
): Promise<VerifiedCredential | undefined> {
  const from = { address: client.address, userAgent: `introspection by ${client.id}` };
  const result = await verifyCredential(ports, credential, from);
  if (result.ok) return result.verified;
  log.info({ reason: result.reason, introspectedBy: client.id }, 'credential not active');
  return undefined;
}
