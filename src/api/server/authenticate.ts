import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import type { UsedFrom, VerificationFailure } from '../../application/authority/outcomes.ts';
import { type VerifiedCredential, verifyCredential } from '../../application/authority/verify-credential.ts';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { sendError, sendStoreUnavailable } from './api-error.ts';
import { type FailureLimit, sendTooManyFailures, usedFrom } from './failure-limit.ts';

type ReadCredentialResult =
  | { ok: true; credential: Secret }
  /** `missing`: no `Authorization`. `malformed`: several, another scheme, or not as its scheme says. */
  | { ok: false; reason: 'missing' | 'malformed' };

export type ReadBasicResult =
  | { ok: true; username: string; password: Secret }
  | { ok: false; reason: 'missing' | 'malformed' };

const MALFORMED = { ok: false, reason: 'malformed' } as const;

/** An API key or access token: as Bearer (RFC 6750), or as the password of Basic under any user name (SDKs send `api`). */
function readCredential(request: FastifyRequest): ReadCredentialResult {
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

/**
 * Who sends this request: an account by its API key (Basic, the key as the password) or by a key or access token as
 * Bearer. Where the credential is missing or not good it has answered already (401 with `WWW-Authenticate`, 429 and
 * `Retry-After` after too many failures of the address, 503) and gives undefined.
 */
export type Authenticate = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<VerifiedCredential | undefined>;

export interface AuthenticateDependencies {
  ports: AuthorityPorts;
  failureLimit: FailureLimit;
}

export function createAuthenticate({ ports, failureLimit }: AuthenticateDependencies): Authenticate {
  return async (request, reply) => {
    const read = readCredential(request);
    if (!read.ok && read.reason === 'missing') return void sendMissing(reply);
    const from = usedFrom(request);
    try {
      const result = read.ok
        ? await verifyCredential(ports, read.credential, from)
        : ({ ok: false, reason: 'malformed' } as const);
      if (result.ok) return result.verified;
      await refuse(result.reason, from, reply);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      ports.logger.error({ err: error }, 'a credential could not be verified');
      sendStoreUnavailable(reply);
    }
    return undefined;
  };

  /** The reason is for the log alone: who holds a credential of others learns nothing about it. */
  async function refuse(reason: VerificationFailure, from: UsedFrom, reply: FastifyReply): Promise<void> {
    const failure = await failureLimit.failed(from.address);
    // Whoever fails a thousand times a minute fills no log.
    ports.logger[failure.limited ? 'debug' : 'info']({ reason, from: from.address }, 'credential refused');
    if (failure.limited) sendTooManyFailures(reply, failure.retryAfterSeconds);
    else sendNotGood(reply);
  }
}

/** RFC 6750, section 3: no error code to who sent no credential. */
function sendMissing(reply: FastifyReply): void {
  sendError(reply, {
    status: 401,
    error: 'missing_credential',
    description:
      'Send an API key or an access token: Authorization: Bearer, or Basic with the key as the password.',
    headers: { 'www-authenticate': challenge('Bearer realm="keysmith"') },
  });
}

function sendNotGood(reply: FastifyReply): void {
  sendError(reply, {
    status: 401,
    error: 'invalid_token',
    description: 'This API key or access token is not valid. The log of Keysmith has the reason.',
    headers: { 'www-authenticate': challenge('Bearer realm="keysmith", error="invalid_token"') },
  });
}

function challenge(bearer: string): string {
  return `${bearer}, Basic realm="keysmith"`;
}
