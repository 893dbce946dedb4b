import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import {
  type ExchangeRefusal,
  exchangeAssertion,
  type LoggedAssertion,
} from '../../application/authority/exchange-assertion.ts';
import {
  type ApiError,
  invalidRequest,
  oneMethod,
  sendError,
  unsupportedContentType,
} from '../server/api-error.ts';
import { type FailureLimit, sendTooManyFailures, usedFrom } from '../server/failure-limit.ts';
import { readForm } from '../server/request-body.ts';

export const TOKEN_PATH = '/oidc/token';
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const MAX_BODY_BYTES = 64 * 1024;

export interface TokenRouteDependencies {
  ports: AuthorityPorts;
  failureLimit: FailureLimit;
}

/** `POST /oidc/token`: exchanges the JWT of an external identity (RFC 7523, section 2.1). */
export function addTokenRoute(server: FastifyInstance, dependencies: TokenRouteDependencies): void {
  oneMethod(server, {
    method: 'POST',
    url: TOKEN_PATH,
    bodyLimit: MAX_BODY_BYTES,
    // RFC 6749, section 5.1; `Cache-Control: no-store` has every answer.
    onRequest: async (_request, reply) => void reply.header('pragma', 'no-cache'),
    handler: async (request, reply) => {
      const read = readAssertion(request.body);
      if (!read.ok) return sendError(reply, read.error);
      const from = usedFrom(request);
      const result = await exchangeAssertion(dependencies.ports, read.assertion, from);
      if (!result.ok) return refuse(reply, result, dependencies, from.address);
      return {
        access_token: result.accessToken.reveal(),
        token_type: 'Bearer',
        expires_in: result.expiresInSeconds,
      };
    },
  });
}

function readAssertion(body: unknown): { ok: true; assertion: string } | { ok: false; error: ApiError } {
  const form = readForm(body);
  if (!form.ok) {
    const isForm = form.reason === 'repeated';
    const error = isForm
      ? invalidRequest('A parameter is given more than once.')
      : unsupportedContentType('a form (application/x-www-form-urlencoded)');
    return { ok: false, error };
  }
  // RFC 6749, section 3.2: without a value it counts as left out.
  const grantType = form.fields.get('grant_type') || undefined;
  // SDKs send the file as it is, with the newline at its end.
  const assertion = form.fields.get('assertion')?.trim() || undefined;
  if (grantType === undefined) return { ok: false, error: invalidRequest('grant_type is missing.') };
  if (grantType !== JWT_BEARER_GRANT) {
    const description = `The only grant type here is ${JWT_BEARER_GRANT}.`;
    return { ok: false, error: { status: 400, error: 'unsupported_grant_type', description } };
  }
  if (assertion === undefined) {
    return { ok: false, error: invalidRequest('assertion is missing: it is the JWT of the workload.') };
  }
  return { ok: true, assertion };
}

/** Counted first: whoever fails a thousand times a minute fills no log. That keys can't be had is told all the same. */
async function refuse(
  reply: FastifyReply,
  { refusal, said }: { refusal: ExchangeRefusal; said: LoggedAssertion },
  { ports, failureLimit }: TokenRouteDependencies,
  address: string,
): Promise<FastifyReply> {
  const { ok: _, ...why } = refusal;
  const isOutage = refusal.reason === 'keys_unavailable';
  const counted = await failureLimit.failed(address);
  const level = isOutage ? 'warn' : 'info';
  ports.logger[counted.limited ? 'debug' : level](
    { ...why, ...said, from: address },
    'did not exchange a JWT',
  );
  if (!counted.limited || isOutage) return sendError(reply, errorOf(refusal));
  sendTooManyFailures(reply, counted.retryAfterSeconds);
  return reply;
}

/** The SDKs try 429 and 503 again; any other 4xx is final for them, and they show it. */
function errorOf(failed: ExchangeRefusal): ApiError {
  switch (failed.reason) {
    case 'keys_unavailable':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'The keys of the issuer can not be had now. Try again in a moment.',
        headers: { 'retry-after': String(failed.retryAfterSeconds) },
      };
    case 'keys_asked_recently':
      return {
        status: 429,
        error: 'temporarily_unavailable',
        description:
          'The JWT is signed with a key that the issuer did not publish a moment ago. Try again in a moment.',
        headers: { 'retry-after': String(failed.retryAfterSeconds) },
      };
    default:
      return { status: 400, error: 'invalid_grant', description: descriptionOf(failed) };
  }
}

/** What kind of check failed. Nothing that the sender does not hold: no subject, issuer or audience that would be good. */
function descriptionOf({ reason, claim }: Exclude<ExchangeRefusal, { retryAfterSeconds: number }>): string {
  switch (reason) {
    case 'malformed':
      return 'The assertion is not a JWT that can be read in one way only.';
    case 'unknown_issuer':
      return 'iss is not a registered issuer: it must be the same letter for letter, a slash at the end included.';
    case 'algorithm_not_allowed':
      return 'The JWT is signed with an algorithm that is not allowed: it must be an asymmetric one that fits the key of the issuer.';
    case 'critical_header':
      return 'The JWT has a critical header (crit) that is not understood here.';
    case 'wrong_type':
      return 'The JWT is not of the type JWT (typ): it was issued for another use. Send an ID token.';
    case 'no_such_key':
      return 'The JWT is signed with a key that the issuer does not publish.';
    case 'bad_signature':
      return 'The signature of the JWT does not fit the keys that the issuer publishes.';
    case 'wrong_audience':
      return 'aud does not name this organization.';
    case 'no_expiry':
      return 'The JWT does not say when it ends: exp is missing.';
    case 'expired':
      return 'The JWT ended: exp is in the past. Get a new one, or check the clock.';
    case 'not_yet_valid':
      return 'The JWT is not valid yet: nbf is in the future. Check the clock of its issuer.';
    case 'issued_in_the_future':
      return 'iat is in the future. Check the clock of the issuer.';
    case 'lives_too_long':
      return 'The JWT lives longer than JWTs of this issuer may: get one with a shorter life.';
    case 'sender_constrained':
      return 'The JWT is bound to a key of its holder (cnf), which is not supported here: get one that is not bound.';
    case 'security_event':
      return 'The JWT tells of events, as a logout token does: it is not for signing in. Send an ID token.';
    case 'bad_claim':
      return `${claim} is missing, or is not what RFC 7519 says it is.`;
    case 'unknown_subject':
    case 'team_archived':
      // One answer: whether there was an account is nobody's business.
      return 'No service account is registered for this iss and sub: both must be the same letter for letter.';
    case 'no_token_id':
      return 'jti is missing: JWTs of this issuer are good once, and are told apart by it.';
    case 'used_before':
      return 'The JWT was used before: JWTs of this issuer are good once. Get a new one.';
  }
}
