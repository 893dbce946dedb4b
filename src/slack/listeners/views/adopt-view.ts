import type { InputBlock, ModalView, PlainTextInput, StaticSelect, UsersSelect } from '@slack/types';
import type { AdoptAccountForm } from '../../../application/outside-changes/adopt-account.ts';
import { ACCOUNT_NAME_LENGTH, FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import { DEFAULT_REVIEW_DAYS, REVIEW_DAYS } from '../../../domain/accounts/outside-change.ts';
import { code, notice, option, plainText, shortened } from '../../messages/blocks.ts';
import type { ElementState, ViewPayload } from '../payloads.ts';

export const ADOPT_FORM_CALLBACK = 'adopt_service_account';
export const ADOPT_TITLE = 'Adopt service account';

const FIELDS = ['name', 'purpose', 'used_by', 'contact', 'review'] as const;
type AdoptField = (typeof FIELDS)[number];

/** Returns the form *Adopt service account*. `metadata`: the account, as its button names it. */
export function adoptView(form: {
  formId: string;
  metadata: string;
  teamName: string;
  /** On the server. */
  name: string;
  proposedName: string | undefined;
  slackUserId: string;
}): ModalView {
  const reviews = REVIEW_DAYS.map((days) => option(String(days), `In ${days} days`));
  const chosen = reviews.find(({ value }) => value === String(DEFAULT_REVIEW_DAYS));
  const about = `Keysmith will manage ${code(shortened(form.name, 100))} in ${code(form.teamName)}. Its name and credentials in W&B don’t change.`;
  return {
    ...frame(form.formId, form.metadata),
    submit: plainText('Adopt'),
    close: plainText('Cancel'),
    blocks: [
      ...notice(about).blocks,
      input('name', 'Name in Keysmith', nameInput(form.proposedName ?? form.name), {
        hint: 'Lowercase letters, digits and hyphens. Say what the account is for.',
      }),
      input('purpose', 'Purpose', textInput(FREE_TEXT_LENGTH.purpose, { multiline: true }), {
        optional: true,
      }),
      input(
        'used_by',
        'Used by',
        textInput(FREE_TEXT_LENGTH.usedBy, { placeholder: plainText('System or workflow') }),
        { optional: true },
      ),
      input('contact', 'Contact', { type: 'users_select', initial_user: form.slackUserId }),
      input(
        'review',
        'Review',
        { type: 'static_select', options: reviews, ...(chosen && { initial_option: chosen }) },
        { hint: 'The contact and the team’s admins get a message on that day.' },
      ),
    ],
  };
}

/** Returns the view during slow work, and at the end. It can't be submitted. */
export function adoptTextView(
  markup: string,
  view: { formId: string; metadata: string; reference?: string },
): ModalView {
  return {
    ...frame(view.formId, view.metadata),
    close: plainText('Close'),
    blocks: notice(markup, view.reference).blocks,
  };
}

function frame(formId: string, metadata: string) {
  return {
    type: 'modal' as const,
    callback_id: ADOPT_FORM_CALLBACK,
    external_id: formId,
    private_metadata: metadata,
    title: plainText(ADOPT_TITLE),
  };
}

function input(
  field: AdoptField,
  label: string,
  element: PlainTextInput | StaticSelect | UsersSelect,
  { optional, hint }: { optional?: true; hint?: string } = {},
): InputBlock {
  return {
    type: 'input',
    block_id: field,
    label: plainText(label),
    element: { ...element, action_id: field },
    ...(optional && { optional }),
    ...(hint !== undefined && { hint: plainText(hint) }),
  };
}

/** A name from W&B may be shorter or longer than Slack lets an initial value be. */
function nameInput(name: string): PlainTextInput {
  const { max } = ACCOUNT_NAME_LENGTH;
  return textInput(max, { initial_value: name.slice(0, max).toWellFormed() });
}

function textInput(max: number, options: Partial<PlainTextInput> = {}): PlainTextInput {
  return { type: 'plain_text_input', max_length: max, ...options };
}

/** Reads a submitted form. Undefined if it has other fields than Keysmith's. */
export function readAdoptView(
  { state }: ViewPayload,
  slackUserId: string,
): Pick<AdoptAccountForm, 'fields' | 'reviewDays'> | undefined {
  if (state === undefined) return undefined;
  const values = new Map<string, string | undefined>();
  for (const [blockId, elements] of Object.entries(state.values)) {
    const element = elements[blockId];
    if (!(FIELDS as readonly string[]).includes(blockId) || element === undefined) return undefined;
    values.set(blockId, textOf(element));
  }
  const reviewDays = Number(values.get('review'));
  if (!REVIEW_DAYS.some((days) => days === reviewDays)) return undefined;
  return {
    fields: {
      name: values.get('name') ?? '',
      purpose: values.get('purpose') || undefined,
      usedBy: values.get('used_by') || undefined,
      contact: values.get('contact') ?? slackUserId,
    },
    reviewDays,
  };
}

/** Drops the spaces around typed text, which come from pasting. */
function textOf({ value, selected_option: chosen, selected_user: user }: ElementState): string | undefined {
  return value?.trim() ?? chosen?.value ?? user ?? undefined;
}
