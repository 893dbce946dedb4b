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
import { createClientLookup, type OAuthClient, rejectClient } from '../server/authenticate-client.ts';
import { type FailureLimit, REFUSALS_LOGGED_PER_MINUTE, usedFrom } from '../server/failure-limit.ts';
import { readForm } from '../server/request-body.ts';

export interface IntrospectionRouteDependencies {
  ports: AuthorityPorts;
  /** The services that may introspect. If empty, every call is refused. */
  clients: readonly OAuthClient[];
  failureLimit: FailureLimit;
}

/** Adds `POST /oauth/introspect` (RFC 7662) for API keys and access tokens. */
export function addIntrospectionRoute(
  server: FastifyInstance,
  { ports, clients, failureLimit }: IntrospectionRouteDependencies,
): void {
  const findClient = createClientLookup(clients);
  const log = createLimitedLog(ports.logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
  const { onRequest, callerOf } = beforeBody(async (request, reply) => {
    const basic = readBasic(request);
    const id = basic.ok ? findClient(basic) : undefined;
    if (id !== undefined) return { id, address: usedFrom(request).address };
    const logMessage = 'introspection client rejected';
    await rejectClient(request, reply, { clients, failureLimit, log, logMessage });
    return undefined;
  });
  const options = { onRequest, config: { errorFormat: 'oauth' } as const };
  server.post('/oauth/introspect', options, async (request, reply) => {
    const token = readToken(request.body);
    if (!token.ok) return sendError(reply, token.failure);
    const verified = await introspectCredential(ports, token.token, callerOf(request), log);
    return verified === undefined ? { active: false } : activeResponse(verified, token.token);
  });
}

function readToken(body: unknown): { ok: true; token: Secret } | { ok: false; failure: ApiFailure } {
  const form = readForm(body, 'a form (application/x-www-form-urlencoded) with the field token');
  if (!form.ok) return form;
  // `token_type_hint` isn't needed: keys and access tokens differ in shape.
  // RFC 6749, section 2.3: not by two methods.
  if (form.fields.get('client_secret')) return invalidRequest('Send client credentials only as HTTP Basic.');
  const token = form.fields.get('token');
  return token ? { ok: true, token: new Secret(token) } : invalidRequest('The field token is missing.');
}

function invalidRequest(description: string): { ok: false; failure: ApiFailure } {
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
    ...(credential.expiresAtMs !== undefined && { exp: toSeconds(credential.expiresAtMs) }),
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
