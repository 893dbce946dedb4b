import type { PageHomeTab, PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';

/** Returns everything that a person can read in a message, modal or Home tab, in order, one text a line. */
export function visibleText(shown: PageMessage | PageModal | PageHomeTab): string {
  const top =
    'title' in shown ? [shown.title] : 'text' in shown && shown.blocks.length === 0 ? [shown.text] : [];
  return [...top, ...shown.blocks.flatMap(texts)].join('\n');
}

/** Fields that people don't see. */
const invisibleFields = new Set(['value', 'action_id', 'block_id', 'type', 'confirm', 'url', 'image_url']);

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  if (isSingleLine(value)) return [texts(value.elements).join('')];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (invisibleFields.has(key)) return [];
    if (typeof inner !== 'string') return texts(inner);
    return ['text', 'alt_text', 'initial_value', 'user_id', 'channel_id', 'name'].includes(key)
      ? [inner]
      : [];
  });
}

/** Whether the elements of a rich text part are on one line. */
function isSingleLine(value: object): value is { elements: unknown[] } {
  return (
    'type' in value &&
    ['rich_text_section', 'rich_text_preformatted', 'rich_text_quote'].includes(String(value.type))
  );
}
