import type { KnownBlock, PlainTextElement } from '@slack/types';
import { issuerChoice } from '../../domain/federation/issuer.ts';

/** Returns text that Slack shows unchanged, without markup or emoji. For anything that people typed. */
export function plainText(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** Escapes the control characters of Slack's markup (docs.slack.dev/messaging/formatting-message-text). */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Returns a name as inline code. Backticks in it are replaced, so that it can't end the code. */
export function code(name: string): string {
  return `\`${escapeMarkup(name).replaceAll('`', "'")}\``;
}

/** A name that needs no quotation marks in a command or a shell. */
const PLAIN_NAME = /^[\p{L}\p{N}_.][\p{L}\p{N}\p{M}_.-]*$/u;

/** Double quotation marks as keyboards, phones and word processors type them. In a command, each ends what another begins. */
export const DOUBLE_QUOTES = '"“”„‟«»＂';
const DOUBLE_QUOTE = new RegExp(`[${DOUBLE_QUOTES}]`);

/** Returns the option for a team as it has to be typed in a command. */
export function teamOption(teamName: string): string {
  if (PLAIN_NAME.test(teamName)) return `--team ${teamName}`;
  return DOUBLE_QUOTE.test(teamName) ? `--team '${teamName}'` : `--team "${teamName}"`;
}

/** Returns an assignment of a variable for a shell, with quotation marks where the value needs them. */
export function assignment(variable: string, value: string): string {
  return `${variable}=${shellWord(value)}`;
}

/** Returns a value as one word of a shell. */
export function shellWord(value: string): string {
  return PLAIN_NAME.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/** Returns a date in the reader's locale, with the UTC date as fallback. */
export function day(atMs: number): string {
  const fallback = new Date(atMs).toISOString().slice(0, 10);
  return `<!date^${Math.floor(atMs / 1000)}^{date}|${fallback}>`;
}

/** Returns a date and time in the reader's locale (`today at 14:30`), with UTC as fallback. */
export function moment(atMs: number): string {
  const fallback = `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} at {time}|${fallback}>`;
}

/** Returns typed text in quotation marks, on one line and without invisible characters. */
export function quoted(text: string, maxLength = 60): string {
  return `“${shortened(text, maxLength)}”`;
}

/** Returns text from outside on one line, without invisible characters and at most `maxLength` long. */
export function shortened(text: string, maxLength: number): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ');
  const characters = [...visible];
  return characters.length > maxLength ? `${characters.slice(0, maxLength).join('')}…` : visible;
}

/** Returns a text of at most `maxLength` characters with its beginning and its end, where long URLs differ. */
export function shortenedInMiddle(text: string, maxLength: number): string {
  const characters = [...text];
  if (characters.length <= maxLength) return text;
  const end = Math.floor((maxLength - 1) / 2);
  return `${characters.slice(0, maxLength - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}

/** Returns a link whose text is its URL, so that it can also be copied. Markup. */
export function link(url: string): string {
  return `<${escapeMarkup(url).replaceAll('|', '%7C')}>`;
}

/** Slack rejects views and options responses with a longer text. */
const MAX_OPTION_TEXT_LENGTH = 75;

/** Returns one option of a select or of radio buttons. A long label keeps its beginning and its end. */
export function option(value: string, label = value) {
  let text = label;
  // Slack's unit isn't documented, so the text fits in UTF-16 code units as well.
  for (let length = MAX_OPTION_TEXT_LENGTH; text.length > MAX_OPTION_TEXT_LENGTH; length -= 1) {
    text = shortenedInMiddle(label, length);
  }
  return { text: plainText(text), value };
}

/** Returns the options of issuers. Long URLs keep their beginning and end; URLs that look alike then get their place in the list. */
export function issuerOptions(urls: readonly string[]) {
  const labels = urls.map((url) => shortenedInMiddle(url, MAX_OPTION_TEXT_LENGTH));
  return urls.map((url, index) => {
    const label = labels[index] ?? url;
    const isAmbiguous = labels.indexOf(label) !== labels.lastIndexOf(label);
    const unique = isAmbiguous
      ? `${index + 1}: ${shortenedInMiddle(url, MAX_OPTION_TEXT_LENGTH - 5)}`
      : label;
    return option(issuerChoice(url), unique);
  });
}

/** A message in Slack's format. Notifications and logs show `text`, so it never contains a secret. */
export interface Message {
  text: string;
  blocks: KnownBlock[];
}

/** Returns one paragraph of markup, with the reference of a failure or refusal below it. */
export function notice(markup: string, reference?: string): Message {
  return {
    text: markup,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: markup } }, ...referenceBlocks(reference)],
  };
}

/** Like {@link notice}, for text that contains what a person typed. */
export function plainNotice(text: string, reference?: string): Message {
  return {
    text: 'Keysmith didn’t understand that command.',
    blocks: [{ type: 'section', text: plainText(text) }, ...referenceBlocks(reference)],
  };
}

/** Returns markup for "Did you mean …?" below a text that contains what a person typed, so that names stay exact. */
export function suggestion(name: string, command?: string): KnownBlock {
  const how = command === undefined ? '' : ` Type ${code(command)}.`;
  return { type: 'section', text: { type: 'mrkdwn', text: `Did you mean ${code(name)}?${how}` } };
}

function referenceBlocks(reference: string | undefined): KnownBlock[] {
  if (reference === undefined) return [];
  return [{ type: 'context', elements: [plainText(`Reference ${reference}`)] }];
}

/** Of the 3,000 characters of a section. */
const MAX_NAMES_LENGTH = 2_000;

/** Returns as many names as have room, and how many more there are: escaping makes a name up to five times as long. */
export function namesText(names: readonly string[], maxNamed = 20): string {
  const named: string[] = [];
  let length = 0;
  for (const name of names.slice(0, maxNamed)) {
    length += name.length + 2;
    if (length > MAX_NAMES_LENGTH) break;
    named.push(name);
  }
  const more = names.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
