import type {
  Checkboxes,
  Datepicker,
  ExternalSelect,
  InputBlock,
  KnownBlock,
  PlainTextInput,
  RadioButtons,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import type { AccountForm } from '../../../application/accounts/account-form.ts';
import { type AccountFormOffer, SEARCH_ONLY_OFFER } from '../../../application/accounts/open-account-form.ts';
import type { RequestForm } from '../../../application/requests/request-account.ts';
import { readKeyExpiry } from '../../../domain/accounts/key-expiry.ts';
import { escapeMarkup, option, plainText } from '../../messages/blocks.ts';
import { manualStepsText } from '../../messages/failures/backend-failure-text.ts';
import { apiKeysUnavailableText, FEDERATED_UNAVAILABLE } from '../../messages/failures/refusal-text.ts';
import type { ElementState, ViewPayload } from '../payloads.ts';

/** The fields of the form *New service account*. A field's block and its element share its name. */
const FIELDS = [
  'team',
  'scope',
  'name',
  'method',
  'expires',
  'expires_on',
  'issuer',
  'subject',
  'purpose',
  'used_by',
  'contact',
  // Of a request.
  'reason',
  'urgent',
] as const;
export type Field = (typeof FIELDS)[number];

/** The fields' values as text. An empty or hidden field is absent. */
export type FieldValues = { [Name in Field]?: string | undefined } & {
  /** The text that the form shows for the chosen issuer. */
  issuerLabel?: string | undefined;
};

export type ReadFields =
  | { ok: true; values: FieldValues; shown: ReadonlySet<Field> }
  | { ok: false; reason: 'state_missing' | 'field_unknown' };

/** Reads a view's state, which comes from outside. A field that the form doesn't have makes it invalid. */
export function readFields(view: ViewPayload): ReadFields {
  if (view.state === undefined) return { ok: false, reason: 'state_missing' };
  const values: FieldValues = {};
  const shown = new Set<Field>();
  for (const [blockId, elements] of Object.entries(view.state.values)) {
    const element = elements[blockId];
    if (!isField(blockId) || element === undefined || Object.keys(elements).length !== 1) {
      return { ok: false, reason: 'field_unknown' };
    }
    shown.add(blockId);
    const text = textOf(element);
    if (text !== undefined) values[blockId] = text;
    if (blockId === 'issuer') values.issuerLabel = element.selected_option?.text.text;
  }
  return { ok: true, values, shown };
}

/** Returns the offer of an open form whose teams can't be read now: it searches, and stays what it was. */
export function unreadOffer(shown: ReadonlySet<Field>): AccountFormOffer {
  return {
    ...SEARCH_ONLY_OFFER,
    asks: shown.has('reason') ? 'request' : 'create',
    policy: { ...SEARCH_ONLY_OFFER.policy, urgentRequests: shown.has('urgent') },
  };
}

/** Returns the form for the use case. */
function accountForm(values: FieldValues, slackUserId: string): AccountForm {
  return {
    teamName: values.team ?? '',
    scope: values.scope,
    name: values.name ?? '',
    method: values.method ?? '',
    expiry: readKeyExpiry(values.expires, values.expires_on),
    issuer: values.issuer,
    subject: values.subject,
    purpose: values.purpose || undefined,
    usedBy: values.used_by || undefined,
    contact: values.contact ?? slackUserId,
  };
}

/** Returns the form of a member's request for the use case. */
export function requestForm(values: FieldValues, slackUserId: string): RequestForm {
  return {
    ...accountForm(values, slackUserId),
    reason: values.reason,
    isUrgent: values.urgent === URGENT,
  };
}

/** The value of the option *Urgent*. */
export const URGENT = 'urgent';

function isField(blockId: string): blockId is Field {
  return (FIELDS as readonly string[]).includes(blockId);
}

/** Drops the spaces around typed text, which come from pasting. */
function textOf(element: ElementState): string | undefined {
  const { value, selected_option, selected_options, selected_user, selected_date } = element;
  const chosen = selected_option ?? selected_options?.[0];
  return value?.trim() ?? chosen?.value ?? selected_user ?? selected_date ?? undefined;
}

/** Returns the input block of one field. */
export function input(
  field: Field,
  label: string,
  element:
    | PlainTextInput
    | RadioButtons
    | StaticSelect
    | ExternalSelect
    | UsersSelect
    | Datepicker
    | Checkboxes,
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

/** `api_key_on_server`: Keysmith creates the account, and an admin creates its key in W&B. */
export type Method = 'api_key' | 'federated' | 'api_key_on_server';

interface OfferedMethods {
  methods: Method[];
  /** Why the other methods aren't available. Markup. */
  unavailable: string[];
}

const LABELS: Record<Method, string> = {
  api_key: 'Generate API key (Built-in)',
  federated: 'Federated identity (External)',
  api_key_on_server: 'API key created in W&B (Built-in)',
};

/**
 * Returns the methods that the server supports; the first is preselected. A missing issuer is explained below the method, once it is
 * chosen.
 */
export function offeredMethods({
  features,
  teamPage,
}: Pick<AccountFormOffer, 'features' | 'teamPage'>): OfferedMethods {
  if (features === undefined) return { methods: ['api_key', 'federated'], unavailable: [] };
  const { apiKeys, federated, accountsWithoutKey } = features;
  const isKeyOnServer = !apiKeys.available && apiKeys.reason === 'no_key_shown' && accountsWithoutKey;
  const withKey: Method[] = apiKeys.available ? ['api_key'] : isKeyOnServer ? ['api_key_on_server'] : [];
  const isFederatedOffered = federated.available || federated.reason === 'no_issuer';
  const external: Method[] = isFederatedOffered ? ['federated'] : [];
  const manually = manualStepsText(teamPage);
  return {
    methods: isKeyOnServer && federated.available ? [...external, ...withKey] : [...withKey, ...external],
    unavailable: [
      ...(apiKeys.available
        ? []
        : [`${apiKeysUnavailableText(apiKeys.reason)}${isKeyOnServer ? '' : manually}`]),
      ...(isFederatedOffered ? [] : [`${FEDERATED_UNAVAILABLE}${isKeyOnServer ? '' : manually}`]),
    ],
  };
}

/** Returns the chosen method if it is offered, else the first. */
export function shownMethod({ methods }: OfferedMethods, chosen: string | undefined): Method | undefined {
  return methods.find((method) => method === chosen) ?? methods[0];
}

export function methodField(offered: OfferedMethods, values: FieldValues): KnownBlock[] {
  const options = offered.methods.map((method) => option(method, LABELS[method]));
  const shown = shownMethod(offered, values.method);
  const initial = options.find(({ value }) => value === shown);
  const radio = {
    type: 'radio_buttons' as const,
    options,
    ...(initial && { initial_option: initial }),
  };
  return [
    // Makes Slack send a block_actions payload at once, so that the fields below can be swapped.
    { ...input('method', 'Authentication method', radio), dispatch_action: true },
    ...offered.unavailable.map((text) => ({
      type: 'context' as const,
      elements: [{ type: 'mrkdwn' as const, text }],
    })),
  ];
}

/** Only organization admins see it. A choice stays in the form where the person can't be looked up now. */
export function scopeField(offer: AccountFormOffer, values: FieldValues): KnownBlock[] {
  if (!offer.isOrganizationAdmin && values.scope === undefined) return [];
  if (offer.features !== undefined && !offer.features.organizationScope) {
    const text =
      'On a W&B server, Keysmith creates accounts of one team. Create an account for all teams in W&B.';
    return [{ type: 'context', elements: [{ type: 'mrkdwn', text: escapeMarkup(text) }] }];
  }
  const options = [option('team', 'This team'), option('organization', 'All teams of the organization')];
  const initial = options.find(({ value }) => value === values.scope) ?? options[0];
  const select: StaticSelect = {
    type: 'static_select',
    options,
    ...(initial && { initial_option: initial }),
  };
  const hint =
    'With all teams, the team above is the default, and only organization admins can manage the account.';
  return [input('scope', 'Scope', select, { hint })];
}
