import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Collection, SentKey } from '../ports/account-records.ts';
import { accountOfRequestedKey } from '../requests/requested-key.ts';
import { authorize, type Check, checkAccount, checkManageOrContact } from './authorize.ts';
import type { Refusal } from './refusal.ts';

/** The state of a key whose message is still on a person's screen. */
export type ShownKeyState =
  | { kind: 'works' }
  /** Slack hasn't confirmed its message yet. Keysmith confirms or revokes it when the delivery ends. */
  | { kind: 'unconfirmed' }
  /** Revoked, because Slack didn't confirm its message. */
  | { kind: 'not_confirmed'; next: NextKey }
  | { kind: 'expired'; atMs: number; next: NextKey }
  | { kind: 'revoked'; next: NextKey }
  | { kind: 'account_revoked' };

/** The key to use instead of one that doesn't work. */
export type NextKey =
  | { kind: 'in_use'; keyId: string }
  | { kind: 'being_sent' }
  /** The person can collect it. */
  | { kind: 'collectable'; collection: Collection }
  | { kind: 'none' };

export interface ShownKey {
  account: ServiceAccount;
  keyId: string;
  state: ShownKeyState;
  /** Whether the person can create another key or account, and not only request one. */
  isManager: boolean;
}

/**
 * Returns whether a key's message is out of date: the key is revoked although its account isn't, or another one has taken
 * its place. Revoking the account from there would revoke a key that the person doesn't see.
 */
export function isOutdated(state: ShownKeyState): boolean {
  if (state.kind === 'not_confirmed' || state.kind === 'revoked') return true;
  return state.kind === 'expired' && state.next.kind !== 'none';
}

interface AccountKeys {
  account: ServiceAccount;
  /** Newest first. */
  keys: readonly SentKey[];
  collection: Collection | undefined;
}

/** Decides the state of one key of an account. */
export function shownKeyState(
  key: SentKey,
  { account, keys, collection }: AccountKeys,
  nowMs: number,
): ShownKeyState {
  if (account.state !== 'active') return { kind: 'account_revoked' };
  if (key.delivery === 'sending') return { kind: 'unconfirmed' };
  const next = nextKey(key, { keys, collection }, nowMs);
  if (key.delivery === 'failed') return { kind: 'not_confirmed', next };
  if (key.revokedAtMs !== undefined) return { kind: 'revoked', next };
  const { expiresAtMs } = key;
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return { kind: 'expired', atMs: expiresAtMs, next };
  return { kind: 'works' };
}

function nextKey(
  { keyId }: SentKey,
  { keys, collection }: Pick<AccountKeys, 'keys' | 'collection'>,
  nowMs: number,
): NextKey {
  const others = keys.filter((other) => other.keyId !== keyId && other.revokedAtMs === undefined);
  const inUse = others.find(
    ({ delivery, expiresAtMs }) =>
      delivery === 'delivered' && (expiresAtMs === undefined || expiresAtMs > nowMs),
  );
  if (inUse !== undefined) return { kind: 'in_use', keyId: inUse.keyId };
  if (others.some(({ delivery }) => delivery === 'sending')) return { kind: 'being_sent' };
  return collection === undefined ? { kind: 'none' } : { kind: 'collectable', collection };
}

/**
 * Checks that a person may administer the account of a key on their screen, is its contact, or collected that key as the member who
 * requested the account, and reads the key's state.
 *
 * @param keyId undefined for a message from before its buttons named the key: then the account's newest key counts
 */
export async function checkShownKey(
  ports: Ports,
  person: Person,
  { accountId, keyId }: { accountId: string; keyId: string | undefined },
): Promise<
  Check<
    { account: ServiceAccount; key: ShownKey | undefined; isManager: boolean },
    Refusal | { reason: 'account_unknown' | 'key_unknown' }
  >
> {
  const checked = await checkAccount(ports, person, accountId);
  const isManager = checked.ok;
  const account = checked.ok
    ? checked.granted
    : ((await accountOfContact(ports, person, accountId)) ??
      (await accountOfRequestedKey(ports, person, { accountId, keyId })));
  if (account === undefined) return checked as Exclude<typeof checked, { ok: true }>;
  const keys = await ports.store.keysOfAccount(account.id);
  const shown = keyId === undefined ? keys[0] : keys.find((key) => key.keyId === keyId);
  if (shown === undefined) {
    return keyId === undefined
      ? { ok: true, granted: { account, key: undefined, isManager } }
      : { ok: false, refusal: { reason: 'key_unknown' } };
  }
  const nowMs = ports.now();
  const open = await ports.store.openCollections(person.slackUserId, nowMs);
  const collection = open.find((one) => one.accountId === account.id);
  const state = shownKeyState(shown, { account, keys, collection }, nowMs);
  const key = { account, keyId: shown.keyId, state, isManager };
  return { ok: true, granted: { account, key, isManager } };
}

/** The contact may have rotated the key. */
async function accountOfContact(
  ports: Ports,
  person: Person,
  accountId: string,
): Promise<ServiceAccount | undefined> {
  const account = await ports.backend.findAccount(accountId);
  if (account?.contact !== person.slackUserId) return undefined;
  const checked = await checkManageOrContact(ports, person, account);
  return checked.ok ? account : undefined;
}

export type MarkKeyStoredResult =
  | { kind: 'recorded' }
  /** The person stored a key that doesn't work, or not yet. */
  | { kind: 'not_working'; key: ShownKey }
  /** No such account or key, or one that isn't theirs. */
  | { kind: 'not_found' };

/** Records that the person says they stored the key, if it works. */
export async function markKeyStored(
  ports: Ports,
  request: { slackUserId: string; accountId: string; keyId: string | undefined; requestId: string },
): Promise<MarkKeyStoredResult> {
  const { slackUserId, accountId, requestId } = request;
  const attempt = {
    slackUserId,
    action: 'interaction.refused',
    subject: `service_account:${accountId.slice(0, 64)}`,
    requestId,
  } as const;
  const authorized = await authorize(ports, attempt, (person) => checkShownKey(ports, person, request));
  if (!authorized.ok) return { kind: 'not_found' };
  const { person, granted } = authorized;
  const { account, key } = granted;
  // Messages of federated accounts once had the button too: it only removes the message.
  if (account.method === 'federated') return { kind: 'recorded' };
  if (key !== undefined && key.state.kind !== 'works') return { kind: 'not_working', key };
  await ports.store.appendAuditEvent({
    atMs: ports.now(),
    actor: { type: 'person', slackUserId, email: person.email },
    action: 'api_key.stored',
    subject: `service_account:${account.id}`,
    details: {
      team: account.teamName,
      name: account.name,
      ...(key !== undefined && { key_id: key.keyId }),
    },
    requestId,
  });
  return { kind: 'recorded' };
}
