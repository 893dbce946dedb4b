import type { KnownBlock, PlainTextElement } from '@slack/types';

/** Text that Slack shows as it stands: no markup, no emoji made of `:words:`. For whatever people typed. */
export function plainText(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** Escapes what Slack's markup gives a meaning to (docs.slack.dev/messaging/formatting-message-text). */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A validated name (account, team) as code; no name may hold a backtick. */
export function code(name: string): string {
  return `\`${escapeMarkup(name).replaceAll('`', "'")}\``;
}

/** A day as the reader's own Slack writes it, with a plain form for where that can't be. */
export function day(atMs: number): string {
  const fallback = new Date(atMs).toISOString().slice(0, 10);
  return `<!date^${Math.floor(atMs / 1000)}^{date}|${fallback}>`;
}

/** A moment as the reader's own Slack writes it: `today at 14:30`. */
export function moment(atMs: number): string {
  const fallback = `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} at {time}|${fallback}>`;
}

/** Typed text in an answer: short, visible, in one line. */
export function quoted(text: string, maxLength = 60): string {
  return `“${shortened(text, maxLength)}”`;
}

/** Text from outside, without its quotes: short, visible, in one line. */
export function shortened(text: string, maxLength: number): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ');
  const characters = [...visible];
  return characters.length > maxLength ? `${characters.slice(0, maxLength).join('')}…` : visible;
}

/** An address of ours as a link that shows itself: who can't click it copies it. Markup. */
export function link(url: string): string {
  return `<${escapeMarkup(url).replaceAll('|', '%7C')}>`;
}

/** Slack refuses a view or an answer with a longer text. */
const MAX_TEXT_LENGTH = 75;

/** One choice of a select or of radio buttons. */
export function option(value: string, label = value) {
  const text = label.length > MAX_TEXT_LENGTH ? `${label.slice(0, MAX_TEXT_LENGTH - 1)}…` : label;
  return { text: plainText(text), value };
}

/** A message as Slack takes it. `text` is what notifications and logs show: never a secret in it. */
export interface Message {
  text: string;
  blocks: KnownBlock[];
}

/** One paragraph of markup, the reference of a failure or refusal below it. */
export function notice(markup: string, reference?: string): Message {
  return {
    text: markup,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: markup } }, ...referenceBlocks(reference)],
  };
}

/** As {@link notice}, for words that hold what a person typed. */
export function plainNotice(text: string, reference?: string): Message {
  return {
    text: 'Keysmith did not understand that.',
    blocks: [{ type: 'section', text: plainText(text) }, ...referenceBlocks(reference)],
  };
}

function referenceBlocks(reference: string | undefined): KnownBlock[] {
  if (reference === undefined) return [];
  return [{ type: 'context', elements: [plainText(`Reference ${reference}`)] }];
}
