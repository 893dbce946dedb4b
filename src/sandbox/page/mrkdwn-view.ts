import { drawCodeBlock } from './code-block.ts';
import type { Directory } from './directory.ts';
import { make } from './dom.ts';
import { type MrkdwnNode, parseMrkdwn } from './mrkdwn.ts';
import { formatSlackDate } from './slack-date.ts';

export function drawMrkdwn(text: string, directory: Directory, options?: { verbatim: boolean }): Node {
  return drawNodes(parseMrkdwn(text, options), directory);
}

function drawNodes(nodes: MrkdwnNode[], directory: Directory): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...nodes.map((node) => drawNode(node, directory)));
  return fragment;
}

function drawNode(node: MrkdwnNode, directory: Directory): Node {
  switch (node.type) {
    case 'text':
      return document.createTextNode(node.text);
    case 'emoji':
      return drawEmoji(node.name, node.glyph);
    case 'bold':
      return make('strong', {}, drawNodes(node.children, directory));
    case 'italic':
      return make('em', {}, drawNodes(node.children, directory));
    case 'strike':
      return make('s', {}, drawNodes(node.children, directory));
    case 'code':
      return make('code', {}, drawNodes(node.children, directory));
    case 'quote':
      return make('blockquote', {}, drawNodes(node.children, directory));
    case 'preformatted':
      return drawCodeBlock(drawNodes(node.children, directory));
    case 'link':
      return drawLink(node.url, node.label);
    case 'user':
      return drawUser(node.id, directory);
    case 'channel':
      return drawChannel(node.id, node.label, directory);
    case 'usergroup':
      return make('span', { class: 'mention' }, `@${node.label?.replace(/^@/, '') ?? node.id}`);
    case 'broadcast':
      return make('span', { class: 'mention mention-me' }, `@${node.range}`);
    case 'date':
      return drawDate(node.timestampSeconds, node.format, node.url);
  }
}

export function drawEmoji(name: string, glyph: string): HTMLElement {
  return make('span', { class: 'emoji', role: 'img', 'aria-label': name.replaceAll('_', ' ') }, glyph);
}

/** `url` must have passed `safeUrl`. */
export function drawLink(url: string, label: Node | string): HTMLElement {
  return make('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label);
}

export function drawUser(id: string, directory: Directory): HTMLElement {
  const mine = id === directory.me ? ' mention-me' : '';
  return make('span', { class: `mention${mine}` }, `@${directory.author(id).name}`);
}

/** As Slack draws it: a conversation that the reader isn't in stays without its name. */
export function drawChannel(id: string, label: string | undefined, directory: Directory): HTMLElement {
  return make('span', { class: 'mention' }, `#${directory.channelName(id) ?? label ?? 'private channel'}`);
}

export function drawDate(timestampSeconds: number, format: string, url: string | undefined): Node {
  const date = new Date(timestampSeconds * 1_000);
  const time = make(
    'time',
    { datetime: date.toISOString(), title: date.toLocaleString() },
    formatSlackDate(timestampSeconds, format, new Date()),
  );
  return url === undefined ? time : drawLink(url, time);
}
