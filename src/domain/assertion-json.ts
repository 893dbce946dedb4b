/** What no JWT needs, and what walks it recursively could not bear. */
const MAX_DEPTH = 32;

/**
 * A JSON object whose text has one reading. `JSON.parse` keeps the last of two members of one name and other parsers the
 * first, so whoever checked the JWT before may have seen another one (RFC 8725, section 2.4; RFC 7519, section 4).
 * Undefined where it is no JSON object, names a member twice (at any level), or is nested too deeply.
 */
export function parseUnambiguousObject(text: string): Record<string, unknown> | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return isUnambiguous(text) ? (value as Record<string, unknown>) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param json valid JSON: so a string before a colon is a name, and brackets match */
function isUnambiguous(json: string): boolean {
  const open: Set<string>[] = [];
  let lastString = '';
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') {
      open.push(new Set());
      if (open.length > MAX_DEPTH) return false;
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1);
      // Decoded: `"exp"` and `"\u0065xp"` are one name.
      const name = JSON.parse(lastString) as string;
      if (names?.has(name)) return false;
      names?.add(name);
    } else lastString = token;
  }
  return true;
}
