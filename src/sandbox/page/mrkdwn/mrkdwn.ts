import { emojiGlyph } from './emoji.ts';
import { type MrkdwnReference, matchBareUrl, matchReference, unescapeEntities } from './mrkdwn-reference.ts';

/**
 * Slack's mrkdwn as a tree. Line breaks stay `\n` inside texts. Strings contain no markup, and every `link.url` is
 * http or https.
 *
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export type MrkdwnNode =
  | { type: 'text'; text: string }
  | { type: 'emoji'; name: string; glyph: string }
  | {
      type: 'bold' | 'italic' | 'strike' | 'code' | 'preformatted' | 'quote';
      children: MrkdwnNode[];
    }
  | MrkdwnReference;

type Style = 'bold' | 'italic' | 'strike';
type Match = { node: MrkdwnNode; end: number };

const FENCE = '```';
const STYLES: Readonly<Record<string, Style>> = {
  '*': 'bold',
  _: 'italic',
  '~': 'strike',
};

interface Context {
  /** The enclosing styles. A style doesn't nest in itself, which bounds the depth. */
  within: readonly Style[];
  /** False in code, where only references in angle brackets are parsed. */
  formatted: boolean;
  autoLink: boolean;
  /** Markers known to have no end before this position, so a line of markers is scanned once per marker. */
  unclosedUntil: Map<string, number>;
}

/** Parses mrkdwn. With `verbatim`, bare URLs aren't linked. */
export function parseMrkdwn(text: string, { verbatim = false } = {}): MrkdwnNode[] {
  const nodes: MrkdwnNode[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf(FENCE, at);
    const close = open < 0 ? -1 : text.indexOf(FENCE, open + FENCE.length + 1);
    if (close < 0) break;
    const code = text.slice(open + FENCE.length, close).replace(/^\n|\n$/g, '');
    nodes.push(...parseLines(text.slice(at, open).replace(/\n$/, ''), verbatim));
    nodes.push({
      type: 'preformatted',
      children: parseInline(code, codeContext()),
    });
    at = close + FENCE.length;
    if (text[at] === '\n') at += 1;
  }
  nodes.push(...parseLines(text.slice(at), verbatim));
  return nodes;
}

/** Joins adjacent lines that begin with `>` into a quote. `>>>` quotes everything after it. */
function parseLines(text: string, verbatim: boolean): MrkdwnNode[] {
  if (text === '') return [];
  const groups: { quoted: boolean; lines: string[] }[] = [];
  let allQuoted = false;
  for (const line of text.split('\n')) {
    const mark: RegExpExecArray | null = allQuoted ? null : /^(?:(?:&gt;|>){3}|(?:&gt;|>)) ?/.exec(line);
    if (mark && /^(?:&gt;|>){3}/.test(mark[0])) allQuoted = true;
    const quoted = mark !== null || allQuoted;
    const last = groups.at(-1);
    const content = mark ? line.slice(mark[0].length) : line;
    if (last?.quoted === quoted) last.lines.push(content);
    else groups.push({ quoted, lines: [content] });
  }
  return groups.flatMap(({ quoted, lines }): MrkdwnNode[] => {
    const children = parseInline(lines.join('\n'), flowContext(verbatim));
    return quoted ? [{ type: 'quote', children }] : children;
  });
}

function flowContext(verbatim: boolean): Context {
  return {
    within: [],
    formatted: true,
    autoLink: !verbatim,
    unclosedUntil: new Map(),
  };
}

function codeContext(): Context {
  return {
    within: [],
    formatted: false,
    autoLink: false,
    unclosedUntil: new Map(),
  };
}

function parseInline(text: string, context: Context): MrkdwnNode[] {
  const nodes: MrkdwnNode[] = [];
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    const match = matchAt(text, at, context);
    if (match === undefined) {
      at += 1;
      continue;
    }
    pushText(nodes, text.slice(plainFrom, at));
    nodes.push(match.node);
    at = match.end;
    plainFrom = at;
  }
  pushText(nodes, text.slice(plainFrom));
  return nodes;
}

function pushText(nodes: MrkdwnNode[], escaped: string): void {
  if (escaped !== '') nodes.push({ type: 'text', text: unescapeEntities(escaped) });
}

function matchAt(text: string, at: number, context: Context): Match | undefined {
  const character = text[at] ?? '';
  if (character === '<') return matchReference(text, at);
  if (!context.formatted) return undefined;
  if (character === '`') return matchCode(text, at);
  if (character in STYLES) return matchStyle(text, at, context);
  if (character === ':') return matchEmoji(text, at);
  if (character === 'h' && context.autoLink && !isWordCharacter(text[at - 1])) {
    return matchBareUrl(text, at);
  }
  return undefined;
}

function matchCode(text: string, at: number): Match | undefined {
  const found = matchHere(/`([^`\n]+)`/y, text, at);
  if (!found) return undefined;
  return {
    node: {
      type: 'code',
      children: parseInline(found[1] ?? '', codeContext()),
    },
    end: at + found[0].length,
  };
}

function matchEmoji(text: string, at: number): Match | undefined {
  const name = matchHere(/:([a-z0-9_+-]{1,40}):/y, text, at)?.[1];
  const glyph = name === undefined ? undefined : emojiGlyph(name);
  if (name === undefined || glyph === undefined) return undefined;
  return { node: { type: 'emoji', name, glyph }, end: at + name.length + 2 };
}

function matchStyle(text: string, at: number, context: Context): Match | undefined {
  const marker = text[at] ?? '';
  const style = STYLES[marker];
  const next = text[at + 1];
  if (style === undefined || context.within.includes(style)) return undefined;
  if (isWordCharacter(text[at - 1]) || next === undefined || next === marker || /\s/.test(next))
    return undefined;
  if (at < (context.unclosedUntil.get(marker) ?? 0)) return undefined;
  const end = findClosing(text, at + 1, marker);
  if (end.closing === undefined) {
    context.unclosedUntil.set(marker, end.lineEnd);
    return undefined;
  }
  const inner: Context = {
    ...context,
    within: [...context.within, style],
    unclosedUntil: new Map(),
  };
  return {
    node: {
      type: style,
      children: parseInline(text.slice(at + 1, end.closing), inner),
    },
    end: end.closing + 1,
  };
}

/** Finds the marker that ends a style on this line, outside references and code. */
function findClosing(text: string, from: number, marker: string): { closing?: number; lineEnd: number } {
  let at = from;
  while (at < text.length && text[at] !== '\n') {
    const skipped = matchHere(/<[^<>\n]*>|`[^`\n]+`/y, text, at);
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    const closes = text[at] === marker && !/\s/.test(text[at - 1] ?? ' ') && !isWordCharacter(text[at + 1]);
    if (closes) return { closing: at, lineEnd: at };
    at += 1;
  }
  return { lineEnd: at };
}

function matchHere(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
