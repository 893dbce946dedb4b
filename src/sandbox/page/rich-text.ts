import type {
  RichTextBlock,
  RichTextElement,
  RichTextList,
  RichTextPreformatted,
  RichTextQuote,
  RichTextSection,
} from '@slack/types';
import { drawCodeBlock } from './code-block.ts';
import type { Directory } from './directory.ts';
import { make } from './dom.ts';
import { emojiGlyph } from './emoji.ts';
import { safeUrl } from './mrkdwn-reference.ts';
import { drawChannel, drawDate, drawEmoji, drawLink, drawUser } from './mrkdwn-view.ts';

type Part = RichTextSection | RichTextList | RichTextQuote | RichTextPreformatted;

export function drawRichText(block: RichTextBlock, directory: Directory): HTMLElement {
  return make('div', { class: 'rich-text' }, ...block.elements.map((part) => drawPart(part, directory)));
}

function drawPart(part: Part, directory: Directory): Node {
  const content = (elements: RichTextElement[]) => elements.map((element) => drawInline(element, directory));
  switch (part.type) {
    case 'rich_text_section':
      return make('div', { class: 'rich-text-section' }, ...content(part.elements));
    case 'rich_text_quote':
      return make('blockquote', {}, ...content(part.elements));
    case 'rich_text_preformatted': {
      const fragment = document.createDocumentFragment();
      fragment.append(...content(part.elements));
      return drawCodeBlock(fragment);
    }
    case 'rich_text_list': {
      const items = part.elements.map((item) => make('li', {}, ...content(item.elements)));
      const indent = Math.min(Math.max(part.indent ?? 0, 0), 8);
      return make(part.style === 'ordered' ? 'ol' : 'ul', { class: `indent-${indent}` }, ...items);
    }
    default:
      return document.createTextNode('');
  }
}

function drawInline(element: RichTextElement, directory: Directory): Node {
  const style = 'style' in element ? element.style : undefined;
  let node = drawUnstyled(element, directory);
  if (style?.code) node = make('code', {}, node);
  if (style?.strike) node = make('s', {}, node);
  if (style?.italic) node = make('em', {}, node);
  if (style?.bold) node = make('strong', {}, node);
  return node;
}

function drawUnstyled(element: RichTextElement, directory: Directory): Node {
  switch (element.type) {
    case 'text':
      return document.createTextNode(element.text);
    case 'link': {
      const label = element.text || element.url;
      const url = safeUrl(element.url);
      return url === undefined ? document.createTextNode(label) : drawLink(url, label);
    }
    case 'user':
      return drawUser(element.user_id, directory);
    case 'channel':
      return drawChannel(element.channel_id, undefined, directory);
    case 'usergroup':
      return make('span', { class: 'mention' }, `@${element.usergroup_id}`);
    case 'team':
      return make('span', { class: 'mention' }, `@${element.team_id}`);
    case 'broadcast':
      return make('span', { class: 'mention mention-me' }, `@${element.range}`);
    case 'emoji': {
      const glyph = emojiGlyph(element.name);
      return glyph ? drawEmoji(element.name, glyph) : document.createTextNode(`:${element.name}:`);
    }
    case 'date':
      return drawDate(element.timestamp, element.format, element.url && safeUrl(element.url));
    case 'color':
      return document.createTextNode(element.value);
  }
}
