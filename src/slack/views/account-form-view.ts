import type {
  ExternalSelect,
  InputBlock,
  KnownBlock,
  ModalView,
  PlainTextInput,
  RadioButtons,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import type { AccountFormOffer } from '../../application/open-account-form.ts';
import { DEFAULT_KEY_LIFETIME_DAYS, KEY_LIFETIMES_DAYS } from '../../domain/service-account.ts';
import { type Message, notice } from '../messages/message.ts';
import { option } from '../messages/option.ts';
import { plainText } from '../messages/text.ts';
import type { Field, FieldValues } from './account-form-fields.ts';

export const ACCOUNT_FORM_CALLBACK = 'new_service_account';

const METHODS = [
  { value: 'api_key', label: 'Generate API key (Built-in)' },
  { value: 'federated', label: 'Federated identity (External)' },
];

/** Slack refuses a longer initial value. */
const MAX_INPUT_LENGTH = 3000;

/** The form *New service account*, filled in with what is known. */
export function accountFormView(form: {
  offer: AccountFormOffer;
  values: FieldValues;
  formId: string;
  privateMetadata: string;
  /** Stands above the fields: what went wrong with what they hold, or with the try to submit them. */
  notice?: Message;
}): ModalView {
  const { offer, values } = form;
  const isFederated = values.method === 'federated';
  const blocks: KnownBlock[] = [
    ...(form.notice?.blocks ?? []),
    teamField(offer, values),
    input('name', 'Name', textInput(values.name, { placeholder: 'nightly-eval' }), {
      hint: 'Lower-case letters, digits and hyphens; say what it is for.',
    }),
    methodField(values),
    ...(isFederated ? identityFields(offer, values) : [expiresField(values)]),
    input('purpose', 'Purpose', textInput(values.purpose, { multiline: true }), { optional: true }),
    input('used_by', 'Used by', textInput(values.used_by, { placeholder: 'System or workflow' }), {
      optional: true,
    }),
    input('contact', 'Contact', contactSelect(values.contact)),
  ];
  return {
    type: 'modal',
    callback_id: ACCOUNT_FORM_CALLBACK,
    external_id: form.formId,
    private_metadata: form.privateMetadata,
    title: plainText('New service account'),
    submit: plainText('Create'),
    close: plainText('Cancel'),
    blocks,
  };
}

/** What stands in place of the form until it can be shown, or while slow work goes on: nothing to submit. */
export function workingView(view: { formId: string; privateMetadata: string; text: string }): ModalView {
  return {
    type: 'modal',
    callback_id: ACCOUNT_FORM_CALLBACK,
    external_id: view.formId,
    private_metadata: view.privateMetadata,
    title: plainText('New service account'),
    close: plainText('Close'),
    blocks: [section(`:hourglass_flowing_sand: ${view.text}`)],
  };
}

/** The form's place after its end: words, and nothing to submit. */
export function wordsView(markup: string, reference?: string): ModalView {
  return {
    type: 'modal',
    title: plainText('New service account'),
    close: plainText('Close'),
    blocks: notice(markup, reference).blocks,
  };
}

function teamField(offer: AccountFormOffer, values: FieldValues): InputBlock {
  const selected = values.team ?? offer.presetTeam;
  const { teams } = offer;
  if (teams === undefined) return input('team', 'Team', search('Search your teams', selected));
  const select: StaticSelect = {
    type: 'static_select',
    options: teams.map((team) => option(team)),
    ...(selected !== undefined && teams.includes(selected) ? { initial_option: option(selected) } : {}),
  };
  return input('team', 'Team', select);
}

/** What is chosen stays shown, also where it can't be looked up now. */
function search(placeholder: string, selected: string | undefined): ExternalSelect {
  return {
    type: 'external_select',
    min_query_length: 0,
    placeholder: plainText(placeholder),
    ...(selected ? { initial_option: option(selected) } : {}),
  };
}

function methodField(values: FieldValues): InputBlock {
  const options = METHODS.map(({ value, label }) => option(value, label));
  const [builtIn, federated] = options;
  const initial = values.method === 'federated' ? federated : builtIn;
  const radio: RadioButtons = {
    type: 'radio_buttons',
    options,
    ...(initial && { initial_option: initial }),
  };
  // Slack says at once which method was chosen, so that the fields below can be swapped.
  return {
    ...input('method', 'Authentication method', radio),
    dispatch_action: true,
  };
}

function expiresField(values: FieldValues): InputBlock {
  const options = KEY_LIFETIMES_DAYS.map((days) => option(String(days), `${days} days`));
  const chosen =
    options.find(({ value }) => value === values.expires) ??
    options.find(({ value }) => value === String(DEFAULT_KEY_LIFETIME_DAYS));
  const select: StaticSelect = {
    type: 'static_select',
    options,
    ...(chosen && { initial_option: chosen }),
  };
  return input('expires', 'Expires', select);
}

function identityFields({ issuers }: AccountFormOffer, values: FieldValues): KnownBlock[] {
  if (issuers?.length === 0) {
    return [
      section(
        ':warning: No issuer of JWTs is registered for this organization yet. An organization admin adds it to the teams file; until then only API keys can be made.',
      ),
    ];
  }
  return [
    input('issuer', 'Issuer', issuerSelect(issuers, values.issuer)),
    input(
      'subject',
      'Subject',
      textInput(values.subject, {
        placeholder: 'repo:acme/train:ref:refs/heads/main',
      }),
      {
        hint: 'The sub of the workload’s JWT, letter for letter.',
      },
    ),
  ];
}

function issuerSelect(
  issuers: string[] | undefined,
  selected: string | undefined,
): StaticSelect | ExternalSelect {
  if (issuers === undefined) return search('Search the issuers', selected);
  const options = issuers.map((issuer) => option(issuer));
  const chosen = options.find(({ value }) => value === selected) ?? options[0];
  return { type: 'static_select', options, ...(chosen && { initial_option: chosen }) };
}

function contactSelect(slackUserId: string | undefined): UsersSelect {
  return {
    type: 'users_select',
    ...(slackUserId === undefined ? {} : { initial_user: slackUserId }),
  };
}

function textInput(
  value: string | undefined,
  options: { placeholder?: string; multiline?: boolean },
): PlainTextInput {
  const { placeholder, multiline } = options;
  return {
    type: 'plain_text_input',
    ...(multiline === undefined ? {} : { multiline }),
    ...(value ? { initial_value: value.slice(0, MAX_INPUT_LENGTH) } : {}),
    ...(placeholder === undefined ? {} : { placeholder: plainText(placeholder) }),
  };
}

function input(
  field: Field,
  label: string,
  element: PlainTextInput | RadioButtons | StaticSelect | ExternalSelect | UsersSelect,
  options: { optional?: boolean; hint?: string } = {},
): InputBlock {
  return {
    type: 'input',
    block_id: field,
    label: plainText(label),
    element: { ...element, action_id: field },
    ...(options.optional === undefined ? {} : { optional: options.optional }),
    ...(options.hint === undefined ? {} : { hint: plainText(options.hint) }),
  };
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
