import { timingSafeEqual } from 'node:crypto';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { hashApiKeySecret, parseApiKey } from '../../domain/keys/api-key.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { AccountStatus, StoredApiKey } from '../ports/authority-store.ts';
import type { AuthorityPorts } from './authority-context.ts';
import type { UsedFrom, VerificationFailure } from './outcomes.ts';

/** A credential that was found good, and whose it is. */
export interface VerifiedCredential {
  /** Active, of a team that is not archived. */
  account: ServiceAccount;
  credential:
    | { kind: 'api_key'; keyId: string; createdAtMs: number; expiresAtMs: number }
    | { kind: 'access_token'; tokenId: string; issuedAtMs: number; expiresAtMs: number };
}

export type VerifyCredentialResult =
  | { ok: true; verified: VerifiedCredential }
  | { ok: false; reason: VerificationFailure };

/** Is this worth asking for: three parts in base64url (RFC 7515, section 7.1). */
const JWT_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** In place of the stored one for a key that nobody has. */
const NO_HASH = '0'.repeat(64);

/**
 * Is this API key or access token good now? Asked of the database every time, so that revocation holds from the next
 * request on. A good one is noted as used.
 *
 * @param from undefined where somebody else asks about it: that is no use
 * @throws StoreUnavailableError
 */
export async function verifyCredential(
  ports: AuthorityPorts,
  credential: Secret,
  from: UsedFrom | undefined,
): Promise<VerifyCredentialResult> {
  const result = await verify(ports, credential.reveal());
  ports.counts.verification(result.ok ? 'ok' : result.reason);
  if (result.ok && from !== undefined) noteUse(ports, result.verified, from);
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
  // Before anything that differs between a key that exists and one that does not.
  const isRight = isRightSecret(ports, secret, key);
  if (key === undefined) return { ok: false, reason: 'unknown_key' };
  if (!isRight) return { ok: false, reason: 'wrong_secret' };
  const reason = standingFailure(key) ?? keyFailure(key, ports.now());
  if (reason !== undefined) return { ok: false, reason };
  const { account, createdAtMs, expiresAtMs } = key;
  return {
    ok: true,
    verified: { account, credential: { kind: 'api_key', keyId, createdAtMs, expiresAtMs } },
  };
}

async function verifyAccessToken(ports: AuthorityPorts, token: string): Promise<VerifyCredentialResult> {
  const checked = await ports.accessTokens.verify(token);
  if (!checked.ok) return checked;
  const { accountId, tokenId, issuedAtMs, expiresAtMs } = checked.claims;
  const standing = await ports.store.accountStatus(accountId);
  if (standing === undefined) return { ok: false, reason: 'account_unknown' };
  const reason = standingFailure(standing) ?? (standing.isIssuerRemoved ? 'issuer_removed' : undefined);
  if (reason !== undefined) return { ok: false, reason };
  return {
    ok: true,
    verified: {
      account: standing.account,
      credential: { kind: 'access_token', tokenId, issuedAtMs, expiresAtMs },
    },
  };
}

/** One HMAC and one comparison in constant time, whether there is such a key or not. */
function isRightSecret(ports: AuthorityPorts, secret: string, key: StoredApiKey | undefined): boolean {
  const pepper = key && ports.peppers.get(key.pepperVersion);
  if (key !== undefined && pepper === undefined) {
    ports.logger.error(
      { keyId: key.keyId, pepperVersion: key.pepperVersion },
      'a key can not be verified: its pepper is not known here; start Keysmith anew',
    );
  }
  const [anyPepper = new Uint8Array(32)] = ports.peppers.values();
  const hash = Buffer.from(hashApiKeySecret(secret, pepper ?? anyPepper));
  const stored = Buffer.from(key?.secretHash ?? NO_HASH);
  return hash.length === stored.length && timingSafeEqual(hash, stored) && pepper !== undefined;
}

function standingFailure({
  account,
  isTeamArchived,
}: Pick<AccountStatus, 'account' | 'isTeamArchived'>): VerificationFailure | undefined {
  if (account.status === 'revoked') return 'account_revoked';
  return isTeamArchived ? 'team_archived' : undefined;
}

function keyFailure(key: StoredApiKey, nowMs: number): VerificationFailure | undefined {
  if (key.revokedAtMs !== undefined) return 'key_revoked';
  return key.expiresAtMs <= nowMs ? 'key_expired' : undefined;
}

function noteUse(ports: AuthorityPorts, { account, credential }: VerifiedCredential, from: UsedFrom): void {
  ports.lastUses.note({
    accountId: account.id,
    keyId: credential.kind === 'api_key' ? credential.keyId : undefined,
    atMs: ports.now(),
    ...from,
  });
}

/** A service that was given a credential, and asks what it is good for. */
export interface IntrospectingClient {
  id: string;
  address: string;
}

/**
 * What a credential is good for, asked by who was given it. That is a use of it, for which whoever rotates it must wait;
 * from where it came, only the asking service knows, so that one is noted instead.
 *
 * @returns undefined for whatever is not good now; the log has the reason
 * @throws StoreUnavailableError
 */
export async function introspectCredential(
  ports: AuthorityPorts,
  credential: Secret,
  client: IntrospectingClient,
): Promise<VerifiedCredential | undefined> {
  const from = { address: client.address, userAgent: `introspection by ${client.id}` };
  const result = await verifyCredential(ports, credential, from);
  if (result.ok) return result.verified;
  ports.logger.info({ reason: result.reason, introspectedBy: client.id }, 'credential not active');
  return undefined;
}
