import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { keyNameProblem } from '../../domain/keys/key-name.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize } from '../accounts/authorize.ts';
import type { Ports } from '../ports/account-ports.ts';
import { type AccountKey, isLive } from './account-key.ts';
import { type KeyFieldProblem, keyAttempt } from './create-key.ts';
import {
  checkKeys,
  checkKeyToRevoke,
  type KeysUnavailable,
  keysRefused,
  keysUnavailable,
} from './key-access.ts';

interface ChangeKey {
  slackUserId: string;
  accountId: string;
  keyId: string;
  requestId: string;
}

export type RenameKeyResult =
  | { kind: 'renamed' | 'unchanged'; account: ServiceAccount; key: AccountKey }
  | { kind: 'invalid'; problems: KeyFieldProblem[] }
  | { kind: 'key_not_found'; account: ServiceAccount }
  | KeysUnavailable;

/**
 * Renames a key. The key itself stays as it is.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was renamed
 */
export async function renameKey(
  ports: Ports,
  request: ChangeKey & { name: string },
): Promise<RenameKeyResult> {
  const { accountId, keyId, name, requestId } = request;
  const attempt = keyAttempt('api_key.rename_refused', request);
  const authorized = await authorize(ports, attempt, (person) => checkKeys(ports, person, accountId));
  if (!authorized.ok) return keysRefused(authorized.refusal);
  const { person, granted } = authorized;
  const { account, keys } = granted;
  const unavailable = keysUnavailable(ports, account);
  if (unavailable !== undefined) return unavailable;
  const key = keys.find((one) => one.keyId === keyId);
  if (key === undefined) return { kind: 'key_not_found', account };
  const reason = keyNameProblem(name);
  if (reason !== undefined) return { kind: 'invalid', problems: [{ field: 'key_name', reason }] };
  const renamed = await ports.store.renameKey({
    accountId,
    keyId,
    name,
    auditEvent: accountEvent(account, {
      action: 'api_key.renamed',
      actor: actorOf(person),
      atMs: ports.now(),
      requestId,
      details: { key_id: keyId, key_name: name, earlier_key_name: key.name },
    }),
  });
  switch (renamed) {
    case 'renamed':
    case 'unchanged':
      return { kind: renamed, account, key: { ...key, name } };
    case 'name_taken':
      return { kind: 'invalid', problems: [{ field: 'key_name', reason: 'name_taken' }] };
    case 'not_found':
      return { kind: 'key_not_found', account };
  }
}

export type RevokeKeyResult =
  /** `hasOtherKeys`: whether another key of the account works. */
  | { kind: 'revoked' | 'already_revoked'; account: ServiceAccount; key: AccountKey; hasOtherKeys: boolean }
  | { kind: 'key_not_found'; account: ServiceAccount }
  | KeysUnavailable;

/**
 * Revokes one key of an account immediately. Its other keys stay as they are.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was revoked
 */
export async function revokeKey(ports: Ports, request: ChangeKey): Promise<RevokeKeyResult> {
  const { slackUserId, accountId, keyId, requestId } = request;
  const attempt = keyAttempt('api_key.revoke_refused', request);
  const authorized = await authorize(ports, attempt, (person) => checkKeyToRevoke(ports, person, request));
  if (!authorized.ok) return keysRefused(authorized.refusal);
  const { person, granted } = authorized;
  const { account, keys } = granted;
  const unavailable = keysUnavailable(ports, account);
  if (unavailable !== undefined) return unavailable;
  const key = keys.find((one) => one.keyId === keyId);
  if (key === undefined) return { kind: 'key_not_found', account };
  const nowMs = ports.now();
  const { contact } = account;
  const revoked = await ports.store.revokeKey({
    accountId,
    keyId,
    by: person,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'api_key.revoked',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { key_id: keyId, key_name: key.name },
    }),
    notification:
      contact === slackUserId
        ? undefined
        : {
            payload: {
              message: 'key_revoked',
              accountId,
              keyId,
              keyName: key.name,
              revokedBy: slackUserId,
              to: { slackUserId: contact },
              requestId,
            },
            start: { atMs: nowMs },
          },
  });
  if (revoked === 'not_found') return { kind: 'key_not_found', account };
  if (revoked === 'revoked') {
    ports.wakeJobs();
    ports.logger.info({ accountId, keyId }, 'API key revoked');
  }
  const hasOtherKeys = keys.some((one) => one.keyId !== keyId && isLive(one, nowMs));
  return { kind: revoked, account, key, hasOtherKeys };
}
