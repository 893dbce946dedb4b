import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { findApiKeys, mayContainWandbKey } from '../../domain/keys/keys-in-text.ts';
import type { Person } from '../../domain/organization/person.ts';
import { decideManageAccount, decideManageTeam, mayContactGetKey } from '../../domain/organization/team.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize, identify } from '../accounts/authorize.ts';
import type { NotIdentified } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { StoredApiKey } from '../ports/authority-store.ts';

export interface ReportKeys {
  slackUserId: string;
  /** The texts of the message. May contain keys, which are never stored, logged or repeated. */
  texts: readonly string[];
  channelId: string | undefined;
  messageUrl: string | undefined;
  requestId: string;
}

/** A key on which the person may act. */
export interface OwnKey {
  account: ServiceAccount;
  keyId: string;
  expiresAtMs: number | undefined;
  revokedAtMs: number | undefined;
  mayRotate: boolean;
}

interface LookedUp {
  /** Notifies the owners of the other keys, and never throws. Call it after the reply, which must not depend on it or show its time. */
  notify: () => Promise<void>;
  /** Whether the message has keys that weren't looked up, because it has too many. */
  hasMore: boolean;
}

export type ReportKeysResult =
  /** `hasOthers`: the message also has keys of other people, unknown keys, or both. */
  | ({ kind: 'own'; keys: OwnKey[]; hasOthers: boolean } & LookedUp)
  /** Keys of other people, unknown keys, or both: the person can't distinguish them. */
  | ({ kind: 'thanked' } & LookedUp)
  | { kind: 'wandb_key' | 'no_key' }
  | { kind: 'refused'; refusal: NotIdentified };

/**
 * Looks for keys of Keysmith in a message that someone points out.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function reportKeys(ports: Ports, request: ReportKeys): Promise<ReportKeysResult> {
  const { slackUserId, texts, requestId } = request;
  const attempt = { slackUserId, action: 'api_key.report_refused', requestId } as const;
  const authorized = await authorize<undefined, never>(ports, attempt, async () => ({
    ok: true,
    granted: undefined,
  }));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const { person } = authorized;
  const { keys: candidates, hasMore } = findApiKeys(texts);
  if (candidates.length === 0) return { kind: mayContainWandbKey(texts) ? 'wandb_key' : 'no_key' };
  const own: OwnKey[] = [];
  const others: StoredApiKey[] = [];
  for (const { parts } of candidates) {
    const stored = await ports.findGenuineKey(parts);
    // Asked for an unknown key too, so that a reply takes the same time for both. With a W&B server, no key is known.
    const isAsked = ports.backend.administeredIn === 'teams_file';
    const may = isAsked ? await mayActOn(ports, person, stored?.account) : undefined;
    if (stored === undefined) continue;
    if (may === undefined) others.push(stored);
    else own.push({ ...toOwnKey(stored), ...may });
  }
  const notify = () => notifyOwners(ports, { ...request, person }, others);
  return own.length === 0
    ? { kind: 'thanked', notify, hasMore }
    : { kind: 'own', keys: own, hasOthers: own.length < candidates.length, notify, hasMore };
}

/** Reads keys that were found in a message, for the person who pointed it out: those on which they may act now. */
export async function readOwnKeys(
  ports: Ports,
  { slackUserId, keyIds }: { slackUserId: string; keyIds: readonly string[] },
): Promise<OwnKey[]> {
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) return [];
  const own: OwnKey[] = [];
  for (const keyId of keyIds) {
    const stored = await ports.store.findApiKey(keyId);
    const may = await mayActOn(ports, identified.person, stored?.account);
    if (stored !== undefined && may !== undefined) own.push({ ...toOwnKey(stored), ...may });
  }
  return own;
}

function toOwnKey({ account, keyId, expiresAtMs, revokedAtMs }: StoredApiKey): Omit<OwnKey, 'mayRotate'> {
  return { account, keyId, expiresAtMs, revokedAtMs };
}

/** Returns what the person may do who administers the account, or is its contact and in its team. */
async function mayActOn(
  { backend }: Ports,
  person: Person,
  account: ServiceAccount | undefined,
): Promise<Pick<OwnKey, 'mayRotate'> | undefined> {
  const access = await backend.teamAccess(person, account?.teamName ?? '');
  if (access === undefined || account === undefined) return undefined;
  if (decideManageAccount(access, account).allowed) return { mayRotate: true };
  const team = decideManageTeam(access);
  const isMember = team.allowed || team.reason === 'not_admin';
  const isContact = isMember && account.contact === person.slackUserId;
  return isContact ? { mayRotate: mayContactGetKey(access, account) } : undefined;
}

async function notifyOwners(
  { store, now, logger, wakeJobs }: Ports,
  { person, channelId, messageUrl, requestId }: ReportKeys & { person: Person },
  keys: readonly StoredApiKey[],
): Promise<void> {
  for (const { keyId } of keys) {
    const nowMs = now();
    const reported = { keyId, reportedBy: person.slackUserId, channelId, messageUrl, nowMs };
    const eventOf = (account: ServiceAccount) =>
      accountEvent(account, {
        action: 'api_key.reported',
        actor: actorOf(person),
        atMs: nowMs,
        requestId,
        details: { key_id: keyId, channel: channelId },
      });
    try {
      const outcome = await store.recordKeyReport({ ...reported, eventOf });
      if (outcome === 'recorded') wakeJobs();
    } catch (error) {
      logger.error({ err: error, keyId }, 'reported key not recorded');
    }
  }
}
