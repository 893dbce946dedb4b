import { expect, test } from 'vitest';
import { type ApiFailure, rawErrorResponse } from '../../../src/api/server/api-error.ts';
import type { StoreFault } from '../../../src/application/ports/store.ts';

const reference = 'ks_8mG2kQp0ZxY4aB';
const retryAfterSeconds = 7;
const description = 'grant_type is missing.';

/** An example of every failure, with the status and code that clients rely on. */
const examples: Record<ApiFailure['reason'], [details: object, status: number, code: string]> = {
  invalid_request: [{ description }, 400, 'invalid_request'],
  content_type_not_supported: [{}, 415, 'unsupported_content_type'],
  body_too_large: [{}, 413, 'body_too_large'],
  chunk_extensions_too_large: [{}, 413, 'body_too_large'],
  headers_too_large: [{}, 431, 'headers_too_large'],
  request_timeout: [{}, 408, 'request_timeout'],
  expectation_failed: [{}, 417, 'expectation_failed'],
  not_found: [{}, 404, 'not_found'],
  method_not_allowed: [{ allowed: ['GET', 'HEAD'] }, 405, 'method_not_allowed'],
  signature_rejected: [{}, 403, 'invalid_signature'],
  credential_missing: [{}, 401, 'missing_credential'],
  credential_rejected: [{ reference }, 401, 'invalid_token'],
  client_rejected: [{}, 401, 'invalid_client'],
  no_clients_configured: [{}, 401, 'invalid_client'],
  team_not_accessible: [{}, 403, 'insufficient_scope'],
  too_many_failures: [{ retryAfterSeconds }, 429, 'too_many_failures'],
  grant_type_not_supported: [{ supported: 'urn:x' }, 400, 'unsupported_grant_type'],
  assertion_rejected: [{ description }, 400, 'invalid_grant'],
  caller_busy: [{ retryAfterSeconds }, 429, 'too_many_requests'],
  server_busy: [{ retryAfterSeconds }, 503, 'temporarily_unavailable'],
  signing_key_not_found: [{ retryAfterSeconds }, 429, 'temporarily_unavailable'],
  issuer_keys_unavailable: [{ retryAfterSeconds }, 503, 'temporarily_unavailable'],
  slack_not_connected: [{}, 503, 'slack_not_connected'],
  overloaded: [{}, 503, 'temporarily_unavailable'],
  store_unavailable: [{ fault: 'locked', reference }, 503, 'temporarily_unavailable'],
  unexpected: [{ reference }, 500, 'server_error'],
  gateway: [
    { status: 503, retryAfterSeconds, code: 'upstream_unavailable', description },
    503,
    'upstream_unavailable',
  ],
};

test.each(Object.entries(examples))('the failure %s has a stable status and code', (reason, example) => {
  const [details, status, code] = example;
  const response = rawErrorResponse({ reason, ...details } as ApiFailure);

  expect(response.status).toBe(status);
  const body = JSON.parse(response.text);
  expect(body).toEqual({
    error: code,
    // RFC 6749, section 5.2: ASCII without double quotes and backslashes.
    error_description: expect.stringMatching(/^[ !#-[\]-~]+$/),
    ...('reference' in details && { reference }),
  });
  expect(response.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(response.text.length),
    ...(status === 401 && { 'www-authenticate': expect.stringContaining('realm="keysmith"') }),
    ...([429, 503].includes(status) && { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) }),
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
});

test('only a locked database is worth another try', () => {
  const described = (fault: StoreFault) =>
    JSON.parse(rawErrorResponse({ reason: 'store_unavailable', fault, reference }).text).error_description;

  expect(described('locked')).toContain('Try again in a moment.');
  for (const fault of ['read_only', 'full', 'damaged', 'unreadable', 'replaced'] as const) {
    expect(described(fault)).toContain(`See the Keysmith log (reference ${reference})`);
    expect(described(fault)).not.toContain('Try again');
  }
});
