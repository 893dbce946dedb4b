import type { Block, ElementState, State } from '../../../slack/protocol/page-protocol.ts';
import { fieldErrors, setElementState, stateAfterUpdate } from '../../../slack/workspace/view-state.ts';

/** What the elements of one view or message hold, typed values included. */
export interface FormValues {
  /**
   * Takes up the blocks as the app now wants them. An element that was there before under the same block and action ID
   * keeps its value, as long as it still offers it; a new one begins with its initial value; the rest is forgotten.
   */
  adopt(blocks: Block[]): void;
  /** The same object until the element holds something else. */
  get(blockId: string, actionId: string): ElementState | undefined;
  set(blockId: string, actionId: string, state: ElementState): void;
  collect(): State;
  /** Calls back after every change; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

export function createFormValues(): FormValues {
  let values: State = {};
  const listeners = new Set<() => void>();
  const tellListeners = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    adopt: (blocks) => {
      values = stateAfterUpdate(values, blocks);
      tellListeners();
    },
    get: (blockId, actionId) => values[blockId]?.[actionId],
    set: (blockId, actionId, state) => {
      setElementState(values, blockId, actionId, state);
      tellListeners();
    },
    collect: () => structuredClone(values),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What Slack's client finds wrong before it sends a view off: block ID → what stands at the field. */
export function findProblems(blocks: Block[], values: FormValues): Record<string, string> {
  return fieldErrors(blocks, values.collect());
}
