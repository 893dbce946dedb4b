import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { decodeJwt } from 'jose';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import {
  introspectCredential,
  type VerifiedCredential,
} from '../../application/authority/verify-credential.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { type ApiFailure, sendError } from '../server/api-error.ts';
import { beforeBody, readBasic } from '../server/authenticate.ts';
import { type FailureLimit, REFUSALS_LOGGED_PER_MINUTE, usedFrom } from '../server/failure-limit.ts';
import { readForm } from '../server/request-body.ts';

export interface IntrospectionRouteDependencies {
  ports: AuthorityPorts;
  /** The services that may introspect. If empty, every call is refused. */
  clients: readonly IntrospectionClient[];
  failureLimit: FailureLimit;
}

interface IntrospectionClient {
  id: string;
  secret: Secret;
}

/** Adds `POST /oauth/introspect` (RFC 7662) for API keys and access tokens. */
export function addIntrospectionRoute(
  server: FastifyInstance,
  { ports, clients, failureLimit }: IntrospectionRouteDependencies,
): void {
  const findClient = createClientLookup(clients);
  const log = createLimitedLog(ports.logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
  const { onRequest, callerOf } = beforeBody(async (request, reply) => {
    const { address } = usedFrom(request);
    const basic = readBasic(request);
    const clientId = basic.ok ? findClient(basic) : undefined;
    if (clientId !== undefined) return { id: clientId, address };
    const failure = await failureLimit.countFailure(address);
    // Past the limit at debug level, so that callers can't fill the log.
    log[failure.limited ? 'debug' : 'info']({ from: address }, 'introspection client rejected');
    const reason = clients.length > 0 ? 'client_rejected' : 'no_clients_configured';
    sendError(
      reply,
      failure.limited
        ? { reason: 'too_many_failures', retryAfterSeconds: failure.retryAfterSeconds }
        : { reason },
    );
    return undefined;
  });
  server.post('/oauth/introspect', { onRequest }, async (request, reply) => {
    const token = readToken(request.body);
    if (!token.ok) return sendError(reply, token.failure);
    const verified = await introspectCredential(ports, token.token, callerOf(request));
    return verified === undefined ? { active: false } : activeResponse(verified, token.token);
  });
}

/** Returns the client's ID if ID and secret match one. */
type FindClient = (basic: { username: string; password: Secret }) => string | undefined;

/**
 * Compares with every client, each in constant time. RFC 6749, section 2.3.1 requires both parts form-encoded, which many
 * clients skip: either form matches.
 */
function createClientLookup(clients: readonly IntrospectionClient[]): FindClient {
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

function readToken(body: unknown): { ok: true; token: Secret } | { ok: false; failure: ApiFailure } {
  const form = readForm(body, 'a form (application/x-www-form-urlencoded) with the field token');
  if (!form.ok) return form;
  // `token_type_hint` isn't needed: keys and access tokens differ in shape.
  const token = form.fields.get('token');
  if (token) return { ok: true, token: new Secret(token) };
  const description = 'The field token is missing.';
  return { ok: false, failure: { reason: 'invalid_request', description } };
}

/**
 * Returns the response of RFC 7662, section 2.2. Keys are of type Bearer too, as they may be sent as such: they have `key_id`,
 * and access tokens have `jti`, `iss` and `aud`. `scope` is the account's: `team` or `organization`.
 */
function activeResponse({ account, credential }: VerifiedCredential, token: Secret) {
  const isKey = credential.kind === 'api_key';
  return {
    active: true,
    scope: account.scope,
    client_id: account.id,
    username: account.name,
    token_type: 'Bearer',
    exp: toSeconds(credential.expiresAtMs),
    iat: toSeconds(isKey ? credential.createdAtMs : credential.issuedAtMs),
    sub: account.id,
    team: account.teamName,
    ...(isKey ? { key_id: credential.keyId } : { ...audienceOf(token), jti: credential.tokenId }),
  };
}

/** Decodes without verifying: the token was verified before. */
function audienceOf(accessToken: Secret) {
  const { iss, aud } = decodeJwt(accessToken.reveal());
  return { iss, aud };
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
