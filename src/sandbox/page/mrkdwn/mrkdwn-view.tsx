import './mrkdwn.css';
import type { MrkdwnElement, PlainTextElement } from '@slack/types';
import { createElement, Fragment, memo, type ReactNode } from 'react';
import type { Directory } from '../session/directory.ts';
import { plainText } from './emoji.ts';
import {
  ChannelMention,
  CodeBlock,
  DateMention,
  Emoji,
  Mention,
  OutsideLink,
  UserMention,
} from './inline-parts.tsx';
import { type MrkdwnNode, parseMrkdwn } from './mrkdwn.ts';

interface MrkdwnProps {
  text: string;
  directory: Directory;
  /** Slack's `verbatim`: bare URLs aren't linked. */
  verbatim?: boolean;
}

export const Mrkdwn = memo(function Mrkdwn({ text, directory, verbatim = false }: MrkdwnProps) {
  return drawNodes(parseMrkdwn(text, { verbatim }), directory);
});

/** Spreads the parts instead of passing an array: they have no identity to serve as keys. */
function drawNodes(nodes: MrkdwnNode[], directory: Directory): ReactNode {
  return createElement(Fragment, null, ...nodes.map((node) => drawNode(node, directory)));
}

function drawNode(node: MrkdwnNode, directory: Directory): ReactNode {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'emoji':
      return <Emoji name={node.name} glyph={node.glyph} />;
    case 'bold':
      return <strong>{drawNodes(node.children, directory)}</strong>;
    case 'italic':
      return <em>{drawNodes(node.children, directory)}</em>;
    case 'strike':
      return <s>{drawNodes(node.children, directory)}</s>;
    case 'code':
      return <code>{drawNodes(node.children, directory)}</code>;
    case 'quote':
      return <blockquote>{drawNodes(node.children, directory)}</blockquote>;
    case 'preformatted':
      return <CodeBlock>{drawNodes(node.children, directory)}</CodeBlock>;
    case 'link':
      return <OutsideLink url={node.url}>{node.label}</OutsideLink>;
    case 'user':
      return <UserMention id={node.id} directory={directory} />;
    case 'channel':
      return <ChannelMention id={node.id} label={node.label} directory={directory} />;
    case 'usergroup':
      return <Mention>{`@${node.label?.replace(/^@/, '') ?? node.id}`}</Mention>;
    case 'broadcast':
      return <Mention isMine>{`@${node.range}`}</Mention>;
    case 'date':
      return <DateMention timestampSeconds={node.timestampSeconds} format={node.format} url={node.url} />;
  }
}

interface TextProps {
  object: PlainTextElement | MrkdwnElement;
  directory: Directory;
}

/** Draws a text object of Block Kit. */
export function Text({ object, directory }: TextProps) {
  if (object.type === 'plain_text') return plainText(object);
  return <Mrkdwn text={object.text} directory={directory} verbatim={object.verbatim === true} />;
}
