import type { Block, ElementState, OptionsResponse } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import { elementKind } from '../../src/sandbox/slack/workspace/form-elements.ts';
import { type FormInput, loadedOptionsOf } from '../../src/sandbox/slack/workspace/form-input.ts';
import {
  allElements,
  initialOptions,
  isExternal,
  type Option,
  offeredOptions,
  type StatefulElement,
  statefulElements,
  valueKey,
} from '../../src/sandbox/slack/workspace/view-state.ts';
import type { Workspace } from '../../src/sandbox/slack/workspace/workspace.ts';

/**
 * What a test writes for a field: its text, the text or value of a choice, a person's or conversation's name, a date
 * (`2026-03-02`), a time (`09:30`), or both (`2026-03-02T09:30:00Z`, or seconds); a list where several can be chosen.
 */
export type FieldValue = string | string[] | null;

interface Filling {
  entered: FormInput;
  workspace: Workspace;
  conversationId: (name: string) => string;
  askOptions: (target: StatefulElement, query: string) => Promise<OptionsResponse>;
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
    ...loadedOptionsOf(parts.entered)(blockId, actionId),
  ];
  const chosen = find(known, wanted);
  if (chosen) return chosen;
  const offered = isExternal(element) ? everyOption(await parts.askOptions(target, wanted)) : known;
  const option = find(offered, wanted);
  if (option) return option;
  const names = offered.map(({ text, value }) => `${text.text} (${value})`).join(', ') || 'nothing';
  throw new Error(`${blockId} does not offer ${wanted}. It offers: ${names}`);
}

function everyOption({ options, groups = [] }: OptionsResponse): Option[] {
  return [...options, ...groups.flatMap((group) => group.options)];
}

function find(options: Option[], wanted: string): Option | undefined {
  return options.find(({ text, value }) => text.text === wanted || value === wanted);
}

/** Whether typing alone, or Enter after it, tells the app; elements that are no text do so at once. */
export function dispatchesAction(
  { element }: StatefulElement,
  { pressEnter }: { pressEnter: boolean },
): boolean {
  if (valueKey(element.type) !== 'value') return true;
  const { trigger_actions_on: triggers = ['on_enter_pressed'] } = (element.dispatch_action_config ?? {}) as {
    trigger_actions_on?: string[];
  };
  return triggers.includes('on_character_entered') || (pressEnter && triggers.includes('on_enter_pressed'));
}

/** What the fields hold: text, the value of the choice, an ID, or seconds. */
export function fieldValues(blocks: Block[], { state }: FormInput): Record<string, FieldValue> {
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

export interface ConfirmDialog {
  title: string;
  text: string;
  confirm: string;
  deny: string;
}

export interface ClickOptions {
  /** Which of several such buttons: the one with this value. */
  value?: string;
  /** Which of several such buttons: the one in this block. */
  blockId?: string;
  /** Answers the confirmation dialog with its `deny`: nothing is sent. */
  deny?: boolean;
}

export interface ClickTarget extends StatefulElement {
  state: ElementState;
  confirm?: ConfirmDialog;
}

/** The button, or the entry of an overflow menu, with that `action_id` or text. */
export function findClickTarget(blocks: Block[], wanted: string, options: ClickOptions): ClickTarget {
  const targets = allElements(blocks)
    .filter(({ blockId }) => options.blockId === undefined || blockId === options.blockId)
    .filter(({ element }) => options.value === undefined || element.value === options.value)
    .flatMap((target) => clickable(target, wanted));
  const [target] = targets;
  if (target && targets.length === 1) return target;
  const there = allElements(blocks).flatMap(describe).join(', ') || 'none';
  const problem = target ? 'More than one button is' : 'No button is';
  throw new Error(`${problem} called ${wanted}. There: ${there}`);
}

function clickable(target: StatefulElement, wanted: string): ClickTarget[] {
  const { element, actionId } = target;
  const confirm = element.confirm ? { confirm: confirmDialog(element.confirm) } : {};
  if (element.type === 'button') {
    const { text } = element.text as { text: string };
    return wanted === actionId || wanted === text
      ? [{ ...target, state: { type: 'button' }, ...confirm }]
      : [];
  }
  if (element.type !== 'overflow') return [];
  const option = offeredOptions(element).find(({ text, value }) => text.text === wanted || value === wanted);
  return option
    ? [
        {
          ...target,
          state: { type: 'overflow', selected_option: option },
          ...confirm,
        },
      ]
    : [];
}

function describe({ actionId, element }: StatefulElement): string[] {
  if (element.type === 'overflow') return offeredOptions(element).map(({ text }) => text.text);
  return element.type === 'button' ? [`${(element.text as { text: string }).text} (${actionId})`] : [];
}

function confirmDialog(confirm: unknown): ConfirmDialog {
  const { title, text, confirm: yes, deny } = confirm as Record<keyof ConfirmDialog, { text: string }>;
  return { title: title.text, text: text.text, confirm: yes.text, deny: deny.text };
}
