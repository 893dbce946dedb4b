import type { Block, ElementState, State } from '../../../slack/protocol/page-protocol.ts';
import { fieldErrors } from '../../../slack/workspace/field-errors.ts';
import { setElementState, stateAfterUpdate } from '../../../slack/workspace/form-state.ts';

/** The current values of the elements of one view or message. */
export interface FormValues {
  /**
   * Applies an update of the blocks. An element with a known block and action ID keeps its value if it still offers
   * it, a new element gets its initial value, and all other values are dropped.
   */
  adopt(blocks: Block[]): void;
  /** Returns the same object until the value changes, as `useSyncExternalStore` requires. */
  get(blockId: string, actionId: string): ElementState | undefined;
  set(blockId: string, actionId: string, state: ElementState): void;
  collect(): State;
  /** Calls `listener` after every change. Returns an unsubscribe function. */
  subscribe(listener: () => void): () => void;
}

export function createFormValues(): FormValues {
  let values: State = {};
  const listeners = new Set<() => void>();
  const notifyListeners = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    adopt: (blocks) => {
      values = stateAfterUpdate(values, blocks);
      notifyListeners();
    },
    get: (blockId, actionId) => values[blockId]?.[actionId],
    set: (blockId, actionId, state) => {
      setElementState(values, blockId, actionId, state);
      notifyListeners();
    },
    collect: () => structuredClone(values),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Returns the errors that Slack's client shows before it submits a view: block ID → text. */
export function findProblems(blocks: Block[], values: FormValues): Record<string, string> {
  return fieldErrors(blocks, values.collect());
}
