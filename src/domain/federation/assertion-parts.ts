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

/** A JWT taken apart. Nothing of it is verified. */
export interface AssertionParts {
  header: Readonly<Record<string, unknown>>;
  claims: Readonly<Record<string, unknown>>;
}

/** Far more than issuers send: those with many groups in their claims come to some 10,000. */
const MAX_CHARACTERS = 48 * 1024;

/** Takes a JWT in compact form apart (RFC 7519, section 7.2). Undefined where it is none, or can be read in two ways. */
export function readAssertionParts(jwt: string): AssertionParts | undefined {
  if (jwt.length > MAX_CHARACTERS) return undefined;
  const [header, claims, signature, ...more] = jwt.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) {
    return undefined;
  }
  // Without a signature it is none of an issuer's; what the header says of it does not count.
  if (decoded(signature) === undefined) return undefined;
  const parts = { header: readObject(header), claims: readObject(claims) };
  return parts.header && parts.claims && { header: parts.header, claims: parts.claims };
}

function readObject(part: string): Record<string, unknown> | undefined {
  const bytes = decoded(part);
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return parseUnambiguousObject(text);
  } catch {
    return undefined;
  }
}

/** Base64url without padding (RFC 7515, section 2); undefined for what another text stands for as well. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
