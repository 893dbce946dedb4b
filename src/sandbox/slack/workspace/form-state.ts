import type { Block, ElementState, State } from '../protocol/page-protocol.ts';
import {
  type Element,
  elementKind,
  inputElements,
  isExternal,
  type Option,
  offeredOptions,
} from './form-elements.ts';

export function setElementState(state: State, blockId: string, actionId: string, value: ElementState): void {
  const block = state[blockId] ?? {};
  block[actionId] = value;
  state[blockId] = block;
}

function initialState(blocks: Block[]): State {
  const state: State = {};
  for (const { blockId, actionId, element } of inputElements(blocks)) {
    setElementState(state, blockId, actionId, initialElementState(element));
  }
  return state;
}

function initialElementState(element: Element): ElementState {
  const kind = elementKind(element.type);
  if (!kind) return { type: element.type };
  return { type: element.type, [kind.key]: structuredClone(element[kind.initial] ?? kind.empty) };
}

/**
 * Returns the state after the app updated the blocks. An element with the same `block_id` and `action_id` keeps its
 * value, whatever its new initial value, unless that choice is no longer offered.
 */
export function stateAfterUpdate(before: State, blocks: Block[]): State {
  const after = initialState(blocks);
  for (const { blockId, actionId, element } of inputElements(blocks)) {
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

/** What one person has entered in the elements of a message or view. */
export interface FormInput {
  state: State;
  /** The options that the app has sent so far, by `block_id/action_id` of the external select. */
  loadedOptions: Map<string, Option[]>;
}

export function initialFormInput(blocks: Block[]): FormInput {
  return { state: initialState(blocks), loadedOptions: new Map() };
}

/** Returns the options that the app has sent for an external select. */
export type LoadedOptions = (blockId: string, actionId: string) => Option[];

export function loadedOptionsOf({ loadedOptions }: FormInput): LoadedOptions {
  return (blockId, actionId) => loadedOptions.get(`${blockId}/${actionId}`) ?? [];
}

export function addLoadedOptions(
  { loadedOptions }: FormInput,
  { block_id, action_id }: { block_id: string; action_id: string },
  options: Option[],
): void {
  const key = `${block_id}/${action_id}`;
  loadedOptions.set(key, [...(loadedOptions.get(key) ?? []), ...options]);
}

/** What people have entered in the elements of messages, for each person separately. */
export interface MessageInputs {
  of(message: { blocks: Block[] }, personId: string): FormInput;
}

export function createMessageInputs(): MessageInputs {
  const inputs = new WeakMap<object, Map<string, { blocks: Block[]; formInput: FormInput }>>();
  return {
    of(message, personId) {
      const ofMessage = inputs.get(message) ?? new Map();
      inputs.set(message, ofMessage);
      const { blocks } = message;
      const before = ofMessage.get(personId);
      if (before?.blocks === blocks) return before.formInput;
      const formInput: FormInput = before?.formInput ?? initialFormInput(blocks);
      formInput.state = stateAfterUpdate(formInput.state, blocks);
      ofMessage.set(personId, { blocks, formInput });
      return formInput;
    },
  };
}
