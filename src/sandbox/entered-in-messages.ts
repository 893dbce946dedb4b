import { type Entered, nothingEntered } from './entered.ts';
import type { Block } from './page-protocol.ts';
import { stateAfterUpdate } from './view-state.ts';

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
