import type { Overflow } from '@slack/types';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { option } from '../blocks.ts';
import { endVerb } from './server-account-text.ts';

/** The menu of an account in a list. */
export const ACCOUNT_MENU_ACTION = 'account_menu';
/** The menu of lists from before, whose only option ended the account. */
export const EARLIER_MENU_ACTION = 'revoke_listed_account';

const CHOICES = ['revoke'] as const;
export type AccountChoice = (typeof CHOICES)[number];

/** No option has Slack's confirmation, which a menu shows for all or none: each opens something that can be closed. */
export function accountMenu({ id }: ServiceAccount, { isOnServer }: { isOnServer: boolean }): Overflow {
  return {
    type: 'overflow',
    action_id: ACCOUNT_MENU_ACTION,
    options: [option(`revoke:${id}`, endVerb(isOnServer))],
  };
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
