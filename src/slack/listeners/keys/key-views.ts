import type { Checkboxes, InputBlock, KnownBlock, ModalView, StaticSelect } from '@slack/types';
import { type AccountKey, isLive } from '../../../application/keys/account-key.ts';
import type { KeyFieldProblem } from '../../../application/keys/create-key.ts';
import type { AccountWithKeys } from '../../../application/keys/key-access.ts';
import type { KeyFormPurpose } from '../../../application/keys/open-key-form.ts';
import { type KeyExpiryRules, OTHER_EXPIRY_CHOICES } from '../../../domain/accounts/key-expiry.ts';
import { FIRST_KEY_NAME, KEY_NAME_LENGTH, nextKeyName } from '../../../domain/keys/key-name.ts';
import { DEFAULT_OVERLAP_HOURS, OVERLAP_HOURS } from '../../../domain/keys/rotation.ts';
import { type Message, moment, notice, option, plainText } from '../../messages/blocks.ts';
import { accountText, keyText, keyUseText, recentUseWarning } from '../../messages/keys/key-outcome-text.ts';
import type { ViewPayload } from '../payloads.ts';
import {
  EXPIRES_ON_HINT,
  EXPIRES_ON_LABEL,
  expiryDatePicker,
  expirySelect,
} from '../views/expiry-elements.ts';

export type KeyField = KeyFieldProblem['field'];
const FIELDS: readonly string[] = [
  'key_name',
  'key_choice',
  'key_expires',
  'key_expires_on',
  'key_overlap',
  'key_unused',
] satisfies (KeyField | 'key_unused')[];

export type KeyFormValues = { [Field in KeyField | 'key_unused']?: string | undefined };

/** The `callback_id` of each form. */
export const KEY_FORMS: Record<KeyFormPurpose, string> = {
  create: 'create_key_form',
  rotate: 'rotate_key_form',
  rename: 'rename_key_form',
  revoke: 'revoke_key_form',
};

const TITLES: Record<KeyFormPurpose, string> = {
  create: 'Create key',
  rotate: 'Rotate key',
  rename: 'Rename key',
  revoke: 'Revoke key',
};

/** By the form’s `callback_id`. */
export function keyFormTitle(callbackId: string): string {
  const purpose = (Object.keys(KEY_FORMS) as KeyFormPurpose[]).find((one) => KEY_FORMS[one] === callbackId);
  return TITLES[purpose ?? 'create'];
}

const SUBMIT: Record<KeyFormPurpose, string> = {
  create: 'Create',
  rotate: 'Rotate',
  rename: 'Rename',
  revoke: 'Revoke',
};

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
    case 'rotate':
      return rotateBlocks(form);
    case 'rename':
      return [
        section(`${key === undefined ? 'A key' : keyText(key)} of ${accountText(account)}`),
        nameField(values.key_name ?? key?.name ?? ''),
      ];
    case 'revoke':
      return [section(revokeText(form))];
  }
}

function rotateBlocks(form: KeyForm): KnownBlock[] {
  const { account, keys, key, values, nowMs } = form;
  const live = keys.filter((one) => isLive(one, nowMs));
  const choices = live.map(({ keyId, name }) => option(keyId, `${name} (${keyId})`));
  const chosen = choices.find(({ value }) => value === (values.key_choice ?? key?.keyId)) ?? choices[0];
  const overlaps = OVERLAP_HOURS.map((hours) => option(String(hours), hoursText(hours)));
  const overlap =
    overlaps.find(({ value }) => value === values.key_overlap) ??
    overlaps.find(({ value }) => value === String(DEFAULT_OVERLAP_HOURS));
  const unused = option(UNUSED, 'Revoke the old key when it’s no longer used');
  const select = {
    type: 'static_select' as const,
    options: choices,
    ...(chosen && { initial_option: chosen }),
  };
  return [
    section(`A new key of ${accountText(account)}, which replaces another one. Both work for a while.`),
    input('key_choice', 'Key to replace', select),
    ...expiryFields(form),
    input(
      'key_overlap',
      'The old key keeps working for',
      { type: 'static_select', options: overlaps, ...(overlap && { initial_option: overlap }) },
      'It never works beyond its own expiry.',
    ),
    {
      ...input(
        'key_unused',
        'End early',
        {
          type: 'checkboxes',
          options: [unused],
          ...(values.key_unused === UNUSED && { initial_options: [unused] }),
        },
        'Only once the new key has been used, and the old one hasn’t been for at least 24 hours and twice its longest pause of the last 90 days.',
      ),
      optional: true,
    },
  ];
}

/** The value of the checkbox. */
export const UNUSED = 'revoke_unused';

function hoursText(hours: number): string {
  if (hours === 1) return '1 hour';
  return hours === 24 ? '1 day' : `${hours / 24} days`;
}

function input(
  field: KeyField | 'key_unused',
  label: string,
  element: StaticSelect | Checkboxes,
  hint?: string,
): InputBlock {
  return {
    type: 'input',
    block_id: field,
    label: plainText(label),
    element: { ...element, action_id: field },
    ...(hint !== undefined && { hint: plainText(hint) }),
  };
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
    const { value, selected_option: chosen, selected_options: checked, selected_date: date } = element;
    values[blockId] = value?.trim() ?? chosen?.value ?? checked?.[0]?.value ?? date ?? undefined;
  }
  return values;
}
