import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Secret } from '../../domain/keys/secret.ts';
import type { EventLog } from '../../log/limited-log.ts';
import { sendError } from './api-error.ts';
import { readBasic } from './authenticate.ts';
import { type FailureLimit, usedFrom } from './failure-limit.ts';

/** A service that has an ID and a secret (RFC 6749, section 2.3.1). */
export interface OAuthClient {
  id: string;
  secret: Secret;
}

export interface AuthenticateClientOptions {
  /** If empty, all credentials are refused. */
  clients: readonly OAuthClient[];
  failureLimit: FailureLimit;
  log: EventLog;
}

type FormFields = ReadonlyMap<string, string>;

/**
 * Creates a check for clients that can authenticate, as HTTP Basic or in the form, but don't have to. The check returns false
 * after it has sent an error: 401 for wrong credentials, 400 for credentials sent in two ways, or 429.
 */
export function createOptionalClientCheck(options: AuthenticateClientOptions) {
  const findClient = createClientLookup(options.clients);
  return async (request: FastifyRequest, reply: FastifyReply, fields: FormFields): Promise<boolean> => {
    const sent = readCredentials(request, fields, options.clients);
    if (sent.kind === 'none' || (sent.kind === 'one' && findClient(sent) !== undefined)) return true;
    if (sent.kind === 'several') {
      const description = 'Send client credentials once: as HTTP Basic, or in the form.';
      sendError(reply, { reason: 'invalid_request', description });
    } else await rejectClient(request, reply, { ...options, logMessage: 'client credentials rejected' });
    return false;
  };
}

/** Counts a failure of the address, and sends 401, or 429 after too many. */
export async function rejectClient(
  request: FastifyRequest,
  reply: FastifyReply,
  options: AuthenticateClientOptions & { logMessage: string },
): Promise<void> {
  const { clients, failureLimit, log, logMessage } = options;
  const { address } = usedFrom(request);
  const failure = await failureLimit.countFailure(address);
  // Past the limit at debug level, so that callers can't fill the log.
  log[failure.limited ? 'debug' : 'info']({ from: address }, logMessage);
  sendError(
    reply,
    failure.limited
      ? { reason: 'too_many_failures', retryAfterSeconds: failure.retryAfterSeconds }
      : { reason: clients.length > 0 ? 'client_rejected' : 'no_clients_configured' },
  );
}

type SentCredentials =
  | { kind: 'one'; username: string; password: Secret }
  /** `invalid`: incomplete, or sent by a method that isn't supported. */
  | { kind: 'none' | 'several' | 'invalid' };

/** RFC 6749, section 2.3: a client must not use more than one method in a request. */
function readCredentials(
  request: FastifyRequest,
  fields: FormFields,
  clients: readonly OAuthClient[],
): SentCredentials {
  const basic = readBasic(request);
  // RFC 6749, section 3.2: a parameter without a value counts as omitted.
  const field = (name: string) => fields.get(name) || undefined;
  const [id, secret] = [field('client_id'), field('client_secret')];
  const hasAssertion = (field('client_assertion') ?? field('client_assertion_type')) !== undefined;
  // Some proxies pass an empty header on.
  const isSent = basic.ok || (basic.reason === 'malformed' && request.headers.authorization !== '');
  if (isSent) {
    // Some libraries repeat the ID.
    const isRepeated = id === undefined || !basic.ok || matchesUsername(basic.username, id);
    if (secret !== undefined || hasAssertion || !isRepeated) return { kind: 'several' };
    return basic.ok ? { kind: 'one', ...basic } : { kind: 'invalid' };
  }
  if (hasAssertion) return { kind: secret === undefined ? 'invalid' : 'several' };
  if (secret !== undefined) {
    return id === undefined
      ? { kind: 'invalid' }
      : { kind: 'one', username: id, password: new Secret(secret) };
  }
  // Any other ID alone says nothing: RFC 7523, section 2.1 makes it optional.
  return { kind: clients.some((client) => client.id === id) ? 'invalid' : 'none' };
}

function matchesUsername(username: string, id: string): boolean {
  return username === id || formDecode(username) === id;
}

/** Returns the client's ID if ID and secret match one. */
type FindClient = (credentials: { username: string; password: Secret }) => string | undefined;

/**
 * Compares with every client, each in constant time. RFC 6749, section 2.3.1 requires both parts of Basic form-encoded, which
 * many clients skip: either form matches.
 */
export function createClientLookup(clients: readonly OAuthClient[]): FindClient {
  const known = clients.map(({ id, secret }) => ({ id, digest: digestOf(id, secret.reveal()) }));
  return ({ username, password }) => {
    const plain = digestOf(username, password.reveal());
    const encoded = digestOf(formDecode(username), formDecode(password.reveal()));
    let found: string | undefined;
    for (const { id, digest } of known) {
      const isPlain = timingSafeEqual(digest, plain);
      const isEncoded = timingSafeEqual(digest, encoded);
      if (isPlain || isEncoded) found = id;
    }
    return found;
  };
}

/** Returns a digest of fixed length. JSON keeps the boundary between the two parts. */
function digestOf(id: string, secret: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([id, secret]))
    .digest();
}

function formDecode(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}
