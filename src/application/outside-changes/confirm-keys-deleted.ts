import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize, type Check, checkTeam } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { ServerAccount } from '../ports/server-account-store.ts';

export type ConfirmKeysDeletedResult =
  | { kind: 'confirmed' | 'already_confirmed'; account: ServiceAccount; serverName: string }
  /** No such account, or one of a team the person may not see. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * Records that an admin of the team has deleted all native keys of a deleted account.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was recorded
 */
export async function confirmKeysDeleted(
  ports: Ports,
  request: { slackUserId: string; serverAccountId: string; requestId: string },
): Promise<ConfirmKeysDeletedResult> {
  const { slackUserId, serverAccountId, requestId } = request;
  const { store, now } = ports;
  const subject = `server_account:${serverAccountId.slice(0, 64)}`;
  const attempt = { slackUserId, action: 'server_account.confirm_refused', subject, requestId } as const;
  const authorized = await authorize(ports, attempt, (person) =>
    checkServerAccount(ports, person, serverAccountId),
  );
  if (!authorized.ok) {
    const { refusal } = authorized;
    if (refusal.reason === 'account_unknown' || refusal.reason === 'team_unknown')
      return { kind: 'not_found' };
    return { kind: 'refused', refusal };
  }
  const { person, granted: server } = authorized;
  const nowMs = now();
  const isNew = await store.confirmKeysDeleted({
    serverAccountId,
    nowMs,
    auditEvent: accountEvent(server.account, {
      action: 'server_account.keys_deleted',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { server_name: server.name, server_account: serverAccountId },
    }),
  });
  const kind = isNew ? 'confirmed' : 'already_confirmed';
  return { kind, account: server.account, serverName: server.name };
}

async function checkServerAccount(
  ports: Ports,
  person: Person,
  serverAccountId: string,
): Promise<Check<ServerAccount, Refusal | { reason: 'account_unknown' }>> {
  const server = await ports.store.serverAccount(serverAccountId);
  if (server === undefined) return { ok: false, refusal: { reason: 'account_unknown' } };
  const checked = await checkTeam(ports, person, server.account.teamName);
  return checked.ok ? { ok: true, granted: server } : checked;
}
