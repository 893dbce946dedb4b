import { elementKind } from './element-kinds.ts';
import { answeredIn, type Entered } from './entered.ts';
import type { Block, ElementState, OptionsFound } from './page-protocol.ts';
import {
  initialOptions,
  isExternal,
  type Option,
  offeredOptions,
  type StatefulElement,
  statefulElements,
  valueKey,
} from './view-state.ts';
import type { Workspace } from './workspace.ts';

/**
 * What a test writes for a field: its text, the text or value of a choice, a person's or conversation's name, a date
 * (`2026-03-02`), a time (`09:30`), or both (`2026-03-02T09:30:00Z`, or seconds); a list where several can be chosen.
 */
export type FieldValue = string | string[] | null;

interface Filling {
  entered: Entered;
  workspace: Workspace;
  conversationId: (name: string) => string;
  askOptions: (target: StatefulElement, query: string) => Promise<OptionsFound>;
}

/** Turns what a test writes into the state of the element, as a person's hands would. */
export async function elementStateFor(
  target: StatefulElement,
  value: FieldValue,
  parts: Filling,
): Promise<ElementState> {
  const { type } = target.element;
  const kind = elementKind(type);
  if (!kind) throw new Error(`A ${type} holds nothing`);
  const state = (held: unknown): ElementState => ({ type, [kind.key]: held });
  if (value === null) return state(kind.empty);
  const several = [value].flat();
  switch (kind.holds) {
    case 'option':
      return state(await choose(target, String(value), parts));
    case 'options':
      return state(await Promise.all(several.map((one) => choose(target, one, parts))));
    case 'ids':
      return state(several.map((one) => idOf(type, one, parts)));
    case 'number':
      return state(/^\d+$/.test(String(value)) ? Number(value) : Date.parse(String(value)) / 1000);
    case 'text':
      return state(idOf(type, String(value), parts));
  }
}

/** The ID behind a name, where the element holds an ID; else the text itself. */
function idOf(type: string, name: string, { workspace, conversationId }: Filling): string {
  if (/conversations_select|channels_select/.test(type)) return conversationId(name);
  if (!type.includes('users_select')) return name;
  const person = workspace.person(name);
  if (!person) throw new Error(`There is no person ${name}`);
  return person.id;
}

async function choose(target: StatefulElement, wanted: string, parts: Filling): Promise<Option> {
  const { blockId, actionId, element } = target;
  const known = [
    ...offeredOptions(element),
    ...initialOptions(element),
    ...answeredIn(parts.entered)(blockId, actionId),
  ];
  const chosen = find(known, wanted);
  if (chosen) return chosen;
  const offered = isExternal(element) ? everyOption(await parts.askOptions(target, wanted)) : known;
  const option = find(offered, wanted);
  if (option) return option;
  const names = offered.map(({ text, value }) => `${text.text} (${value})`).join(', ') || 'nothing';
  throw new Error(`${blockId} does not offer ${wanted}. It offers: ${names}`);
}

function everyOption({ options, groups = [] }: OptionsFound): Option[] {
  return [...options, ...groups.flatMap((group) => group.options)];
}

function find(options: Option[], wanted: string): Option | undefined {
  return options.find(({ text, value }) => text.text === wanted || value === wanted);
}

/** Whether typing alone, or Enter after it, tells the app; elements that are no text do so at once. */
export function tellsApp({ element }: StatefulElement, { pressEnter }: { pressEnter: boolean }): boolean {
  if (valueKey(element.type) !== 'value') return true;
  const { trigger_actions_on: triggers = ['on_enter_pressed'] } = (element.dispatch_action_config ?? {}) as {
    trigger_actions_on?: string[];
  };
  return triggers.includes('on_character_entered') || (pressEnter && triggers.includes('on_enter_pressed'));
}

/** What the fields hold: text, the value of the choice, an ID, or seconds. */
export function fieldValues(blocks: Block[], { state }: Entered): Record<string, FieldValue> {
  const elements = statefulElements(blocks);
  const inBlock = (blockId: string) => elements.filter((other) => other.blockId === blockId).length;
  return Object.fromEntries(
    elements.map(({ blockId, actionId, element }) => [
      inBlock(blockId) === 1 ? blockId : `${blockId}/${actionId}`,
      plainValue(state[blockId]?.[actionId]?.[valueKey(element.type) ?? 'value']),
    ]),
  );
}

function plainValue(held: unknown): FieldValue {
  if (Array.isArray(held))
    return held.map((one: Option | string) => (typeof one === 'string' ? one : one.value));
  if (typeof held === 'object' && held !== null) return (held as Option).value;
  return held === null || held === undefined ? null : String(held);
}
