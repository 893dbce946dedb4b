import type { Option } from '@slack/types';
import type { Block, ElementState, State } from '../page-protocol.ts';
import { type Element, initialState, optionsOf } from './element.ts';

/** What the elements of one view or message hold, typed values included. */
export interface FormValues {
  /**
   * Takes up the blocks as the app now wants them. An element that was there before under the same block and action ID
   * keeps its value, as long as it still offers it; a new one begins with its initial value; the rest is forgotten.
   */
  adopt(blocks: Block[]): void;
  get(blockId: string, actionId: string): ElementState | undefined;
  set(blockId: string, actionId: string, state: ElementState): void;
  collect(): State;
}

export function createFormValues(): FormValues {
  let values = new Map<string, Map<string, ElementState>>();
  const get = (blockId: string, actionId: string) => values.get(blockId)?.get(actionId);
  return {
    adopt: (blocks) => {
      const next = new Map<string, Map<string, ElementState>>();
      for (const block of blocks) {
        const held = new Map<string, ElementState>();
        for (const element of elementsOf(block)) {
          const initial = initialState(element);
          if (initial === undefined || !('action_id' in element) || !element.action_id) continue;
          const kept = get(block.block_id, element.action_id);
          held.set(element.action_id, kept && stillFits(kept, element) ? kept : initial);
        }
        if (held.size > 0) next.set(block.block_id, held);
      }
      values = next;
    },
    get,
    set: (blockId, actionId, state) => values.get(blockId)?.set(actionId, state),
    collect: () =>
      Object.fromEntries([...values].map(([blockId, held]) => [blockId, Object.fromEntries(held)])),
  };
}

function elementsOf(block: Block): Element[] {
  const candidates = [
    block.element,
    block.accessory,
    ...(block.type === 'actions' ? listOf(block.elements) : []),
  ];
  return candidates.filter(
    (candidate): candidate is Element => typeof candidate === 'object' && candidate !== null,
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function stillFits(kept: ElementState, element: Element): boolean {
  if (kept.type !== element.type) return false;
  const offered = optionsOf(element);
  if (offered === undefined) return true;
  const values = new Set(offered.map((option) => option.value));
  const chosen = (kept.selected_options ?? (kept.selected_option ? [kept.selected_option] : [])) as Option[];
  return chosen.every((option) => values.has(option.value));
}
