import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import { type Check, checkAccount, checkManage, checkManageOrContact } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import { accountOfRequestedKey } from '../requests/requested-key.ts';
import type { AccountKey } from './account-key.ts';

/** What a use case about the keys of an account needs, checked and read afresh. */
export interface AccountWithKeys {
  account: ServiceAccount;
  /** As in `KeyStore.accountKeys`. */
  keys: AccountKey[];
}

/**
 * Why a use case about keys does nothing. `not_found`: also for an account of a team that the person may not see. `not_supported`:
 * W&B creates and deletes the keys; `link` is the team's page there. `no_keys`: the account is federated.
 */
export type KeysUnavailable =
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'not_supported'; account: ServiceAccount; link: string | undefined }
  | { kind: 'no_keys' | 'account_revoked'; account: ServiceAccount };

export type KeysRefusal = Refusal | { reason: 'account_unknown' };

/** Checks that a person may manage an account, or may do what `check` is about, and reads the account's keys. */
export async function checkKeys(
  ports: Ports,
  person: Person,
  accountId: string,
  check: typeof checkManage = checkManage,
): Promise<Check<AccountWithKeys, KeysRefusal>> {
  const checked = await checkAccount(ports, person, accountId, check);
  if (!checked.ok) return checked;
  return { ok: true, granted: await withKeys(ports, checked.granted) };
}

/** Grants the keys to who manages the account and to its contact, and one key to the member who requested and collected it. */
export async function checkKeyToRevoke(
  ports: Ports,
  person: Person,
  { accountId, keyId }: { accountId: string; keyId: string | undefined },
): Promise<Check<AccountWithKeys, KeysRefusal>> {
  const checked = await checkKeys(ports, person, accountId, checkManageOrContact);
  if (checked.ok) return checked;
  const account = await accountOfRequestedKey(ports, person, { accountId, keyId });
  return account === undefined ? checked : { ok: true, granted: await withKeys(ports, account) };
}

async function withKeys(ports: Ports, account: ServiceAccount): Promise<AccountWithKeys> {
  // What was used a moment ago is said before it is revoked.
  await ports.flushUses();
  return { account, keys: await ports.store.accountKeys(account.id) };
}

export function keysRefused(
  refusal: KeysRefusal,
): Extract<KeysUnavailable, { kind: 'not_found' | 'refused' }> {
  return refusal.reason === 'account_unknown' || refusal.reason === 'team_unknown'
    ? { kind: 'not_found' }
    : { kind: 'refused', refusal };
}

/** Returns why nobody can change single keys of this account. */
export function keysUnavailable({ backend }: Ports, account: ServiceAccount): KeysUnavailable | undefined {
  if (account.state !== 'active') return { kind: 'account_revoked', account };
  if (account.method !== 'api_key') return { kind: 'no_keys', account };
  if (backend.keys !== undefined) return undefined;
  return { kind: 'not_supported', account, link: backend.teamPage(account.teamName) };
}

/** Returns a key of the account that may still work, or that has expired. */
export function unrevokedKey({ keys }: AccountWithKeys, keyId: string | undefined): AccountKey | undefined {
  return keys.find((key) => key.keyId === keyId && key.revokedAtMs === undefined);
}
