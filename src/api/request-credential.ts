import type { FastifyRequest } from 'fastify';
import { Secret } from '../domain/secret.ts';

export type ReadCredentialResult =
  | { ok: true; credential: Secret }
  /** `missing`: no `Authorization`. `malformed`: several, another scheme, or not as its scheme says. */
  | { ok: false; reason: 'missing' | 'malformed' };

export type ReadBasicResult =
  | { ok: true; username: string; password: Secret }
  | { ok: false; reason: 'missing' | 'malformed' };

const MALFORMED = { ok: false, reason: 'malformed' } as const;

/** An API key or access token: as Bearer (RFC 6750), or as the password of Basic under any user name (SDKs send `api`). */
export function readCredential(request: FastifyRequest): ReadCredentialResult {
  const header = readAuthorization(request);
  if (!header.ok) return header;
  if (header.scheme === 'basic') {
    const basic = decodeBasic(header.value.reveal());
    return basic.ok ? { ok: true, credential: basic.password } : basic;
  }
  const isToken = header.scheme === 'bearer' && /^[\w.~+/-]+=*$/.test(header.value.reveal());
  return isToken ? { ok: true, credential: header.value } : MALFORMED;
}

/** User name and password of Basic (RFC 7617). */
export function readBasic(request: FastifyRequest): ReadBasicResult {
  const header = readAuthorization(request);
  if (!header.ok) return header;
  return header.scheme === 'basic' ? decodeBasic(header.value.reveal()) : MALFORMED;
}

function readAuthorization(
  request: FastifyRequest,
): { ok: true; scheme: string; value: Secret } | { ok: false; reason: 'missing' | 'malformed' } {
  // `headers` keeps the first of several; a proxy before us may look at the last.
  const [header, ...more] = request.raw.headersDistinct.authorization ?? [];
  if (header === undefined) return { ok: false, reason: 'missing' };
  const [, scheme, value] = /^([A-Za-z]+) +([^ ]+)$/.exec(header.trim()) ?? [];
  if (scheme === undefined || value === undefined || more.length > 0) return MALFORMED;
  return { ok: true, scheme: scheme.toLowerCase(), value: new Secret(value) };
}

function decodeBasic(encoded: string): ReadBasicResult {
  // Node's own decoder skips what is no base64.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return MALFORMED;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 forbids them.
  if (colon === -1 || colon === decoded.length - 1 || /[\x00-\x1f\x7f]/.test(decoded)) return MALFORMED;
  return {
    ok: true,
    username: decoded.slice(0, colon),
    password: new Secret(decoded.slice(colon + 1)),
  };
}
