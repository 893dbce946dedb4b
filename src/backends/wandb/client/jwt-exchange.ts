import { z } from 'zod';
import type { ExchangeJwt, JwtExchange } from '../../../application/gateway/federated-credentials.ts';
import { Secret } from '../../../domain/keys/secret.ts';
import { parseBoundedJson } from '../../../net/json-bounds.ts';
import { exchangeOnce, type HttpResponse } from './graphql-exchange.ts';
import { readRetryAfterSeconds } from './response-failure.ts';
import { createTextCleaner } from './server-text.ts';
import { serverAddress } from './wandb-client.ts';

export interface JwtExchangeDependencies {
  /** With or without a path and a trailing slash. */
  baseUrl: string;
  fetch: typeof globalThis.fetch;
  /** For `Retry-After` as a date. */
  now: () => number;
  /** From sending the request to the last byte of the response. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 64 * 1024;
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** A server that is restarting, overloaded or behind a proxy that gave up; every other 4xx is about the JWT or the server's settings. */
const TEMPORARY_STATUSES = [408, 425, 429];

/** RFC 6749, section 5.1. The token becomes part of a header (RFC 6750, section 2.1). */
const tokenResponse = z.object({
  access_token: z.string().regex(/^[\w.~+/-]{1,8000}=*$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: z.union([
    z.number().positive(),
    z
      .string()
      .regex(/^[1-9]\d{0,9}$/)
      .transform(Number),
  ]),
});

/** What a server says about a refused JWT, as a standard error or in its own format. */
const errorResponse = z.object({ error: z.string(), error_description: z.string().optional() });

/** Creates the exchange at `/oidc/token` of a W&B server (RFC 7523, section 2.1). It follows no redirect and doesn't retry. */
export function createJwtExchange(dependencies: JwtExchangeDependencies): ExchangeJwt {
  const { fetch, timeoutMs = TIMEOUT_MS } = dependencies;
  const url = `${serverAddress(dependencies.baseUrl)}/oidc/token`;
  return async (jwt) => {
    const exchange = await exchangeOnce({
      fetch,
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': 'keysmith',
      },
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion: jwt.reveal() }).toString(),
      timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      signal: undefined,
    });
    if (!exchange.ok) return { ok: false, reason: 'unavailable', cause: exchange.failure.reason };
    return readResponse(exchange.response, jwt, dependencies.now());
  };
}

function readResponse(response: HttpResponse, jwt: Secret, nowMs: number): JwtExchange {
  const { status, text } = response;
  const json = parseBoundedJson(text);
  const body = json.ok ? json.value : undefined;
  if (status >= 200 && status < 300) {
    const token = tokenResponse.safeParse(body);
    if (!token.success) return { ok: false, reason: 'unusable', cause: 'the response has no access token' };
    const { access_token: accessToken, expires_in: expiresInSeconds } = token.data;
    return { ok: true, accessToken: new Secret(accessToken), expiresInSeconds };
  }
  const error = errorResponse.safeParse(body);
  const said = error.success ? `: ${error.data.error_description ?? error.data.error}` : '';
  const cause = createTextCleaner(jwt).message(`HTTP ${status}${said}`);
  if (status >= 500 || TEMPORARY_STATUSES.includes(status)) {
    const retryAfterSeconds = readRetryAfterSeconds(response.retryAfter, nowMs);
    return { ok: false, reason: 'unavailable', cause, retryAfterSeconds };
  }
  return { ok: false, reason: status >= 400 ? 'rejected' : 'unusable', cause };
}
