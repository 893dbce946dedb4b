import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Ports } from '../ports/account-ports.ts';
import { checkMayAsk } from './approvers.ts';

/** Returns the key of a request that its requester can collect now. */
export async function collectableKey(
  { store, now }: Pick<Ports, 'store' | 'now'>,
  accessRequestId: string,
): Promise<{ id: string; expiresAtMs: number } | undefined> {
  const key = await store.requestedKey(accessRequestId);
  return key.state === 'open' && key.untilMs > now()
    ? { id: key.collectionId, expiresAtMs: key.untilMs }
    : undefined;
}

/**
 * Returns the account of a key that a person was sent as the member who requested the account, while they are in its team. They may
 * confirm and revoke that key, and nothing else of the account.
 */
export async function accountOfRequestedKey(
  ports: Ports,
  person: Person,
  { accountId, keyId }: { accountId: string; keyId: string | undefined },
): Promise<ServiceAccount | undefined> {
  const account = keyId === undefined ? undefined : await ports.backend.findAccount(accountId);
  if (account === undefined) return undefined;
  const keys = await ports.store.keysOfAccount(account.id);
  if (!keys.some((key) => key.keyId === keyId && key.requestedBy === person.email)) return undefined;
  const asked = await checkMayAsk(ports, person, account.teamName);
  return asked.ok ? account : undefined;
}
