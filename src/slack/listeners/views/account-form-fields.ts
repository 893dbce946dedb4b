import type {
  ExternalSelect,
  InputBlock,
  KnownBlock,
  PlainTextInput,
  RadioButtons,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import type { AccountForm } from '../../../application/accounts/account-form.ts';
import type { AccountFormOffer } from '../../../application/accounts/open-account-form.ts';
import type { BackendFeatures } from '../../../application/ports/backend.ts';
import { manualStepsText } from '../../messages/backend-failure-text.ts';
import { option, plainText } from '../../messages/blocks.ts';
import { apiKeysUnavailableText, FEDERATED_UNAVAILABLE } from '../../messages/refusal-text.ts';
import type { ElementState, ViewPayload } from '../payloads.ts';

/** The fields of *New service account*. A block and its element share the field's name. */
const FIELDS = [
  'team',
  'name',
  'method',
  'expires',
  'issuer',
  'subject',
  'purpose',
  'used_by',
  'contact',
] as const;
export type Field = (typeof FIELDS)[number];

/** What stands in the fields, as text; absent where nothing does or the field is not shown. */
export type FieldValues = { [Name in Field]?: string | undefined };

export type ReadFields =
  | { ok: true; values: FieldValues; shown: ReadonlySet<Field> }
  | { ok: false; reason: 'state_missing' | 'field_unknown' };

/** Reads a view's state, which comes from outside: a field that the form does not have makes it another view's. */
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
  }
  return { ok: true, values, shown };
}

/** The form as the use case takes it. Space around typed text is dropped: it comes from pasting and is never meant. */
export function accountForm(values: FieldValues, slackUserId: string): AccountForm {
  return {
    teamName: values.team ?? '',
    name: values.name ?? '',
    method: values.method ?? '',
    lifetimeDays: values.expires === undefined ? undefined : Number(values.expires),
    issuer: values.issuer,
    subject: values.subject,
    purpose: values.purpose || undefined,
    usedBy: values.used_by || undefined,
    contact: values.contact ?? slackUserId,
  };
}

function isField(blockId: string): blockId is Field {
  return (FIELDS as readonly string[]).includes(blockId);
}

function textOf(element: ElementState): string | undefined {
  return element.value?.trim() ?? element.selected_option?.value ?? element.selected_user ?? undefined;
}

/** One field of the form: its block and its element go by the field's name. */
export function input(
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

export type Method = 'api_key' | 'federated';

/** What the form lets somebody choose from, and in words what not. */
interface OfferedMethods {
  methods: Method[];
  /** Why the others are missing. Markup. */
  missing: string[];
}

const LABELS: Record<Method, string> = {
  api_key: 'Generate API key (Built-in)',
  federated: 'Federated identity (External)',
};

/** A method is offered unless the server can't do it; the lack of an issuer is told below the method, once it is chosen. */
export function offeredMethods({
  features,
  teamPage,
}: Pick<AccountFormOffer, 'features' | 'teamPage'>): OfferedMethods {
  const keysMissing = features && !features.apiKeys.available ? features.apiKeys.reason : undefined;
  const isFederatedMissing = features !== undefined && !isFederatedOffered(features);
  return {
    methods: [
      ...(keysMissing === undefined ? ['api_key' as const] : []),
      ...(isFederatedMissing ? [] : ['federated' as const]),
    ],
    missing: [
      ...(keysMissing === undefined
        ? []
        : [`${apiKeysUnavailableText(keysMissing)}${manualStepsText(teamPage)}`]),
      ...(isFederatedMissing ? [`${FEDERATED_UNAVAILABLE}${manualStepsText(teamPage)}`] : []),
    ],
  };
}

function isFederatedOffered({ federated }: BackendFeatures): boolean {
  return federated.available || federated.reason === 'no_issuer';
}

/** The method that the form shows: the one chosen where it is offered, else the first. */
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
    // Slack says at once which method was chosen, so that the fields below can be swapped.
    { ...input('method', 'Authentication method', radio), dispatch_action: true },
    ...offered.missing.map((text) => ({
      type: 'context' as const,
      elements: [{ type: 'mrkdwn' as const, text }],
    })),
  ];
}
