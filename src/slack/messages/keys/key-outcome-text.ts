import { type AccountKey, type KeyUse, MAX_LIVE_KEYS } from '../../../application/keys/account-key.ts';
import type { RenameKeyResult, RevokeKeyResult } from '../../../application/keys/change-key.ts';
import type { CreateKeyResult, KeyFieldProblem } from '../../../application/keys/create-key.ts';
import type { KeysUnavailable } from '../../../application/keys/key-access.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { KEY_NAME_LENGTH } from '../../../domain/keys/key-name.ts';
import { alreadySubmittedText, keyNotDeliveredText } from '../accounts/outcome-text.ts';
import { code, link, moment, shortened } from '../blocks.ts';
import { CREDENTIAL_TEXT, keyExpiryText } from '../failures/field-problem-text.ts';
import { refusalText } from '../failures/refusal-text.ts';

/** Returns a key's name and ID. Markup. */
export function keyText({ name, keyId }: Pick<AccountKey, 'name' | 'keyId'>): string {
  return `key ${code(name)} (${code(keyId)})`;
}

export function accountText({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}

/** Returns when and from where a key was used. Markup. */
export function keyUseText({ atMs, address, userAgent }: KeyUse): string {
  const from = address === undefined ? '' : ` from ${code(address)}`;
  const agent = userAgent === undefined ? '' : ` (${code(shortened(userAgent, 100))})`;
  return `${moment(atMs)}${from}${agent}`;
}

/** Returns why nothing can be done with the keys of an account, and what to do instead. Markup. */
export function keysUnavailableText(unavailable: KeysUnavailable): string {
  switch (unavailable.kind) {
    case 'not_found':
      return 'Nothing was changed: none of your teams has this account.';
    case 'refused':
      return `Nothing was changed. ${refusalText(unavailable.refusal)}`;
    case 'not_supported': {
      const { account, link: page } = unavailable;
      const place = page === undefined ? '' : ` (${link(page)})`;
      return `Nothing was changed: W&B has no call for single keys of ${accountText(account)}. Create, rename or delete its keys in W&B${place}, or create another account.`;
    }
    case 'no_keys':
      return `Nothing was changed: ${accountText(unavailable.account)} has no keys. Its workloads sign in with JWTs.`;
    case 'account_revoked':
      return `Nothing was changed: ${accountText(unavailable.account)} is revoked, or its team is archived.`;
  }
}

type Ended<Result extends { kind: string }> = Exclude<Result, { kind: 'invalid' }>;

/** Returns how *Create key* ended. Markup. */
export function keyCreatedText(result: Ended<CreateKeyResult>, isOnServer: boolean): string {
  switch (result.kind) {
    case 'created': {
      const { account, issued, key } = result;
      if (key.kind !== 'delivered') return keyNotDeliveredText(account, key, isOnServer);
      const { keyId } = issued.delivery;
      return `:white_check_mark: Created ${keyText({ name: issued.keyName, keyId })} of ${accountText(account)}. It’s in a message only you can see.`;
    }
    case 'already_submitted':
      return alreadySubmittedText(result.earlier, isOnServer);
    case 'too_many_keys':
      return tooManyKeysText(result.account);
    default:
      return keysUnavailableText(result);
  }
}

export function tooManyKeysText(account: ServiceAccount): string {
  return `Nothing was created: ${accountText(account)} already has ${MAX_LIVE_KEYS} keys that work. Revoke one that you no longer need, or create another account.`;
}

export function keyRenamedText(result: Ended<RenameKeyResult>): string {
  switch (result.kind) {
    case 'renamed':
    case 'unchanged':
      return `:white_check_mark: ${upperFirst(keyText(result.key))} of ${accountText(result.account)} has this name now. The key itself didn’t change.`;
    case 'key_not_found':
      return keyNotFoundText(result.account);
    default:
      return keysUnavailableText(result);
  }
}

export function keyRevokedText(result: RevokeKeyResult): string {
  switch (result.kind) {
    case 'revoked':
      return `:no_entry: Revoked ${keyText(result.key)} of ${accountText(result.account)}. ${result.hasOtherKeys ? 'It no longer works; the account’s other keys do.' : 'It no longer works, and the account has no other key that does.'}`;
    case 'already_revoked':
      return `${upperFirst(keyText(result.key))} of ${accountText(result.account)} was already revoked.`;
    case 'key_not_found':
      return keyNotFoundText(result.account);
    default:
      return keysUnavailableText(result);
  }
}

export function noKeyToRotateText(account: ServiceAccount): string {
  return `${upperFirst(accountText(account))} has no key that works, so there’s nothing to rotate. Create a new key instead.`;
}

export function keyNotFoundText(account: ServiceAccount): string {
  return `Nothing was changed: ${accountText(account)} has no such key, or it was revoked meanwhile.`;
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Returns the error that a form shows at a field. Plain text. */
export function keyFieldProblemText(problem: KeyFieldProblem): string {
  if (problem.field === 'key_choice' || problem.field === 'key_overlap') {
    return 'Choose one of the listed options.';
  }
  if (problem.field !== 'key_name') return keyExpiryText(problem.reason, problem);
  switch (problem.reason) {
    case 'contains_credential':
      return CREDENTIAL_TEXT;
    case 'too_short':
      return `Use at least ${KEY_NAME_LENGTH.min} characters, such as ci.`;
    case 'too_long':
      return `Use at most ${KEY_NAME_LENGTH.max} characters.`;
    case 'characters':
      return 'Use lowercase letters, digits and hyphens only, such as ci-main.';
    case 'hyphens':
      return 'Use single hyphens, and only between letters or digits, such as ci-main.';
    case 'name_taken':
      return 'This account already has a key with this name. Choose another name.';
  }
}

const HOUR_MS = 60 * 60_000;

/** Returns the warning about a key that was just used; undefined for any other. A use in the future is of unknown age. Markup. */
export function recentUseWarning({ lastUse }: AccountKey, nowMs: number): string | undefined {
  if (lastUse === undefined || lastUse.atMs <= nowMs - HOUR_MS) return undefined;
  return `:warning: It was used within the last hour: ${keyUseText(lastUse)}.`;
}
