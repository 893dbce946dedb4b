import type { Block, State } from '../protocol/page-protocol.ts';
import type { AnsweredOptions } from './element-value.ts';
import { initialState, type Option, stateAfterUpdate } from './view-state.ts';

/** What one person's screen holds of the elements of a message or view. */
export interface Entered {
  state: State;
  /** What the app has answered so far for `block_id/action_id` of external selects. */
  answeredOptions: Map<string, Option[]>;
}

export function nothingEntered(blocks: Block[]): Entered {
  return { state: initialState(blocks), answeredOptions: new Map() };
}

export function answeredIn({ answeredOptions }: Entered): AnsweredOptions {
  return (blockId, actionId) => answeredOptions.get(`${blockId}/${actionId}`) ?? [];
}

export function rememberAnswered(
  { answeredOptions }: Entered,
  { block_id, action_id }: { block_id: string; action_id: string },
  options: Option[],
): void {
  const key = `${block_id}/${action_id}`;
  answeredOptions.set(key, [...(answeredOptions.get(key) ?? []), ...options]);
}

/** What people have entered in the elements of messages: each person sees only the own. */
export interface EnteredInMessages {
  of(message: { blocks: Block[] }, personId: string): Entered;
}

export function createEnteredInMessages(): EnteredInMessages {
  const known = new WeakMap<object, Map<string, { blocks: Block[]; entered: Entered }>>();
  return {
    of(message, personId) {
      const ofMessage = known.get(message) ?? new Map();
      known.set(message, ofMessage);
      const { blocks } = message;
      const before = ofMessage.get(personId);
      if (before?.blocks === blocks) return before.entered;
      const entered: Entered = before?.entered ?? nothingEntered(blocks);
      entered.state = stateAfterUpdate(entered.state, blocks);
      ofMessage.set(personId, { blocks, entered });
      return entered;
    },
  };
}
