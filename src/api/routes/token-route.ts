import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import {
  type ExchangeRefusal,
  exchangeAssertion,
  type LoggedAssertion,
} from '../../application/authority/exchange-assertion.ts';
import { createLimitedLog, type EventLog } from '../../log/limited-log.ts';
import type { Admit } from '../server/admission.ts';
import { type ApiFailure, sendError } from '../server/api-error.ts';
import { createOptionalClientCheck, type OAuthClient } from '../server/authenticate-client.ts';
import {
  type FailureLimit,
  networkOf,
  REFUSALS_LOGGED_PER_MINUTE,
  usedFrom,
} from '../server/failure-limit.ts';
import { readForm } from '../server/request-body.ts';

export const TOKEN_PATH = '/oidc/token';
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const MAX_BODY_BYTES = 64 * 1024;
/** Far more than workloads start, as each line says who got a token. One workload alone could cause thousands. */
const EXCHANGES_LOGGED_PER_MINUTE = 600;

export interface TokenRouteDependencies {
  ports: AuthorityPorts;
  /** A client may authenticate, although the JWT alone identifies the workload (RFC 7523, section 2.1). */
  clients: readonly OAuthClient[];
  failureLimit: FailureLimit;
  /** Bounds the work of each network. */
  admit: Admit;
}

/** Adds `POST /oidc/token`, which exchanges the JWT of an external identity for an access token (RFC 7523, section 2.1). */
export function addTokenRoute(server: FastifyInstance, dependencies: TokenRouteDependencies): void {
  const { ports, clients, failureLimit, admit } = dependencies;
  const log = createLimitedLog(ports.logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
  const exchangeLog = createLimitedLog(ports.logger, { linesPerWindow: EXCHANGES_LOGGED_PER_MINUTE });
  const checkClient = createOptionalClientCheck({ clients, failureLimit, log });
  server.route({
    method: 'POST',
    url: TOKEN_PATH,
    bodyLimit: MAX_BODY_BYTES,
    config: { errorFormat: 'oauth' },
    // RFC 6749, section 5.1. Every response has `Cache-Control: no-store` already.
    onRequest: async (_request, reply) => void reply.header('pragma', 'no-cache'),
    handler: async (request, reply) => {
      const form = readForm(request.body);
      if (!form.ok) return sendError(reply, form.failure);
      if (!(await checkClient(request, reply, form.fields))) return reply;
      const read = readAssertion(form.fields);
      if (!read.ok) return sendError(reply, read.failure);
      const from = usedFrom(request);
      const admitted = await admit(networkOf(from.address), request, reply);
      if (admitted === undefined) return reply;
      const result = await exchangeAssertion(ports, read.assertion, from, exchangeLog).finally(admitted.done);
      if (!result.ok) return reject(reply, result, { ...dependencies, log }, from.address);
      return {
        access_token: result.accessToken.reveal(),
        token_type: 'Bearer',
        expires_in: result.expiresInSeconds,
        // Required, because it differs from what the client requested (RFC 6749, section 5.1).
        scope: result.scope,
      };
    },
  });
}

function readAssertion(
  fields: ReadonlyMap<string, string>,
): { ok: true; assertion: string } | { ok: false; failure: ApiFailure } {
  // RFC 6749, section 3.2: a parameter without a value counts as omitted.
  const grantType = fields.get('grant_type') || undefined;
  // SDKs send the token file as it is, including the newline at its end.
  const assertion = fields.get('assertion')?.trim() || undefined;
  if (grantType === undefined) return invalidRequest('grant_type is missing.');
  if (grantType !== JWT_BEARER_GRANT) {
    return { ok: false, failure: { reason: 'grant_type_not_supported', supported: JWT_BEARER_GRANT } };
  }
  if (assertion === undefined) return invalidRequest("assertion is missing. Send the workload's JWT.");
  return { ok: true, assertion };
}

function invalidRequest(description: string): { ok: false; failure: ApiFailure } {
  return { ok: false, failure: { reason: 'invalid_request', description } };
}

/** Past the limit, it logs at debug level so that callers can't fill the log, and still reports an outage of the issuer. */
async function reject(
  reply: FastifyReply,
  { refusal, unverified }: { refusal: ExchangeRefusal; unverified: LoggedAssertion },
  { failureLimit, log }: TokenRouteDependencies & { log: EventLog },
  address: string,
): Promise<FastifyReply> {
  const { ok: _, ...why } = refusal;
  const isOutage = refusal.reason === 'keys_unavailable';
  const counted = await failureLimit.countFailure(address);
  const level = isOutage ? 'warn' : 'info';
  log[counted.limited ? 'debug' : level]({ ...why, ...unverified, from: address }, 'assertion rejected');
  return sendError(
    reply,
    counted.limited && !isOutage
      ? { reason: 'too_many_failures', retryAfterSeconds: counted.retryAfterSeconds }
      : failureOf(refusal),
  );
}

/** The SDKs retry 429 and 503. Any other 4xx is final for them, and they show its description. */
function failureOf(refusal: ExchangeRefusal): ApiFailure {
  switch (refusal.reason) {
    case 'keys_unavailable':
      return { reason: 'issuer_keys_unavailable', retryAfterSeconds: refusal.retryAfterSeconds };
    case 'keys_asked_recently':
      return { reason: 'signing_key_not_found', retryAfterSeconds: refusal.retryAfterSeconds };
    default:
      return { reason: 'assertion_rejected', description: descriptionOf(refusal) };
  }
}

/** Names the failed check only: no subject, issuer or audience that would pass. */
function descriptionOf({ reason, claim }: Exclude<ExchangeRefusal, { retryAfterSeconds: number }>): string {
  switch (reason) {
    case 'malformed':
      return 'The assertion is not a valid JWT.';
    case 'unknown_issuer':
      return 'iss is not a registered issuer. It must match exactly, including a trailing slash.';
    case 'own_issuer':
      return "Keysmith issued this JWT, and doesn't exchange its own. Send the JWT of the workload's identity provider.";
    case 'algorithm_not_allowed':
      return "The signing algorithm is not allowed. Use an asymmetric algorithm that fits the issuer's key.";
    case 'critical_header':
      return 'The JWT has an unsupported critical header (crit).';
    case 'wrong_type':
      return 'The JWT was issued for another use: typ is not JWT. Send an ID token.';
    case 'no_such_key':
      return "The issuer doesn't publish the key that signed the JWT.";
    case 'bad_signature':
      return "The JWT's signature doesn't match the keys that the issuer publishes.";
    case 'wrong_audience':
      return "aud doesn't include this organization.";
    case 'no_expiry':
      return "The JWT doesn't expire: exp is missing.";
    case 'expired':
      return 'The JWT has expired: exp is in the past. Get a new one, or check the clock.';
    case 'not_yet_valid':
      return "The JWT is not valid yet: nbf is in the future. Check the issuer's clock.";
    case 'issued_in_the_future':
      return "The JWT is not valid yet: iat is in the future. Check the issuer's clock.";
    case 'lives_too_long':
      return "The JWT's lifetime is longer than this issuer's JWTs may have. Get one with a shorter lifetime.";
    case 'sender_constrained':
      return 'The JWT is bound to a key (cnf), which is not supported. Get one that is not bound.';
    case 'security_event':
      return 'The JWT is a security event token, such as a logout token. Send an ID token.';
    case 'bad_claim':
      return `${claim} is missing or does not follow RFC 7519.`;
    case 'unknown_subject':
    case 'team_archived':
      // The same text for both, so that the caller doesn't learn whether there was an account.
      return 'No service account is registered for this iss and sub. Both must match exactly.';
    case 'no_token_id':
      return "jti is missing. It is required because this issuer's JWTs can be used only once.";
    case 'used_before':
      return "The JWT was already used. This issuer's JWTs can be used only once. Get a new one.";
  }
}
