/** Deeper than any JWT needs, and shallow enough for recursive code. */
const MAX_DEPTH = 32;

/**
 * Parses a JSON object that every parser reads the same way. Of two members with one name, `JSON.parse` keeps the last and
 * other parsers the first (RFC 8725, section 2.4; RFC 7519, section 4).
 *
 * @returns undefined for anything but a JSON object, a duplicate member name at any level, or too deep nesting
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

/** @param json must be valid JSON: the string before a colon is then a member name, and brackets match */
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
      // Decoded, because `"exp"` and `"\u0065xp"` are the same name.
      const name = JSON.parse(lastString) as string;
      if (names?.has(name)) return false;
      names?.add(name);
    } else lastString = token;
  }
  return true;
}

/** The decoded parts of a JWT. Nothing is verified. */
export interface AssertionParts {
  header: Readonly<Record<string, unknown>>;
  claims: Readonly<Record<string, unknown>>;
}

/** Far more than issuers send: JWTs with many group claims have about 10,000. */
const MAX_CHARACTERS = 48 * 1024;

/** Why a text isn't a compact JWT. */
export type AssertionShapeProblem =
  | 'empty'
  | 'too_long'
  /** Five parts: a JWE (RFC 7516), whose claims only its recipient can read. */
  | 'encrypted'
  | 'not_three_parts'
  | 'header_unreadable'
  | 'claims_unreadable'
  | 'signature_unreadable';

export type ReadAssertionResult =
  | { ok: true; parts: AssertionParts }
  | { ok: false; problem: AssertionShapeProblem };

/** Decodes a compact JWT (RFC 7519, section 7.2). Returns undefined if it is malformed or ambiguous. */
export function readAssertionParts(jwt: string): AssertionParts | undefined {
  const read = readAssertion(jwt);
  return read.ok ? read.parts : undefined;
}

/** As {@link readAssertionParts}, with the reason. */
export function readAssertion(jwt: string): ReadAssertionResult {
  if (jwt === '') return { ok: false, problem: 'empty' };
  if (jwt.length > MAX_CHARACTERS) return { ok: false, problem: 'too_long' };
  const parts = jwt.split('.');
  const [header, claims, signature] = parts;
  if (header === undefined || claims === undefined || signature === undefined || parts.length > 3) {
    return { ok: false, problem: parts.length === 5 ? 'encrypted' : 'not_three_parts' };
  }
  // Checks the encoding only. Verifying the signature is the caller's job.
  if (decoded(signature) === undefined) return { ok: false, problem: 'signature_unreadable' };
  const read = { header: readObject(header), claims: readObject(claims) };
  if (read.header === undefined) return { ok: false, problem: 'header_unreadable' };
  if (read.claims === undefined) return { ok: false, problem: 'claims_unreadable' };
  return { ok: true, parts: { header: read.header, claims: read.claims } };
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

/** Decodes canonical base64url without padding (RFC 7515, section 2). Returns undefined for any other encoding. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
