import type { PageHomeTab, PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';

/** All that a person reads on a message, view or Home tab, in order, one piece a line; for looking things up in tests. */
export function visibleText(shown: PageMessage | PageModal | PageHomeTab): string {
  const top =
    'title' in shown ? [shown.title] : 'text' in shown && shown.blocks.length === 0 ? [shown.text] : [];
  return [...top, ...shown.blocks.flatMap(texts)].join('\n');
}

/** Not read: what is sent along with a choice. */
const unseen = new Set(['value', 'action_id', 'block_id', 'type', 'confirm', 'url', 'image_url']);

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  if (isRunningText(value)) return [texts(value.elements).join('')];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (unseen.has(key)) return [];
    if (typeof inner !== 'string') return texts(inner);
    return ['text', 'alt_text', 'initial_value', 'user_id', 'channel_id', 'name'].includes(key)
      ? [inner]
      : [];
  });
}

/** Parts of a rich text block whose elements follow one another on one line. */
function isRunningText(value: object): value is { elements: unknown[] } {
  return (
    'type' in value &&
    ['rich_text_section', 'rich_text_preformatted', 'rich_text_quote'].includes(String(value.type))
  );
}
