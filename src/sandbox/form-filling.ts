import { answeredBy } from './block-actions.ts';
import type { OpenView } from './open-views.ts';
import type { ElementState, OptionsFound } from './page-protocol.ts';
import {
  type Element,
  type Option,
  offeredOptions,
  type StatefulElement,
  statefulElements,
  valueKey,
} from './view-state.ts';
import type { Workspace } from './workspace.ts';

/** What a test writes for a field: its text, the text or value of a choice, a person's or conversation's name. */
export type FieldValue = string | string[] | null;

/** Turns what a test writes into the state of the element, as a person's hands would. */
export async function elementStateFor(
  { blockId, actionId, element }: StatefulElement,
  value: FieldValue,
  parts: {
    open: OpenView;
    workspace: Workspace;
    conversationId: (name: string) => string;
    askOptions: (blockId: string, query: string) => Promise<OptionsFound>;
  },
): Promise<ElementState> {
  const { type } = element;
  const key = valueKey(type) ?? 'value';
  if (value === null) return { type, [key]: type === 'checkboxes' ? [] : null };
  switch (type) {
    case 'static_select':
    case 'radio_buttons':
      return { type, [key]: choose(blockId, offeredOptions(element), String(value)) };
    case 'checkboxes':
      return { type, [key]: [value].flat().map((one) => choose(blockId, offeredOptions(element), one)) };
    case 'external_select': {
      const known = [...initialOption(element), ...answeredBy(parts.open)(blockId, actionId)];
      const chosen = find(known, String(value));
      if (chosen) return { type, [key]: chosen };
      const { options } = await parts.askOptions(blockId, String(value));
      return { type, [key]: choose(blockId, options, String(value)) };
    }
    case 'users_select': {
      const person = parts.workspace.person(String(value));
      if (!person) throw new Error(`There is no person ${value}`);
      return { type, [key]: person.id };
    }
    case 'conversations_select':
      return { type, [key]: parts.conversationId(String(value)) };
    default:
      return { type, [key]: String(value) };
  }
}

function initialOption(element: Element): Option[] {
  return element.initial_option ? [element.initial_option as Option] : [];
}

function find(options: Option[], wanted: string): Option | undefined {
  return options.find(({ text, value }) => text.text === wanted || value === wanted);
}

function choose(blockId: string, options: Option[], wanted: string): Option {
  const option = find(options, wanted);
  if (option) return option;
  const offered = options.map(({ text, value }) => `${text.text} (${value})`).join(', ') || 'nothing';
  throw new Error(`${blockId} does not offer ${wanted}. It offers: ${offered}`);
}

/** What the fields of a view hold: text, the value of the choice, or an ID. */
export function fieldValues(open: OpenView): Record<string, FieldValue> {
  const elements = statefulElements(open.view.blocks);
  const inBlock = (blockId: string) => elements.filter((other) => other.blockId === blockId).length;
  return Object.fromEntries(
    elements.map(({ blockId, actionId, element }) => [
      inBlock(blockId) === 1 ? blockId : `${blockId}/${actionId}`,
      plainValue(open.state[blockId]?.[actionId]?.[valueKey(element.type) ?? 'value']),
    ]),
  );
}

function plainValue(held: unknown): FieldValue {
  if (Array.isArray(held)) return held.map((option: Option) => option.value);
  if (typeof held === 'object' && held !== null) return (held as Option).value;
  return typeof held === 'string' ? held : null;
}
