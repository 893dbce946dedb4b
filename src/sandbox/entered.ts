import type { AnsweredOptions } from './element-value.ts';
import type { Block, State } from './page-protocol.ts';
import { initialState, type Option } from './view-state.ts';

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
