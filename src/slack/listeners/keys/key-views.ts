import type { InputBlock, KnownBlock, ModalView } from '@slack/types';
import type { KeyFieldProblem } from '../../../application/keys/create-key.ts';
import type { AccountWithKeys } from '../../../application/keys/key-access.ts';
import type { AccountKey } from '../../../application/keys/key-store.ts';
import type { KeyFormPurpose } from '../../../application/keys/open-key-form.ts';
import { type KeyExpiryRules, OTHER_EXPIRY_CHOICES } from '../../../domain/accounts/key-expiry.ts';
import { FIRST_KEY_NAME, KEY_NAME_LENGTH, nextKeyName } from '../../../domain/keys/key-name.ts';
import { type Message, moment, notice, plainText } from '../../messages/blocks.ts';
import { accountText, keyText, keyUseText, recentUseWarning } from '../../messages/keys/key-outcome-text.ts';
import type { ViewPayload } from '../payloads.ts';
import {
  EXPIRES_ON_HINT,
  EXPIRES_ON_LABEL,
  expiryDatePicker,
  expirySelect,
} from '../views/expiry-elements.ts';

export type KeyField = KeyFieldProblem['field'];
const FIELDS: readonly string[] = ['key_name', 'key_expires', 'key_expires_on'] satisfies KeyField[];

export type KeyFormValues = { [Field in KeyField]?: string | undefined };

/** The `callback_id` of each form. */
export const KEY_FORMS: Record<KeyFormPurpose, string> = {
  create: 'create_key_form',
  rename: 'rename_key_form',
  revoke: 'revoke_key_form',
};

const TITLES: Record<KeyFormPurpose, string> = {
  create: 'Create key',
  rename: 'Rename key',
  revoke: 'Revoke key',
};

const SUBMIT: Record<KeyFormPurpose, string> = { create: 'Create', rename: 'Rename', revoke: 'Revoke' };

export interface KeyViewFrame {
  purpose: KeyFormPurpose;
  formId: string;
  privateMetadata: string;
}

interface KeyForm extends AccountWithKeys {
  key: AccountKey | undefined;
  expiryRules: KeyExpiryRules;
  values: KeyFormValues;
  nowMs: number;
}

/** Returns a form about the keys of an account. */
export function keyFormView(frame: KeyViewFrame, form: KeyForm): ModalView {
  return {
    ...frameOf(frame),
    submit: plainText(SUBMIT[frame.purpose]),
    close: plainText('Cancel'),
    blocks: formBlocks(frame.purpose, form),
  };
}

function formBlocks(purpose: KeyFormPurpose, form: KeyForm): KnownBlock[] {
  const { account, keys, key, values } = form;
  switch (purpose) {
    case 'create': {
      const suggested = nextKeyName('key-0', new Set(keys.map(({ name }) => name)));
      return [
        section(`A new key of ${accountText(account)}. Its other keys keep working.`),
        nameField(values.key_name ?? (keys.length === 0 ? FIRST_KEY_NAME : suggested)),
        ...expiryFields(form),
      ];
    }
    case 'rename':
      return [
        section(`${key === undefined ? 'A key' : keyText(key)} of ${accountText(account)}`),
        nameField(values.key_name ?? key?.name ?? ''),
      ];
    case 'revoke':
      return [section(revokeText(form))];
  }
}

/** What was used in the last hour is said first. */
function revokeText({ account, key, nowMs }: KeyForm): string {
  if (key === undefined) return '';
  const warning = recentUseWarning(key, nowMs);
  const use =
    warning === undefined
      ? key.lastUse && `It was last used ${keyUseText(key.lastUse)}.`
      : `${warning} What uses it will fail.`;
  const expiry = key.expiresAtMs === undefined ? '' : ` Otherwise it expires ${moment(key.expiresAtMs)}.`;
  return [
    use ?? 'Keysmith has never seen it used.',
    `Revoke ${keyText(key)} of ${accountText(account)}? It stops working immediately, and this can’t be undone.${expiry}`,
  ].join('\n');
}

function nameField(value: string): InputBlock {
  const { min, max } = KEY_NAME_LENGTH;
  return {
    type: 'input',
    block_id: 'key_name',
    label: plainText('Name'),
    hint: plainText('Lowercase letters, digits and hyphens. Say where the key is used.'),
    element: {
      type: 'plain_text_input',
      action_id: 'key_name',
      min_length: min,
      max_length: max,
      ...(value.length >= min && { initial_value: value.slice(0, max).toWellFormed() }),
    },
  };
}

function expiryFields({ expiryRules, values }: KeyForm): KnownBlock[] {
  const { key_expires: expires, key_expires_on: date } = values;
  const select: InputBlock = {
    type: 'input',
    block_id: 'key_expires',
    label: plainText('Expires'),
    // Makes Slack report the choice at once, so that the date is shown.
    dispatch_action: true,
    element: { ...expirySelect(expiryRules, expires), action_id: 'key_expires' },
  };
  if (expires !== OTHER_EXPIRY_CHOICES.onDate) return [select];
  const picker: InputBlock = {
    type: 'input',
    block_id: 'key_expires_on',
    label: plainText(EXPIRES_ON_LABEL),
    hint: plainText(EXPIRES_ON_HINT),
    element: { ...expiryDatePicker(date), action_id: 'key_expires_on' },
  };
  return [select, picker];
}

/** Returns the view during slow work, and at the end. It can't be submitted. */
export function keyTextView(frame: KeyViewFrame, message: Message): ModalView {
  return { ...frameOf(frame), close: plainText('Close'), blocks: message.blocks };
}

export function keyWaitingView(frame: KeyViewFrame): ModalView {
  return keyTextView(frame, notice(':hourglass_flowing_sand: One moment…'));
}

function frameOf({ purpose, formId, privateMetadata }: KeyViewFrame) {
  return {
    type: 'modal' as const,
    callback_id: KEY_FORMS[purpose],
    external_id: formId,
    private_metadata: privateMetadata,
    title: plainText(TITLES[purpose]),
  };
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}

/** Reads a form's state, which comes from outside. Undefined if it has other fields than Keysmith's. */
export function readKeyForm({ state }: ViewPayload): KeyFormValues | undefined {
  const values: Record<string, string | undefined> = {};
  for (const [blockId, elements] of Object.entries(state?.values ?? {})) {
    const element = elements[blockId];
    if (!FIELDS.includes(blockId) || element === undefined) return undefined;
    const { value, selected_option: chosen, selected_date: date } = element;
    values[blockId] = value?.trim() ?? chosen?.value ?? date ?? undefined;
  }
  return values;
}
