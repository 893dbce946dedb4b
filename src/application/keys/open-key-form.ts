import { expiryRulesOf, type KeyExpiryRules } from '../../domain/accounts/key-expiry.ts';
import { nearestName } from '../../domain/nearest-name.ts';
import type { Attempt } from '../accounts/authorize.ts';
import { authorize, checkTeamOrAny } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import { keyAttempt } from './create-key.ts';
import {
  type AccountWithKeys,
  checkKeys,
  checkKeysAsContact,
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
  request: { purpose: KeyFormPurpose; slackUserId: string; accountId: string; requestId: string },
): Promise<OpenKeyFormResult> {
  const { purpose, accountId } = request;
  const check = purpose === 'revoke' || purpose === 'rotate' ? checkKeysAsContact : checkKeys;
  const attempt = keyAttempt(REFUSED[purpose], request);
  const authorized = await authorize(ports, attempt, (person) => check(ports, person, accountId));
  if (!authorized.ok) return keysRefused(authorized.refusal);
  const { granted } = authorized;
  const unavailable = keysUnavailable(ports, granted.account);
  const policy = await ports.store.policyOf(granted.account.teamName);
  return unavailable ?? { kind: 'open', expiryRules: expiryRulesOf(policy), ...granted };
}

export type FindAccountToRotateResult =
  | { kind: 'found'; accountId: string }
  /** Several of the person's teams have an account of this name. */
  | { kind: 'ambiguous'; teamNames: string[] }
  | { kind: 'not_found'; nearest: string | undefined }
  | { kind: 'refused'; refusal: Refusal };

/** Finds the account that `/wandb sa rotate NAME` names, among those of the teams that the person administers. */
export async function findAccountToRotate(
  ports: Ports,
  request: { slackUserId: string; name: string; teamName: string | undefined; requestId: string },
): Promise<FindAccountToRotateResult> {
  const { slackUserId, name, teamName, requestId } = request;
  const attempt: Attempt = { slackUserId, action: 'api_key.rotate_refused', requestId };
  const authorized = await authorize(ports, attempt, (person) => checkTeamOrAny(ports, person, teamName));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const { person } = authorized;
  // No name of an account has capital letters.
  const accounts = await ports.backend.findAccountsByName(person, name.toLowerCase(), teamName);
  const [account, ...others] = accounts;
  if (account === undefined) {
    return {
      kind: 'not_found',
      nearest: nearestName(name, await ports.backend.accountNames(person, teamName)),
    };
  }
  if (others.length === 0) return { kind: 'found', accountId: account.id };
  return { kind: 'ambiguous', teamNames: accounts.map((found) => found.teamName) };
}
