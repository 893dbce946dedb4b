import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { StoreFault } from '../../application/ports/store.ts';

/** Every reason for which the API refuses or fails a request. A `description` is sent to the caller as it is. */
export type ApiFailure =
  // The request can't be read.
  | { reason: 'invalid_request'; description: string }
  | { reason: 'content_type_not_supported'; expected?: string }
  | { reason: 'body_too_large' | 'chunk_extensions_too_large' | 'headers_too_large' }
  | { reason: 'request_timeout' | 'expectation_failed' }
  // No route accepts the request.
  | { reason: 'not_found' }
  | { reason: 'method_not_allowed'; allowed: readonly string[] }
  // The caller isn't authenticated or lacks access.
  | { reason: 'signature_rejected' }
  | { reason: 'credential_missing' | 'client_rejected' | 'no_clients_configured' | 'team_not_accessible' }
  | { reason: 'credential_rejected'; reference: string }
  | { reason: 'too_many_failures'; retryAfterSeconds: number }
  | { reason: 'caller_busy' | 'server_busy'; retryAfterSeconds: number }
  // The token request isn't granted.
  | { reason: 'grant_type_not_supported'; supported: string }
  | { reason: 'assertion_rejected'; description: string }
  | { reason: 'signing_key_not_found' | 'issuer_keys_unavailable'; retryAfterSeconds: number }
  // Keysmith, or something it depends on, isn't available.
  | { reason: 'slack_not_connected' | 'overloaded' }
  | { reason: 'store_unavailable'; fault: StoreFault; reference: string }
  | { reason: 'unexpected'; reference: string }
  | GatewayFailure;

/** A failure that only the gateway has, and describes itself. */
export interface GatewayFailure {
  reason: 'gateway';
  status: number;
  /** For programs. */
  code: string;
  description: string;
  retryAfterSeconds?: number;
}

/** The format of a route's errors: RFC 6749's codes alone (`oauth`), or the list that W&B's clients read (`graphql`). */
export type ErrorFormat = 'oauth' | 'graphql';

declare module 'fastify' {
  interface FastifyContextConfig {
    errorFormat?: ErrorFormat;
    /** Leaves a JSON body as text, whose signature the route checks. */
    keepsJsonText?: boolean;
  }
}

/**
 * A failure as the API sends it, in the shape of RFC 6749, section 5.2. `error` is stable and for programs; `description` is
 * for people, in the characters that the RFC allows: ASCII without double quotes and backslashes.
 */
interface ApiError {
  status: number;
  error: string;
  description: string;
  headers?: Readonly<Record<string, string>>;
  /** The ID of the request, which its log lines carry. */
  reference?: string;
}

const RETRY_AFTER_SECONDS = 5;

/** Returns how the API responds to a failure. */
function describeFailure(failure: ApiFailure): ApiError {
  switch (failure.reason) {
    case 'invalid_request':
      return { status: 400, error: 'invalid_request', description: failure.description };
    case 'content_type_not_supported': {
      const description = failure.expected ? `Send ${failure.expected}.` : 'Unsupported content type.';
      return { status: 415, error: 'unsupported_content_type', description };
    }
    case 'body_too_large':
      return { status: 413, error: 'body_too_large', description: 'The body is too large.' };
    case 'chunk_extensions_too_large':
      return { status: 413, error: 'body_too_large', description: 'The chunk extensions are too large.' };
    case 'headers_too_large':
      return { status: 431, error: 'headers_too_large', description: 'The headers are too large.' };
    case 'request_timeout':
      return { status: 408, error: 'request_timeout', description: 'The request took too long to arrive.' };
    case 'expectation_failed': {
      const description = 'Only the expectation 100-continue is supported.';
      return { status: 417, error: 'expectation_failed', description };
    }
    case 'not_found':
      return { status: 404, error: 'not_found', description: 'Not found.' };
    case 'method_not_allowed': {
      // RFC 9110, section 15.5.6 requires `Allow`.
      const headers = { allow: failure.allowed.join(', ') };
      const description = `Use ${failure.allowed.join(' or ')}.`;
      return { status: 405, error: 'method_not_allowed', description, headers };
    }
    case 'credential_missing':
      return {
        status: 401,
        headers: CHALLENGE,
        error: 'missing_credential',
        description:
          'Send an API key or access token as a Bearer token, or as the password in HTTP Basic authentication.',
      };
    case 'credential_rejected':
      return {
        status: 401,
        headers: {
          'www-authenticate': 'Bearer realm="keysmith", error="invalid_token", Basic realm="keysmith"',
        },
        error: 'invalid_token',
        description: `This API key or access token is not valid. See the Keysmith log (reference ${failure.reference}).`,
        reference: failure.reference,
      };
    case 'signature_rejected':
      return {
        status: 403,
        error: 'invalid_signature',
        description: 'The body must be signed with a key in KEYSMITH_LEAK_KEYS.',
      };
    case 'client_rejected':
      return rejectedClient('Send the ID and secret of a client in KEYSMITH_INTROSPECTION_CLIENTS.');
    case 'no_clients_configured':
      return rejectedClient('No introspection clients are configured. Set KEYSMITH_INTROSPECTION_CLIENTS.');
    case 'team_not_accessible':
      return {
        status: 403,
        headers: INSUFFICIENT_SCOPE,
        error: 'insufficient_scope',
        description: "This service account doesn't have access to the required team.",
      };
    case 'too_many_failures':
      return {
        status: 429,
        headers: retryAfter(failure.retryAfterSeconds),
        error: 'too_many_failures',
        description:
          'Too many requests with invalid credentials came from this address. Valid credentials still work.',
      };
    case 'caller_busy':
      return {
        status: 429,
        headers: retryAfter(failure.retryAfterSeconds),
        error: 'too_many_requests',
        description: 'Too many requests from this caller are in progress. Try again in a moment.',
      };
    case 'server_busy':
      return {
        status: 503,
        headers: retryAfter(failure.retryAfterSeconds),
        error: 'temporarily_unavailable',
        description: 'Keysmith is handling too many requests. Try again in a moment.',
      };
    case 'grant_type_not_supported': {
      const description = `The only supported grant type is ${failure.supported}.`;
      return { status: 400, error: 'unsupported_grant_type', description };
    }
    case 'assertion_rejected':
      return { status: 400, error: 'invalid_grant', description: failure.description };
    case 'signing_key_not_found':
      return {
        status: 429,
        headers: retryAfter(failure.retryAfterSeconds),
        error: 'temporarily_unavailable',
        description: "The issuer hasn't published the JWT's signing key yet. Try again in a moment.",
      };
    case 'issuer_keys_unavailable':
      return {
        status: 503,
        headers: retryAfter(failure.retryAfterSeconds),
        error: 'temporarily_unavailable',
        description: "The issuer's keys are currently unavailable. Try again in a moment.",
      };
    case 'overloaded':
      return {
        status: 503,
        headers: retryAfter(RETRY_AFTER_SECONDS),
        error: 'temporarily_unavailable',
        description: 'Too many unfinished requests. Try again in a moment.',
      };
    case 'slack_not_connected':
      return {
        status: 503,
        headers: retryAfter(RETRY_AFTER_SECONDS),
        error: 'slack_not_connected',
        description: "Keysmith isn't connected to Slack yet. Try again in a moment.",
      };
    case 'store_unavailable':
      return {
        status: 503,
        headers: retryAfter(RETRY_AFTER_SECONDS),
        error: 'temporarily_unavailable',
        description:
          failure.fault === 'locked'
            ? "Keysmith's database is locked by another program. Try again in a moment."
            : `Keysmith can't use its database until its administrator fixes it. See the Keysmith log (reference ${failure.reference}).`,
        reference: failure.reference,
      };
    case 'gateway': {
      const { status, code: error, description, retryAfterSeconds } = failure;
      const headers = {
        ...(retryAfterSeconds !== undefined && retryAfter(retryAfterSeconds)),
        ...(status === 401 && CHALLENGE),
        ...(status === 403 && INSUFFICIENT_SCOPE),
      };
      return { status, error, description, headers };
    }
    case 'unexpected':
      return {
        status: 500,
        error: 'server_error',
        description: `Unexpected error. See the Keysmith log (reference ${failure.reference}).`,
        reference: failure.reference,
      };
  }
}

/** RFC 6750, section 3.1: without an error code, as for a request without credentials. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="keysmith", Basic realm="keysmith"' };

/** RFC 6750, section 3.1. */
export const INSUFFICIENT_SCOPE = {
  'www-authenticate': 'Bearer realm="keysmith", error="insufficient_scope"',
};

function rejectedClient(description: string): ApiError {
  const headers = { 'www-authenticate': 'Basic realm="keysmith"' };
  return { status: 401, error: 'invalid_client', description, headers };
}

function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(seconds) };
}

/** Sent with every response unless its route sets others. */
export const DEFAULT_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Sends a failure as a response.
 *
 * @param format by default, the format in the `config` of the request's route
 */
export function sendError(reply: FastifyReply, failure: ApiFailure, format?: ErrorFormat): FastifyReply {
  const config = reply.request.routeOptions?.config;
  const { status, headers, body } = errorResponse(failure, format ?? config?.errorFormat);
  return reply
    .code(status)
    .headers({ ...DEFAULT_HEADERS, ...headers })
    .send(body);
}

/** Responds to a request that never reaches Fastify, and closes its connection. */
export function sendRawError(response: ServerResponse, failure: ApiFailure): void {
  const { status, headers, text } = rawErrorResponse(failure);
  response.writeHead(status, headers).end(text);
}

/** Returns status, headers and JSON text of a response after which the connection closes. */
export function rawErrorResponse(failure: ApiFailure) {
  const { status, headers, body } = errorResponse(failure);
  const text = JSON.stringify(body);
  return {
    status,
    headers: {
      ...DEFAULT_HEADERS,
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      connection: 'close',
      ...headers,
    },
    text,
  };
}

function errorResponse(failure: ApiFailure, format?: ErrorFormat) {
  const described = describeFailure(format === 'oauth' ? toOauthFailure(failure) : failure);
  const { status, headers, error, description, reference } = described;
  const details = { error_description: description, ...(reference !== undefined && { reference }) };
  // SDK 0.26 and newer show the text in `error`, if there is one, instead of the list.
  const named = format === 'graphql' ? { errors: [{ message: description }], code: error } : { error };
  return { status, headers, body: { ...named, ...details } };
}

/** RFC 6749, section 5.2 has no code for a body that isn't a form. */
function toOauthFailure(failure: ApiFailure): ApiFailure {
  if (failure.reason !== 'content_type_not_supported') return failure;
  const { expected = 'a form (application/x-www-form-urlencoded)' } = failure;
  return { reason: 'invalid_request', description: `Send ${expected}.` };
}
