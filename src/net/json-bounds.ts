/** How much structure a JSON text may have. */
export interface JsonBounds {
  maxDepth: number;
  /** About one less than the number of values; commas separate nearly all of them. */
  maxCommas: number;
  /** Arrays and objects. Nested ones need no commas, and are the most expensive to parse. */
  maxContainers: number;
}

/**
 * Deeper than any response that Keysmith asks for, and with room for a W&B team of ten thousand members with all their
 * fields.
 */
const DEFAULT_BOUNDS: JsonBounds = { maxDepth: 64, maxCommas: 150_000, maxContainers: 150_000 };

/**
 * Returns whether a JSON text is nested too deeply or has too many values. Counts characters before parsing, because
 * parsing and validating megabytes of brackets or of invalid items would block the event loop for seconds. Doesn't check
 * that the text is JSON: the result for other text is arbitrary.
 */
export function exceedsJsonBounds(text: string, bounds: Partial<JsonBounds> = {}): boolean {
  const { maxDepth, maxCommas, maxContainers } = { ...DEFAULT_BOUNDS, ...bounds };
  let depth = 0;
  let commas = 0;
  let containers = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COMMA:
        commas += 1;
        if (commas > maxCommas) return true;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        containers += 1;
        if (depth > maxDepth || containers > maxContainers) return true;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
    }
  }
  return false;
}

/** @param start index of the opening quote */
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

export type ParseJsonResult = { ok: true; value: unknown } | { ok: false; reason: 'too_large' | 'not_json' };

/** Parses JSON within the bounds that {@link exceedsJsonBounds} checks. Never throws. */
export function parseBoundedJson(text: string, bounds?: Partial<JsonBounds>): ParseJsonResult {
  if (exceedsJsonBounds(text, bounds)) return { ok: false, reason: 'too_large' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, reason: 'not_json' };
  }
}
