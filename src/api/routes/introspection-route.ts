import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { decodeJwt } from 'jose';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import {
  introspectCredential,
  type VerifiedCredential,
} from '../../application/authority/verify-credential.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { invalidRequest, oneMethod, sendError, unsupportedContentType } from '../server/api-error.ts';
import { readBasic } from '../server/authenticate.ts';
import { type FailureLimit, sendTooManyFailures, usedFrom } from '../server/failure-limit.ts';
import { readForm } from '../server/request-body.ts';

/** Who may introspect. */
interface IntrospectionClient {
  id: string;
  secret: Secret;
}

/** The client's ID where ID and secret are those of a client; undefined otherwise. */
type CheckClient = (given: { username: string; password: Secret }) => string | undefined;

/**
 * Compares with every client, each in constant time. RFC 6749, section 2.3.1 has both parts form-encoded, which many
 * clients leave out: either is taken.
 */
function createClientCheck(clients: readonly IntrospectionClient[]): CheckClient {
  const known = clients.map(({ id, secret }) => ({ id, digest: digestOf(id, secret.reveal()) }));
  return ({ username, password }) => {
    const plain = digestOf(username, password.reveal());
    const encoded = digestOf(formDecoded(username), formDecoded(password.reveal()));
    let found: string | undefined;
    for (const { id, digest } of known) {
      const isPlain = timingSafeEqual(digest, plain);
      const isEncoded = timingSafeEqual(digest, encoded);
      if (isPlain || isEncoded) found = id;
    }
    return found;
  };
}

/** Of one length, whatever the parts are; the parts' border is part of it. */
function digestOf(id: string, secret: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([id, secret]))
    .digest();
}

function formDecoded(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}

export interface IntrospectionRouteDependencies {
  ports: AuthorityPorts;
  /** None: nobody may introspect. */
  clients: readonly IntrospectionClient[];
  failureLimit: FailureLimit;
}

/** `POST /oauth/introspect` (RFC 7662), for API keys and access tokens. */
export function addIntrospectionRoute(
  server: FastifyInstance,
  { ports, clients, failureLimit }: IntrospectionRouteDependencies,
): void {
  const checkClient = createClientCheck(clients);
  oneMethod(server, {
    method: 'POST',
    url: '/oauth/introspect',
    handler: async (request, reply) => {
      const { address } = usedFrom(request);
      const given = readBasic(request);
      const clientId = given.ok ? checkClient(given) : undefined;
      if (clientId === undefined) {
        const failure = await failureLimit.failed(address);
        // Whoever fails a thousand times a minute fills no log.
        ports.logger[failure.limited ? 'debug' : 'info']({ from: address }, 'introspection refused');
        return failure.limited
          ? sendTooManyFailures(reply, failure.retryAfterSeconds)
          : sendInvalidClient(reply, clients.length > 0);
      }
      const token = readToken(request.body);
      if (!token.ok) return sendError(reply, refusalOf(token.reason));
      const verified = await introspectCredential(ports, token.token, { id: clientId, address });
      return verified === undefined ? { active: false } : activeAnswer(verified, token.token);
    },
  });
}

type TokenProblem = 'not_a_form' | 'repeated' | 'no_token';

function readToken(body: unknown): { ok: true; token: Secret } | { ok: false; reason: TokenProblem } {
  const form = readForm(body);
  if (!form.ok) return form;
  // `token_type_hint` helps those who keep tokens apart: here their shape tells them.
  const token = form.fields.get('token');
  return token ? { ok: true, token: new Secret(token) } : { ok: false, reason: 'no_token' };
}

function refusalOf(reason: TokenProblem) {
  switch (reason) {
    case 'not_a_form':
      return unsupportedContentType('a form (application/x-www-form-urlencoded) with the field token');
    case 'repeated':
      return invalidRequest('A field stands more than once in the form.');
    case 'no_token':
      return invalidRequest('The field token is missing.');
  }
}

/**
 * RFC 7662, section 2.2. Keys are of type Bearer too, as they may be sent so; `key_id` tells them from access tokens, which
 * have `jti`, `iss` and `aud` instead. `scope` is how far the account reaches: `team` or `organization`.
 */
function activeAnswer({ account, credential }: VerifiedCredential, token: Secret) {
  const isKey = credential.kind === 'api_key';
  return {
    active: true,
    scope: account.scope,
    client_id: account.id,
    username: account.name,
    token_type: 'Bearer',
    exp: seconds(credential.expiresAtMs),
    iat: seconds(isKey ? credential.createdAtMs : credential.issuedAtMs),
    sub: account.id,
    team: account.teamName,
    ...(isKey ? { key_id: credential.keyId } : { ...audienceOf(token), jti: credential.tokenId }),
  };
}

/** Whose signature was verified. */
function audienceOf(accessToken: Secret) {
  const { iss, aud } = decodeJwt(accessToken.reveal());
  return { iss, aud };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function sendInvalidClient(reply: FastifyReply, hasClients: boolean): FastifyReply {
  return sendError(reply, {
    status: 401,
    error: 'invalid_client',
    description: hasClients
      ? 'Send the ID and secret of an introspection client as HTTP Basic.'
      : 'No introspection clients are configured: set KEYSMITH_INTROSPECTION_CLIENTS.',
    headers: { 'www-authenticate': 'Basic realm="keysmith"' },
  });
}
