import { expiryRulesOf, type KeyExpiryRules } from '../../domain/accounts/key-expiry.ts';
import { type Attempt, authorize, checkManage, checkNewKey } from '../accounts/authorize.ts';
import type { Ports } from '../ports/account-ports.ts';
import { keyAttempt } from './create-key.ts';
import {
  type AccountWithKeys,
  checkKeys,
  checkKeyToRevoke,
  type KeysUnavailable,
  keysRefused,
  keysUnavailable,
} from './key-access.ts';

/** What a form about keys is for. */
export type KeyFormPurpose = 'create' | 'rotate' | 'rename' | 'revoke';

const REFUSED: Record<KeyFormPurpose, Extract<Attempt['action'], `api_key.${string}`>> = {
  create: 'api_key.create_refused',
  rotate: 'api_key.rotate_refused',
  rename: 'api_key.rename_refused',
  revoke: 'api_key.revoke_refused',
};

export type OpenKeyFormResult =
  | ({ kind: 'open'; expiryRules: KeyExpiryRules } & AccountWithKeys)
  | KeysUnavailable;

/**
 * Decides whether a person gets a form about the keys of an account, and reads what it shows. Changes nothing.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function openKeyForm(
  ports: Ports,
  request: {
    purpose: KeyFormPurpose;
    slackUserId: string;
    accountId: string;
    keyId?: string | undefined;
    requestId: string;
  },
): Promise<OpenKeyFormResult> {
  const { purpose, accountId, keyId } = request;
  const attempt = keyAttempt(REFUSED[purpose], request);
  const authorized = await authorize(ports, attempt, (person) => {
    if (purpose === 'revoke') return checkKeyToRevoke(ports, person, { accountId, keyId });
    return checkKeys(ports, person, accountId, purpose === 'rotate' ? checkNewKey : checkManage);
  });
  if (!authorized.ok) return keysRefused(authorized.refusal);
  const { granted } = authorized;
  const unavailable = keysUnavailable(ports, granted.account);
  const policy = await ports.store.policyOf(granted.account.teamName);
  return unavailable ?? { kind: 'open', expiryRules: expiryRulesOf(policy), ...granted };
}
