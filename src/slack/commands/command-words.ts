/** Quotes as phones and word processors type them. */
const DOUBLE_QUOTES = /[“”„‟«»＂]/g;
const SINGLE_QUOTES = /[‘’‚‛＇]/g;
/** A dash at the start of a word stands for the two hyphens that a phone made it of. */
const LEADING_DASH = /(^|\s)[‒–—―−]-?(?=\S)/g;
const OTHER_DASHES = /[‐‑‒–—―−]/g;
const INVISIBLE = /\p{Cf}/gu;

/** Splits what was typed after a command into words: quotes group, and typographic quotes, dashes and spaces count as plain. */
export function commandWords(text: string): string[] {
  const plain = text
    .replace(INVISIBLE, '')
    .replace(/\p{Z}/gu, ' ')
    .replace(DOUBLE_QUOTES, '"')
    .replace(SINGLE_QUOTES, "'")
    .replace(LEADING_DASH, '$1--')
    .replace(OTHER_DASHES, '-');
  // A quote inside a word is an apostrophe and groups nothing.
  const words = plain.matchAll(/--[\w-]+=(?:"[^"]*"?|'[^']*'?)|"[^"]*"?|'[^']*'?|\S+/g);
  return [...words].map(([word]) => word.replace(/["']/g, ''));
}
