import type { FastifyReply, FastifyRequest } from 'fastify';
import type {
  AuthorityPorts,
  UsedFrom,
  VerificationFailure,
} from '../../application/authority/authority-context.ts';
import {
  type EndedCredential,
  type VerifiedCredential,
  verifyCredential,
} from '../../application/authority/verify-credential.ts';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { type ApiFailure, sendError } from './api-error.ts';
import { type FailureLimit, REFUSALS_LOGGED_PER_MINUTE, usedFrom } from './failure-limit.ts';

/**
 * Returns the service account that sent a request, by its API key or access token. Returns undefined after it has sent an
 * error: 401 with `WWW-Authenticate`, 429 with `Retry-After` after too many failures of the address, or 503.
 */
export type Authenticate = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<VerifiedCredential | undefined>;

/**
 * Returns a hook that identifies the caller before the body is read, so that an unknown caller learns nothing else and causes no
 * work, and a function that returns the caller to the handler.
 */
export function beforeBody<Caller>(
  identify: (request: FastifyRequest, reply: FastifyReply) => Promise<Caller | undefined>,
) {
  const callers = new WeakMap<FastifyRequest, { caller: Caller }>();
  return {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      const caller = await identify(request, reply);
      if (caller === undefined) return reply;
      callers.set(request, { caller });
    },
    callerOf(request: FastifyRequest): Caller {
      const found = callers.get(request);
      if (found === undefined) throw new Error('the caller is unknown');
      return found.caller;
    },
  };
}

export interface AuthenticateDependencies {
  ports: AuthorityPorts;
  failureLimit: FailureLimit;
  /** How a group of routes describes a credential that is missing (no reference) or invalid. */
  describe?: (request: FastifyRequest, reference?: string) => ApiFailure;
  /** Called for a credential that was valid once. Returns whether it responds itself, instead of with 401. */
  onEnded?: (ended: EndedCredential, request: FastifyRequest, reply: FastifyReply) => boolean;
}

export function createAuthenticate({
  ports,
  failureLimit,
  describe = (_request, reference) =>
    reference === undefined ? { reason: 'credential_missing' } : { reason: 'credential_rejected', reference },
  onEnded = () => false,
}: AuthenticateDependencies): Authenticate {
  const log = createLimitedLog(ports.logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
  return async (request, reply) => {
    const read = readCredential(request);
    if (!read.ok && read.reason === 'missing') {
      sendError(reply, describe(request));
      return undefined;
    }
    const from = usedFrom(request);
    try {
      const result = read.ok
        ? await verifyCredential(ports, read.credential, from)
        : ({ ok: false, reason: 'malformed' } as const);
      if (result.ok) return result.verified;
      if ('genuine' in result && onEnded(result.genuine, request, reply)) return undefined;
      await reject(result.reason, from, reply);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      const reference = request.id;
      log.error({ err: error, requestId: reference }, 'credential not verified');
      sendError(reply, { reason: 'store_unavailable', fault: error.fault, reference });
    }
    return undefined;
  };

  /** Only logs the reason: a caller with a stolen credential learns nothing about it. */
  async function reject(reason: VerificationFailure, from: UsedFrom, reply: FastifyReply): Promise<void> {
    const reference = reply.request.id;
    const failure = await failureLimit.countFailure(from.address);
    // Past the limit at debug level, so that callers can't fill the log.
    log[failure.limited ? 'debug' : 'info'](
      { reason, from: from.address, requestId: reference },
      'credential rejected',
    );
    sendError(
      reply,
      failure.limited
        ? { reason: 'too_many_failures', retryAfterSeconds: failure.retryAfterSeconds }
        : describe(reply.request, reference),
    );
  }
}

/**
 * `missing`: no `Authorization` header. `malformed`: several headers, an unsupported scheme, or a value that its scheme
 * doesn't allow.
 */
type HeaderProblem = { ok: false; reason: 'missing' | 'malformed' };

const MALFORMED = { ok: false, reason: 'malformed' } as const;

/** Reads a Bearer token (RFC 6750), or the password of Basic with any username, as the W&B SDKs send it. */
export function readCredential(request: FastifyRequest): { ok: true; credential: Secret } | HeaderProblem {
  const header = readAuthorization(request);
  if (!header.ok) return header;
  if (header.scheme === 'basic') {
    const basic = decodeBasic(header.value.reveal());
    return basic.ok ? { ok: true, credential: basic.password } : basic;
  }
  const isToken = header.scheme === 'bearer' && /^[\w.~+/-]+=*$/.test(header.value.reveal());
  return isToken ? { ok: true, credential: header.value } : MALFORMED;
}

export type ReadBasicResult = { ok: true; username: string; password: Secret } | HeaderProblem;

/** Reads username and password of Basic (RFC 7617). */
export function readBasic(request: FastifyRequest): ReadBasicResult {
  const header = readAuthorization(request);
  if (!header.ok) return header;
  return header.scheme === 'basic' ? decodeBasic(header.value.reveal()) : MALFORMED;
}

function readAuthorization(
  request: FastifyRequest,
): { ok: true; scheme: string; value: Secret } | HeaderProblem {
  // `headers` keeps the first of several headers; a proxy in front of Keysmith may look at the last.
  const header = request.headers.authorization;
  if (header === undefined) return { ok: false, reason: 'missing' };
  const [, scheme, value] = /^([A-Za-z]+) +([^ ]+)$/.exec(header.trim()) ?? [];
  if (scheme === undefined || value === undefined || countAuthorization(request) > 1) return MALFORMED;
  return { ok: true, scheme: scheme.toLowerCase(), value: new Secret(value) };
}

const AUTHORIZATION = 'authorization';

function countAuthorization({ raw: { rawHeaders } }: FastifyRequest): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) count += 1;
  }
  return count;
}

function decodeBasic(encoded: string): ReadBasicResult {
  // Node's decoder skips characters that aren't base64.
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
