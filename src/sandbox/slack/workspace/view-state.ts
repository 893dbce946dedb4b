import type { Block, ElementState, State } from '../protocol/page-protocol.ts';
import { elementKind } from './form-elements.ts';

/** An element that holds a value, and where it stands. */
export interface StatefulElement {
  blockId: string;
  actionId: string;
  block: Block;
  element: Element;
}

export type Element = {
  type: string;
  action_id: string;
  [key: string]: unknown;
};

export interface Option {
  text: { type: string; text: string };
  value: string;
}

/** The key under which an element of that type has its value; undefined for those that hold none. */
export function valueKey(type: string): string | undefined {
  return elementKind(type)?.key;
}

export function allElements(blocks: Block[]): StatefulElement[] {
  return blocks.flatMap((block) => {
    const inside = [block.element, block.accessory, ...(block.type === 'actions' ? elementsOf(block) : [])];
    return inside
      .filter((element) => element !== undefined)
      .map((element) => ({
        blockId: block.block_id,
        actionId: (element as Element).action_id,
        block,
        element: element as Element,
      }));
  });
}

function elementsOf(block: Block): unknown[] {
  return Array.isArray(block.elements) ? block.elements : [];
}

export function statefulElements(blocks: Block[]): StatefulElement[] {
  return allElements(blocks).filter(({ element }) => elementKind(element.type));
}

export function initialState(blocks: Block[]): State {
  const state: State = {};
  for (const { blockId, actionId, element } of statefulElements(blocks)) {
    setElementState(state, blockId, actionId, initialElementState(element));
  }
  return state;
}

function initialElementState(element: Element): ElementState {
  const kind = elementKind(element.type);
  if (!kind) return { type: element.type };
  return { type: element.type, [kind.key]: structuredClone(element[kind.initial] ?? kind.empty) };
}

export function setElementState(state: State, blockId: string, actionId: string, value: ElementState): void {
  const block = state[blockId] ?? {};
  block[actionId] = value;
  state[blockId] = block;
}

/** Its options come from the app, for every query anew. */
export function isExternal({ type }: Element): boolean {
  return type === 'external_select' || type === 'multi_external_select';
}

/** What stood chosen when the element was shown; an external select offers it whatever the app answers. */
export function initialOptions({ initial_option, initial_options }: Element): Option[] {
  return [initial_option ?? [], initial_options ?? []].flat() as Option[];
}

/** An element's options, of its groups too; none for elements without a fixed list. */
export function offeredOptions(element: Element): Option[] {
  const groups = (element.option_groups ?? []) as { options: Option[] }[];
  return [...((element.options ?? []) as Option[]), ...groups.flatMap(({ options }) => options)];
}

/**
 * What the fields hold after an update: the same `block_id` and `action_id` keep what the person entered, whatever the
 * new initial value; new ones, and choices that are no longer offered, start anew.
 */
export function stateAfterUpdate(before: State, blocks: Block[]): State {
  const after = initialState(blocks);
  for (const { blockId, actionId, element } of statefulElements(blocks)) {
    const kept = before[blockId]?.[actionId];
    if (kept?.type === element.type && isStillOffered(kept, element)) {
      setElementState(after, blockId, actionId, kept);
    }
  }
  return after;
}

function isStillOffered(kept: ElementState, element: Element): boolean {
  if (isExternal(element)) return true;
  const chosen = [kept.selected_option, kept.selected_options].flat().filter(Boolean) as Option[];
  const offered = offeredOptions(element);
  return chosen.every(({ value }) => offered.some((option) => option.value === value));
}

/** What Slack's clients check before they send a view off: block ID → what they show at the field. */
export function fieldErrors(blocks: Block[], state: State): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { blockId, actionId, block, element } of statefulElements(blocks)) {
    if (block.type !== 'input') continue;
    const value = heldValue(state[blockId]?.[actionId]);
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    const error = isEmpty
      ? block.optional !== true && 'Please complete this required field.'
      : typedError(element, value);
    if (error) errors[blockId] = error;
  }
  return errors;
}

function heldValue(held: ElementState | undefined): unknown {
  const key = held && valueKey(held.type);
  return key === undefined ? null : (held?.[key] ?? null);
}

function typedError(element: Record<string, unknown>, value: unknown): string | undefined {
  const typed = String(value);
  switch (element.type) {
    case 'plain_text_input':
      return lengthError(element, typed);
    case 'email_text_input':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed) ? undefined : 'Please enter a valid email address.';
    case 'url_text_input':
      return URL.canParse(typed) ? undefined : 'Please enter a valid URL.';
    case 'number_input':
      return numberError(element, typed);
    default:
      return undefined;
  }
}

function lengthError({ min_length, max_length }: Record<string, unknown>, typed: string): string | undefined {
  if (typed.length < Number(min_length ?? 0)) return `Please enter at least ${min_length} characters.`;
  const maximum = Number(max_length ?? 3000);
  return typed.length > maximum ? `Please enter at most ${maximum} characters.` : undefined;
}

function numberError(element: Record<string, unknown>, typed: string): string | undefined {
  const pattern = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!pattern.test(typed)) return 'Please enter a valid number.';
  const { min_value = typed, max_value = typed } = element;
  if (Number(typed) < Number(min_value)) return `Please enter a number of at least ${min_value}.`;
  return Number(typed) > Number(max_value) ? `Please enter a number of at most ${max_value}.` : undefined;
}
