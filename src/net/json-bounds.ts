/** Deeper than any answer of GraphQL to what is asked here. */
const MAX_DEPTH = 64;
/** Of a team of some ten thousand members, each with all its fields. */
const MAX_COMMAS = 150_000;

/**
 * Is a text of JSON nested deeper, or made of more values, than any answer that is waited for? Counted before it is
 * parsed: parsing some megabytes of nothing but brackets, and checking a million members that are none, hold everything
 * else up for seconds. Text that is no JSON gets some answer.
 */
export function isBeyondBounds(text: string): boolean {
  let depth = 0;
  let commas = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COMMA:
        commas += 1;
        if (commas > MAX_COMMAS) return true;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > MAX_DEPTH) return true;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
    }
  }
  return false;
}

/** @param start where its first quote is */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
