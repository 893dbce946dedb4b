import type { Block, State } from '../protocol/page-protocol.ts';
import type { LoadedOptions } from './element-value.ts';
import { initialState, type Option, stateAfterUpdate } from './view-state.ts';

/** What one person's screen holds of the elements of a message or view. */
export interface FormInput {
  state: State;
  /** What the app has answered so far for `block_id/action_id` of external selects. */
  loadedOptions: Map<string, Option[]>;
}

export function initialFormInput(blocks: Block[]): FormInput {
  return { state: initialState(blocks), loadedOptions: new Map() };
}

export function loadedOptionsOf({ loadedOptions: answeredOptions }: FormInput): LoadedOptions {
  return (blockId, actionId) => answeredOptions.get(`${blockId}/${actionId}`) ?? [];
}

export function addLoadedOptions(
  { loadedOptions: answeredOptions }: FormInput,
  { block_id, action_id }: { block_id: string; action_id: string },
  options: Option[],
): void {
  const key = `${block_id}/${action_id}`;
  answeredOptions.set(key, [...(answeredOptions.get(key) ?? []), ...options]);
}

/** What people have entered in the elements of messages: each person sees only the own. */
export interface MessageInputs {
  of(message: { blocks: Block[] }, personId: string): FormInput;
}

export function createMessageInputs(): MessageInputs {
  const known = new WeakMap<object, Map<string, { blocks: Block[]; entered: FormInput }>>();
  return {
    of(message, personId) {
      const ofMessage = known.get(message) ?? new Map();
      known.set(message, ofMessage);
      const { blocks } = message;
      const before = ofMessage.get(personId);
      if (before?.blocks === blocks) return before.entered;
      const entered: FormInput = before?.entered ?? initialFormInput(blocks);
      entered.state = stateAfterUpdate(entered.state, blocks);
      ofMessage.set(personId, { blocks, entered });
      return entered;
    },
  };
}
