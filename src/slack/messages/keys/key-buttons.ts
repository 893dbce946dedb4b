import type { Button, Overflow } from '@slack/types';
import type { AccountKey } from '../../../application/keys/account-key.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { option, plainText } from '../blocks.ts';

/** Each opens a modal. The value names the account, and the key where the button is about one. */
export const KEY_ACTIONS = {
  create: 'create_key',
  rotate: 'rotate_key',
  rename: 'rename_key',
  revoke: 'revoke_key',
} as const;
export type KeyAction = keyof typeof KEY_ACTIONS;

/** A menu with the actions on one key. */
export const KEY_MENU_ACTION = 'key_menu';

const LABELS: Record<KeyAction, string> = {
  create: 'Create key',
  rotate: 'Rotate',
  rename: 'Rename',
  revoke: 'Revoke',
};

/** Returns *Create key*, for an account whose keys Keysmith creates. */
export function createKeyButton({ id }: Pick<ServiceAccount, 'id'>): Button {
  return { type: 'button', action_id: KEY_ACTIONS.create, text: plainText(LABELS.create), value: id };
}

/** Returns *Revoke* for one key. */
export function revokeKeyButton(account: Pick<ServiceAccount, 'id'>, key: Pick<AccountKey, 'keyId'>): Button {
  return {
    type: 'button',
    action_id: KEY_ACTIONS.revoke,
    style: 'danger',
    text: plainText(LABELS.revoke),
    value: keyValue(account, key),
  };
}

/** Returns *Rotate*, for one key, or for an account whose key the person chooses in the form. */
export function rotateButton(account: Pick<ServiceAccount, 'id'>, key?: Pick<AccountKey, 'keyId'>): Button {
  const value = key === undefined ? account.id : keyValue(account, key);
  return { type: 'button', action_id: KEY_ACTIONS.rotate, text: plainText(LABELS.rotate), value };
}

const MENU: readonly KeyAction[] = ['rotate', 'rename', 'revoke'];
/** What the contact of an account may do without being an admin. */
const CONTACT_MENU: readonly KeyAction[] = ['rotate', 'revoke'];

/** Returns what an admin, or else the contact of the account, may do with one key. */
export function menuActions(allowed: { isManaged: boolean; mayRotate: boolean }): readonly KeyAction[] {
  if (allowed.isManaged) return MENU;
  return CONTACT_MENU.filter((action) => action !== 'rotate' || allowed.mayRotate);
}

/** Returns the menu of one key. */
export function keyMenu(
  account: Pick<ServiceAccount, 'id'>,
  key: Pick<AccountKey, 'keyId'>,
  actions: readonly KeyAction[] = MENU,
): Overflow {
  return {
    type: 'overflow',
    action_id: KEY_MENU_ACTION,
    options: actions.map((action) => option(`${action} ${keyValue(account, key)}`, LABELS[action])),
  };
}

/** Reads the value of an option of {@link keyMenu}. The rest is the value of the button for the same action. */
export function readKeyMenu(value: string): { action: KeyAction; value: string } | undefined {
  const [action = '', rest = ''] = value.split(' ', 2);
  return Object.hasOwn(KEY_ACTIONS, action) ? { action: action as KeyAction, value: rest } : undefined;
}

function keyValue({ id }: Pick<ServiceAccount, 'id'>, { keyId }: Pick<AccountKey, 'keyId'>): string {
  return `${id}:${keyId}`;
}
