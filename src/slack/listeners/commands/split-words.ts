import { DOUBLE_QUOTES as DOUBLE } from '../../messages/blocks.ts';

const SINGLE = "'‘’‚‛＇";
const QUOTES = new RegExp(`[${DOUBLE}${SINGLE}]`, 'g');
const DASHES = '‐‑‒–—―−';
const DASH = new RegExp(`[${DASHES}]`, 'g');

/** Slack's own limit is lower. A longer text has no more words for Keysmith. */
const MAX_LENGTH = 16_000;

/** Phones replace the two hyphens before an option with one dash. */
const LEADING_DASH = /^[‒–—―−]-?(?=.)/;
const JOINER = /\u200d/g;
/** Without the joiners of emoji (UTS #51, section 2.3), which are part of a name. */
const INVISIBLE =
  /(?!(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic}))\p{Cf}/gu;

/**
 * An option with a quoted value, a quoted text, or a word. A single quotation mark ends a text only before a space, as it is
 * an apostrophe otherwise. Every part is linear in its length.
 */
const WORD = new RegExp(
  `(?<option>[-${DASHES}][-\\w${DASHES}]*=)?` +
    `(?:[${DOUBLE}](?<double>[^${DOUBLE}]*)[${DOUBLE}]?` +
    `|[${SINGLE}](?<single>(?:[^${SINGLE}]|[${SINGLE}](?=\\S))*)[${SINGLE}]?)` +
    '|(?<bare>\\S+)',
  'gu',
);

/** One word of a command. */
export interface Word {
  /** For comparing: without quotation marks and joiners, and typographic dashes are hyphens. */
  plain: string;
  /** As typed between quotation marks. Without them, typographic dashes are hyphens here too. */
  exact: string;
}

/** Splits a command's text into words. Quotation marks group words; typographic marks, dashes and spaces count as plain ones. */
export function readWords(text: string): Word[] {
  const visible = text.slice(0, MAX_LENGTH).replace(INVISIBLE, '').normalize('NFC').replace(/\p{Z}/gu, ' ');
  return [...visible.matchAll(WORD)].flatMap(({ groups = {} }) => {
    const { option, double, single, bare } = groups;
    if (bare !== undefined) return [bareWord(bare)];
    const quoted = double ?? single ?? '';
    const word = { plain: plainForm(quoted).replace(DASH, '-'), exact: quoted };
    if (option === undefined) return [word];
    const name = bareWord(option).plain;
    return [{ plain: `${name}${word.plain}`, exact: `${name}${word.exact}` }];
  });
}

function bareWord(typed: string): Word {
  const exact = typed.replace(LEADING_DASH, '--').replace(DASH, '-');
  return { plain: plainForm(exact), exact };
}

function plainForm(text: string): string {
  return text.replace(QUOTES, '').replace(JOINER, '');
}
