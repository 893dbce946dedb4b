import type {
  ExternalSelect,
  InputBlock,
  KnownBlock,
  ModalView,
  PlainTextInput,
  PlainTextOption,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import type { AccountFormOffer } from '../../../application/accounts/open-account-form.ts';
import {
  expiryRulesOf,
  type KeyExpiryRules,
  OTHER_EXPIRY_CHOICES,
} from '../../../domain/accounts/key-expiry.ts';
import { ACCOUNT_NAME_LENGTH, FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import type { RequirableField } from '../../../domain/organization/policy.ts';
import { runsNotLoggedText } from '../../messages/accounts/run-access-text.ts';
import { issuerOptions, type Message, notice, option, plainText } from '../../messages/blocks.ts';
import { keyOnServerText, noIssuerText } from '../../messages/failures/refusal-text.ts';
import {
  type FieldValues,
  input,
  type Method,
  methodField,
  offeredMethods,
  scopeField,
  shownMethod,
  URGENT,
} from './account-form-fields.ts';
import { EXPIRES_ON_HINT, EXPIRES_ON_LABEL, expiryDatePicker, expirySelect } from './expiry-elements.ts';

export const ACCOUNT_FORM_CALLBACK = 'new_service_account';
/** Also of what replaces the form. */
export const ACCOUNT_FORM_TITLE = 'New service account';

/** Returns the form *New service account*, filled in with the given values. */
export function accountFormView(form: {
  offer: AccountFormOffer;
  values: FieldValues;
  formId: string;
  privateMetadata: string;
  /** Shown above the fields: why the last submission failed, for example. */
  notice?: Message;
  /** Set when the form opens. Later, the person may be in another field. */
  focusesName?: true;
}): ModalView {
  const { offer, values } = form;
  const offered = offeredMethods(offer);
  const method = shownMethod(offered, values.method);
  if (method === undefined) return textView(offered.unavailable.join('\n\n'));
  const isRequest = offer.asks === 'request';
  const blocks: KnownBlock[] = [
    ...(form.notice?.blocks ?? []),
    ...teamField(offer, values),
    ...scopeField(offer, values),
    nameField(offer, values, { isFocused: form.focusesName === true }),
    ...methodField(offered, values),
    ...credentialFields(method, offer, values),
    input(
      'purpose',
      'Purpose',
      textInput(values.purpose, { multiline: true, max: FREE_TEXT_LENGTH.purpose }),
      { optional: !isRequired(offer, 'purpose') },
    ),
    input(
      'used_by',
      'Used by',
      textInput(values.used_by, { placeholder: 'System or workflow', max: FREE_TEXT_LENGTH.usedBy }),
      { optional: !isRequired(offer, 'used_by') },
    ),
    input('contact', 'Contact', contactSelect(values.contact)),
    ...(isRequest ? requestFields(offer, values) : []),
  ];
  return {
    type: 'modal',
    callback_id: ACCOUNT_FORM_CALLBACK,
    external_id: form.formId,
    private_metadata: form.privateMetadata,
    title: plainText(ACCOUNT_FORM_TITLE),
    submit: plainText(isRequest ? 'Request' : 'Create'),
    close: plainText('Cancel'),
    blocks,
  };
}

/** The fields of a member's request. */
function requestFields({ policy }: AccountFormOffer, values: FieldValues): KnownBlock[] {
  const reason = textInput(values.reason, { multiline: true, max: FREE_TEXT_LENGTH.reason });
  const urgent = {
    ...option(URGENT, 'Urgent'),
    description: plainText('Create it now. It ends after 4 hours, unless an approver confirms it.'),
  };
  const box = {
    type: 'checkboxes' as const,
    options: [urgent],
    ...(values.urgent === URGENT && { initial_options: [urgent] }),
  };
  return [
    input('reason', 'Reason', reason, { hint: 'The approvers read it.' }),
    ...(policy.urgentRequests ? [input('urgent', 'Urgency', box, { optional: true })] : []),
  ];
}

function isRequired({ policy }: AccountFormOffer, field: RequirableField): boolean {
  return policy.requiredFields.includes(field);
}

/** True while the backend's features aren't known yet. */
function keysExpire({ features }: AccountFormOffer): boolean {
  return features?.keysExpire ?? true;
}

/** Returns the view that takes the form's place during slow work. It can't be submitted. */
export function workingView(view: { formId: string; privateMetadata: string; text: string }): ModalView {
  return {
    type: 'modal',
    callback_id: ACCOUNT_FORM_CALLBACK,
    external_id: view.formId,
    private_metadata: view.privateMetadata,
    title: plainText(ACCOUNT_FORM_TITLE),
    close: plainText('Close'),
    blocks: [section(`:hourglass_flowing_sand: ${view.text}`)],
  };
}

/** Returns the view that replaces the form at its end: text, and nothing to submit. */
export function textView(markup: string, reference?: string, title = ACCOUNT_FORM_TITLE): ModalView {
  return messageView(notice(markup, reference), title);
}

export function messageView(message: Message, title = ACCOUNT_FORM_TITLE): ModalView {
  return {
    type: 'modal',
    title: plainText(title),
    close: plainText('Close'),
    blocks: message.blocks,
  };
}

/** Where teams differ, Slack reports a chosen team at once: the form shows its policy, and whether its runs can be logged. */
function teamField(offer: AccountFormOffer, values: FieldValues): KnownBlock[] {
  const field = teamSelect(offer, values);
  if (offer.runAccess === undefined)
    return [{ ...field, ...((offer.hasTeamPolicies || offer.mayRequest) && { dispatch_action: true }) }];
  const team = values.team ?? offer.presetTeam ?? '';
  const text = runsNotLoggedText(offer.runAccess.of, team);
  return [{ ...field, dispatch_action: true }, ...(text === undefined ? [] : [contextNote(text)])];
}

function teamSelect(offer: AccountFormOffer, values: FieldValues): InputBlock {
  const selected = values.team ?? offer.presetTeam;
  const { teams } = offer;
  if (teams === undefined) {
    const hint = offer.hasUnlistedTeams ? 'Not listed? Type the team’s full name.' : NO_RESULTS;
    const chosen = selected ? option(selected) : undefined;
    return searchField('team', 'Team', { placeholder: 'Search your teams', chosen, hint });
  }
  const select: StaticSelect = {
    type: 'static_select',
    options: teams.map((team) => option(team)),
    ...(selected !== undefined && teams.includes(selected) ? { initial_option: option(selected) } : {}),
  };
  return input('team', 'Team', select);
}

function nameField(
  { policy: { accountNames: names } }: AccountFormOffer,
  values: FieldValues,
  { isFocused }: { isFocused: boolean },
): InputBlock {
  const placeholder = names?.example ?? 'nightly-eval';
  const element = textInput(values.name, { placeholder, ...ACCOUNT_NAME_LENGTH });
  const pattern = names === undefined ? '' : ` Names of this team match ${names.pattern}.`;
  return input(
    'name',
    'Name',
    { ...element, ...(isFocused && { focus_on_load: true }) },
    { hint: `Lowercase letters, digits and hyphens. Say what the account is for.${pattern}` },
  );
}

/** Slack shows an empty menu, without a message, when options arrive too late. */
const NO_RESULTS = 'No results? Wait a moment and type again.';

/** Keeps showing the chosen value, even while options can't be looked up. */
function searchField(
  field: 'team' | 'issuer',
  label: string,
  { placeholder, chosen, hint }: { placeholder: string; chosen: PlainTextOption | undefined; hint: string },
): InputBlock {
  const select: ExternalSelect = {
    type: 'external_select',
    min_query_length: 0,
    placeholder: plainText(placeholder),
    ...(chosen && { initial_option: chosen }),
  };
  return input(field, label, select, { hint });
}

function credentialFields(method: Method, offer: AccountFormOffer, values: FieldValues): KnownBlock[] {
  if (method === 'federated') return identityFields(offer, values);
  if (method === 'api_key_on_server') return [contextNote(keyOnServerText(offer.teamPage))];
  return keysExpire(offer) ? expiryFields(expiryRulesOf(offer.policy), values) : [];
}

function expiryFields(rules: KeyExpiryRules, values: FieldValues): KnownBlock[] {
  const { expires, expires_on: date } = values;
  return [
    // Makes Slack report the choice at once, so that the date is shown.
    { ...input('expires', 'Expires', expirySelect(rules, expires)), dispatch_action: true },
    ...(expires === OTHER_EXPIRY_CHOICES.onDate
      ? [input('expires_on', EXPIRES_ON_LABEL, expiryDatePicker(date), { hint: EXPIRES_ON_HINT })]
      : []),
  ];
}

function identityFields({ issuers, administeredIn }: AccountFormOffer, values: FieldValues): KnownBlock[] {
  if (issuers?.length === 0) return [section(noIssuerText(administeredIn))];
  return [
    issuerField(issuers, values),
    input(
      'subject',
      'Subject',
      textInput(values.subject, {
        placeholder:
          'repo:acme/train:ref:refs/heads/main or repo:acme@1234567/train@7654321:ref:refs/heads/main',
        max: FREE_TEXT_LENGTH.subject,
      }),
      {
        hint: 'The JWT’s sub claim, exactly. Wildcards don’t work. GitHub includes IDs for repositories created, renamed or transferred after July 15, 2026.',
      },
    ),
  ];
}

/** Preselects the only issuer. Among several, people might register a preselected one without noticing. */
function issuerField(issuers: string[] | undefined, { issuer, issuerLabel }: FieldValues): InputBlock {
  if (issuers === undefined) {
    const chosen = issuer ? option(issuer, issuerLabel) : undefined;
    return searchField('issuer', 'Issuer', { placeholder: 'Search issuers', chosen, hint: NO_RESULTS });
  }
  const options = issuerOptions(issuers);
  const only = options.length === 1 ? options[0] : undefined;
  const chosen = options.find(({ value }) => value === issuer) ?? only;
  const select: StaticSelect = {
    type: 'static_select',
    placeholder: plainText('Choose an issuer'),
    options,
    ...(chosen && { initial_option: chosen }),
  };
  return input('issuer', 'Issuer', select);
}

function contactSelect(slackUserId: string | undefined): UsersSelect {
  return {
    type: 'users_select',
    ...(slackUserId === undefined ? {} : { initial_user: slackUserId }),
  };
}

/** Slack enforces the limits while people type, and rejects a longer initial value. */
function textInput(
  value: string | undefined,
  options: { placeholder?: string; multiline?: boolean; min?: number; max: number },
): PlainTextInput {
  const { placeholder, multiline, min = 0, max } = options;
  // Slack doesn't document whether it accepts a shorter initial value, such as a name in a command.
  const hasMinimum = min > 0 && (!value || value.length >= min);
  return {
    type: 'plain_text_input',
    ...(multiline === undefined ? {} : { multiline }),
    ...(hasMinimum ? { min_length: min } : {}),
    max_length: max,
    ...(value ? { initial_value: value.slice(0, max).toWellFormed() } : {}),
    ...(placeholder === undefined ? {} : { placeholder: plainText(placeholder) }),
  };
}

function contextNote(markup: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: markup }] };
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
