import type { AccountForm } from '../../application/account-form.ts';
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
