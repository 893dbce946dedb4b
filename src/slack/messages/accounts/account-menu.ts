import type { Button, Overflow } from '@slack/types';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { option, plainText } from '../blocks.ts';
import { endVerb } from './server-account-text.ts';

/** The menu of an account in a list. */
export const ACCOUNT_MENU_ACTION = 'account_menu';
/** The menu of lists from before, whose only option ended the account. */
export const EARLIER_MENU_ACTION = 'revoke_listed_account';

/** Its value is the account's ID. */
export const EDIT_ACTION = 'edit_account';

const CHOICES = ['show', 'rotate', 'edit', 'revoke'] as const;
export type AccountChoice = (typeof CHOICES)[number];

/** What a person may do with an account: everything, or only look at it. */
interface MenuOptions {
  isReadOnly: boolean;
  isOnServer: boolean;
}

/** Returns what can be done with an account, in the order of its menu and buttons. */
function accountChoices(
  { state, method }: Pick<ServiceAccount, 'state' | 'method'>,
  { isReadOnly }: Pick<MenuOptions, 'isReadOnly'>,
): AccountChoice[] {
  if (isReadOnly || state === 'revoked') return ['show'];
  // Deleting one that W&B still has can be tried again.
  if (state !== 'active') return ['show', 'revoke'];
  return CHOICES.filter((choice) => choice !== 'rotate' || method === 'api_key');
}

/** No option has Slack's confirmation, which a menu shows for all or none: each opens something that can be closed. */
export function accountMenu(account: ServiceAccount, options: MenuOptions): Overflow {
  return {
    type: 'overflow',
    action_id: ACCOUNT_MENU_ACTION,
    options: accountChoices(account, options).map((choice) =>
      option(`${choice}:${account.id}`, choiceLabel(choice, options)),
    ),
  };
}

/** Opens the form *Edit account*. */
export function editButton({ id }: Pick<ServiceAccount, 'id'>): Button {
  return { type: 'button', action_id: EDIT_ACTION, text: plainText('Edit'), value: id };
}

function choiceLabel(choice: AccountChoice, { isOnServer }: Pick<MenuOptions, 'isOnServer'>): string {
  switch (choice) {
    case 'show':
      return 'Show';
    case 'rotate':
      return 'Rotate';
    case 'edit':
      return 'Edit';
    case 'revoke':
      return endVerb(isOnServer);
  }
}

/** Reads the value of a menu option. Undefined for a value that Keysmith never offered. */
export function readAccountChoice(value: string): { choice: AccountChoice; accountId: string } | undefined {
  const end = value.indexOf(':');
  const choice = CHOICES.find((one) => one === value.slice(0, Math.max(0, end)));
  return choice && { choice, accountId: value.slice(end + 1) };
}

/** Reads the value of an option of {@link EARLIER_MENU_ACTION}. */
export function readEarlierChoice(value: string): { accountId: string } {
  return { accountId: new URLSearchParams(value).get('account') ?? '' };
}
