import './mrkdwn.css';
import type {
  RichTextBlock,
  RichTextElement,
  RichTextList,
  RichTextPreformatted,
  RichTextQuote,
  RichTextSection,
} from '@slack/types';
import { createElement, Fragment, type ReactNode } from 'react';
import type { Directory } from '../session/directory.ts';
import { emojiGlyph } from './emoji.ts';
import {
  ChannelMention,
  CodeBlock,
  DateMention,
  Emoji,
  Mention,
  OutsideLink,
  UserMention,
} from './inline-parts.tsx';
import { safeUrl } from './mrkdwn-reference.ts';

type Part = RichTextSection | RichTextList | RichTextQuote | RichTextPreformatted;

export function RichText({ block, directory }: { block: RichTextBlock; directory: Directory }) {
  const parts = block.elements.map((part) => drawPart(part, directory));
  return createElement('div', { className: 'rich-text' }, ...parts);
}

function drawPart(part: Part, directory: Directory): ReactNode {
  const content = (elements: RichTextElement[]) =>
    createElement(Fragment, null, ...elements.map((element) => drawInline(element, directory)));
  switch (part.type) {
    case 'rich_text_section':
      return <div className="rich-text-section">{content(part.elements)}</div>;
    case 'rich_text_quote':
      return <blockquote>{content(part.elements)}</blockquote>;
    case 'rich_text_preformatted':
      return <CodeBlock>{content(part.elements)}</CodeBlock>;
    case 'rich_text_list': {
      const items = part.elements.map((item) => createElement('li', null, content(item.elements)));
      const indent = Math.min(Math.max(part.indent ?? 0, 0), 8);
      const tag = part.style === 'ordered' ? 'ol' : 'ul';
      return createElement(tag, { className: `indent-${indent}` }, ...items);
    }
    default:
      return null;
  }
}

function drawInline(element: RichTextElement, directory: Directory): ReactNode {
  const style = 'style' in element ? element.style : undefined;
  let node = drawUnstyled(element, directory);
  if (style?.code) node = <code>{node}</code>;
  if (style?.strike) node = <s>{node}</s>;
  if (style?.underline) node = <u>{node}</u>;
  if (style?.italic) node = <em>{node}</em>;
  if (style?.bold) node = <strong>{node}</strong>;
  return node;
}

function drawUnstyled(element: RichTextElement, directory: Directory): ReactNode {
  switch (element.type) {
    case 'text':
      return element.text;
    case 'link': {
      const label = element.text || element.url;
      const url = safeUrl(element.url);
      return url === undefined ? label : <OutsideLink url={url}>{label}</OutsideLink>;
    }
    case 'user':
      return <UserMention id={element.user_id} directory={directory} />;
    case 'channel':
      return <ChannelMention id={element.channel_id} directory={directory} />;
    case 'usergroup':
      return <Mention>{`@${element.usergroup_id}`}</Mention>;
    case 'team':
      return <Mention>{`@${element.team_id}`}</Mention>;
    case 'broadcast':
      return <Mention isMine>{`@${element.range}`}</Mention>;
    case 'emoji': {
      const glyph = emojiGlyph(element.name);
      return glyph ? <Emoji name={element.name} glyph={glyph} /> : `:${element.name}:`;
    }
    case 'date': {
      const { timestamp, format, url } = element;
      return (
        <DateMention timestampSeconds={timestamp} format={format} url={url ? safeUrl(url) : undefined} />
      );
    }
    case 'color':
      return <ColorMention value={element.value} />;
  }
}

/** Slack draws a swatch beside a color code. */
function ColorMention({ value }: { value: string }) {
  return (
    <span className="color">
      {value} <span className="swatch" style={{ backgroundColor: value }} />
    </span>
  );
}
