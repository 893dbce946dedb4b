import type { Block, ElementState, OptionsResponse } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import {
  allElements,
  elementKind,
  initialOptions,
  inputElements,
  isExternal,
  type Option,
  offeredOptions,
  type PlacedElement,
  valueKey,
} from '../../src/sandbox/slack/workspace/form-elements.ts';
import { type FormInput, loadedOptionsOf } from '../../src/sandbox/slack/workspace/form-state.ts';
import type { Workspace } from '../../src/sandbox/slack/workspace/workspace.ts';

/**
 * The value of a field in a test: text, the text or value of a choice, the name of a person or conversation, a date
 * (`2026-03-02`), a time (`09:30`), or both (`2026-03-02T09:30:00Z`, or Unix seconds); a list for multiple choices.
 */
export type FieldValue = string | string[] | null;

interface FillingParts {
  formInput: FormInput;
  workspace: Workspace;
  conversationId: (name: string) => string;
  askOptions: (target: PlacedElement, query: string) => Promise<OptionsResponse>;
}

/** Converts the value of a field to the state of its element. */
export async function elementStateFor(
  target: PlacedElement,
  value: FieldValue,
  parts: FillingParts,
): Promise<ElementState> {
  const { type } = target.element;
  const kind = elementKind(type);
  if (!kind) throw new Error(`A ${type} holds no value`);
  const state = (content: unknown): ElementState => ({ type, [kind.key]: content });
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

/** Returns the ID for a name if the element holds IDs; otherwise the text itself. */
function idOf(type: string, name: string, { workspace, conversationId }: FillingParts): string {
  if (/conversations_select|channels_select/.test(type)) return conversationId(name);
  if (!type.includes('users_select')) return name;
  const person = workspace.person(name);
  if (!person) throw new Error(`No such person: ${name}`);
  return person.id;
}

async function choose(target: PlacedElement, textOrValue: string, parts: FillingParts): Promise<Option> {
  const { blockId, actionId, element } = target;
  const known = [
    ...offeredOptions(element),
    ...initialOptions(element),
    ...loadedOptionsOf(parts.formInput)(blockId, actionId),
  ];
  const chosen = findOption(known, textOrValue);
  if (chosen) return chosen;
  const offered = isExternal(element) ? everyOption(await parts.askOptions(target, textOrValue)) : known;
  const option = findOption(offered, textOrValue);
  if (option) return option;
  const names = offered.map(({ text, value }) => `${text.text} (${value})`).join(', ') || 'nothing';
  throw new Error(`${blockId} doesn't offer ${textOrValue}. Options: ${names}`);
}

function everyOption({ options, groups = [] }: OptionsResponse): Option[] {
  return [...options, ...groups.flatMap((group) => group.options)];
}

function findOption(options: Option[], textOrValue: string): Option | undefined {
  return options.find(({ text, value }) => text.text === textOrValue || value === textOrValue);
}

/** Whether filling in an element sends an action: a text input may wait for Enter, all others don't. */
export function dispatchesAction(
  { element }: PlacedElement,
  { pressEnter }: { pressEnter: boolean },
): boolean {
  if (valueKey(element.type) !== 'value') return true;
  const { trigger_actions_on: triggers = ['on_enter_pressed'] } = (element.dispatch_action_config ?? {}) as {
    trigger_actions_on?: string[];
  };
  return triggers.includes('on_character_entered') || (pressEnter && triggers.includes('on_enter_pressed'));
}

/** Returns the values of the fields: text, the values of choices, IDs, or Unix seconds. */
export function fieldValues(blocks: Block[], { state }: FormInput): Record<string, FieldValue> {
  const elements = inputElements(blocks);
  const inBlock = (blockId: string) => elements.filter((other) => other.blockId === blockId).length;
  return Object.fromEntries(
    elements.map(({ blockId, actionId, element }) => [
      inBlock(blockId) === 1 ? blockId : `${blockId}/${actionId}`,
      plainValue(state[blockId]?.[actionId]?.[valueKey(element.type) ?? 'value']),
    ]),
  );
}

function plainValue(value: unknown): FieldValue {
  if (Array.isArray(value)) {
    return value.map((one: Option | string) => (typeof one === 'string' ? one : one.value));
  }
  if (typeof value === 'object' && value !== null) return (value as Option).value;
  return value === null || value === undefined ? null : String(value);
}

export interface ConfirmDialog {
  title: string;
  text: string;
  confirm: string;
  deny: string;
}

export interface ClickOptions {
  /** Selects the button, or the entry of an overflow menu, with this value. */
  value?: string;
  /** Selects the button in this block. */
  blockId?: string;
  /** Declines the confirmation dialog, so that nothing is sent. */
  deny?: boolean;
}

export interface ClickTarget extends PlacedElement {
  state: ElementState;
  confirm?: ConfirmDialog;
}

/** Finds a button or an entry of an overflow menu by its `action_id` or text. Throws unless exactly one matches. */
export function findClickTarget(blocks: Block[], button: string, options: ClickOptions): ClickTarget {
  const targets = allElements(blocks)
    .filter(({ blockId }) => options.blockId === undefined || blockId === options.blockId)
    .flatMap((target) => matchingTargets(target, button))
    .filter(({ element, state }) => {
      const option = state.selected_option as Option | undefined;
      const value = option?.value ?? element.value;
      return options.value === undefined || value === options.value;
    });
  const [target] = targets;
  if (target && targets.length === 1) return target;
  const buttons = allElements(blocks).flatMap(describeButtons).join(', ') || 'none';
  const problem = target ? 'More than one button is' : 'No button is';
  throw new Error(`${problem} called ${button}. Buttons: ${buttons}`);
}

function matchingTargets(target: PlacedElement, button: string): ClickTarget[] {
  const { element, actionId } = target;
  const confirm = element.confirm ? { confirm: confirmDialog(element.confirm) } : {};
  if (element.type === 'button') {
    const { text } = element.text as { text: string };
    return button === actionId || button === text
      ? [{ ...target, state: { type: 'button' }, ...confirm }]
      : [];
  }
  if (element.type !== 'overflow') return [];
  const option = offeredOptions(element).find(({ text, value }) => text.text === button || value === button);
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

function describeButtons({ actionId, element }: PlacedElement): string[] {
  if (element.type === 'overflow') return offeredOptions(element).map(({ text }) => text.text);
  return element.type === 'button' ? [`${(element.text as { text: string }).text} (${actionId})`] : [];
}

function confirmDialog(confirm: unknown): ConfirmDialog {
  const { title, text, confirm: yes, deny } = confirm as Record<keyof ConfirmDialog, { text: string }>;
  return { title: title.text, text: text.text, confirm: yes.text, deny: deny.text };
}
