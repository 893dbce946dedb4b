import type { Block } from '../page-protocol.ts';
import { newElementId } from '../slack-ids.ts';

/** What Slack fills in: a `block_id`, the `action_id`s, and the default flags of text objects. */
export function normalizeBlocks(blocks: object[]): Block[] {
  return blocks.map((block) => {
    const { type, block_id = newElementId(), ...rest } = withTextDefaults(block) as Partial<Block>;
    return { type, block_id, ...withActionIds(rest) } as Block;
  });
}

/** As Slack returns text objects: `emoji: true` in plain text, `verbatim: false` in mrkdwn, unless the app said otherwise. */
export function withTextDefaults<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withTextDefaults) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withTextDefaults(inner)]),
  );
  if (copy.type === 'plain_text') return { emoji: true, ...copy } as T;
  if (copy.type === 'mrkdwn') return { verbatim: false, ...copy } as T;
  return copy as T;
}

const withoutActionId = new Set(['image', 'plain_text', 'mrkdwn']);

function withActionIds(block: Record<string, unknown>): Record<string, unknown> {
  const named = (element: unknown): unknown => {
    const { type } = element as { type: string };
    if (withoutActionId.has(type) || type.startsWith('rich_text')) return element;
    return { action_id: newElementId(), ...(element as object) };
  };
  const copy = { ...block };
  if (copy.element) copy.element = named(copy.element);
  if (copy.accessory) copy.accessory = named(copy.accessory);
  if (Array.isArray(copy.elements)) copy.elements = copy.elements.map(named);
  return copy;
}
