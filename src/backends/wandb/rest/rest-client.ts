import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Secret } from '../../../domain/keys/secret.ts';
import { parseBoundedJson } from '../../../net/json-bounds.ts';
import { exchangeOnce, type HttpResponse } from '../client/graphql-exchange.ts';
import { failureOfResponse } from '../client/response-failure.ts';
import {
  type Attempt,
  type AttemptLimits,
  type CallLimits,
  type CallOptions,
  callWithRetries,
  pauseFor,
  type RetryingCaller,
} from '../client/retries.ts';
import { createTextCleaner, type TextCleaner } from '../client/server-text.ts';
import { serverAddress, USER_AGENT } from '../client/wandb-client.ts';
import type { WandbOperation, WandbResult } from '../client/wandb-failure.ts';
import { authorizationOf, type CredentialScheme, credentialSchemes } from './credential-schemes.ts';

export interface RestClientDependencies extends Clock {
  /** With or without a path and a trailing slash. */
  baseUrl: string;
  apiKey: Secret;
  /** Reads the user name of the key's owner, which a person's key may need. */
  readUsername?: (options: CallOptions) => Promise<string | undefined>;
  fetch: typeof globalThis.fetch;
  /** From 0 up to 1. */
  random: () => number;
  /** Rejects when the signal aborts. */
  sleep?: RetryingCaller['sleep'];
  logger: Logger;
  limits?: Partial<RestLimits>;
}

interface RestLimits extends CallLimits {
  maxResponseBytes: number;
}

/** One kind of call to a W&B server's APIs other than GraphQL: SCIM or the audit log. */
export interface RestOperation<Value>
  extends Pick<WandbOperation<Value>, 'kind' | 'isIdempotent' | 'name' | 'isExpected' | 'skippedIn'> {
  method: 'GET' | 'POST' | 'DELETE';
  /** The path and query, below the server's address. */
  path: string;
  mediaType: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Reads a response with a 2xx status. */
  read: (response: HttpResponse) => WandbResult<Value>;
}

export interface RestClient {
  /** Calls the server, like a `WandbClient`. Never rejects. */
  call<Value>(operation: RestOperation<Value>, options?: CallOptions): Promise<WandbResult<Value>>;
}

const DEFAULT_LIMITS: RestLimits = {
  timeoutMs: 10_000,
  callMs: 30_000,
  maxResponseBytes: 4 * 1024 * 1024,
  maxTries: 3,
  basePauseMs: 250,
  maxPauseMs: 4_000,
  maxRetryAfterMs: 5_000,
};

interface Connection extends Required<Omit<RestClientDependencies, 'limits'>>, RetryingCaller {
  address: string;
  limits: RestLimits;
  cleaner: TextCleaner;
  /** The scheme that the server has accepted. */
  accepted: { scheme?: CredentialScheme };
}

export function createRestClient(dependencies: RestClientDependencies): RestClient {
  const connection: Connection = {
    sleep: pauseFor,
    readUsername: async () => undefined,
    ...dependencies,
    address: serverAddress(dependencies.baseUrl),
    limits: { ...DEFAULT_LIMITS, ...dependencies.limits },
    cleaner: createTextCleaner(dependencies.apiKey),
    mostSkipped: new Map(),
    accepted: {},
  };
  return {
    call: (operation, options = {}) =>
      callWithRetries(connection, operation, options, (limits) =>
        attemptWithAnyScheme(connection, operation, limits),
      ),
  };
}

/** Statuses with which a server may refuse a scheme. It hasn't carried out the request then. */
const REFUSED_CREDENTIAL = [401, 403];

/** Sends the key in the scheme that the server accepted before, else tries each scheme until the server accepts one. */
async function attemptWithAnyScheme<Value>(
  connection: Connection,
  operation: RestOperation<Value>,
  { timeoutMs, signal }: AttemptLimits,
): Promise<Attempt<Value>> {
  const { accepted, apiKey, monotonicMs, readUsername } = connection;
  const deadlineMs = monotonicMs() + timeoutMs;
  let refused: Attempt<Value> | undefined;
  for (const scheme of accepted.scheme === undefined ? credentialSchemes : [accepted.scheme]) {
    const username = () => readUsername({ signal, deadlineMs });
    const authorization = await authorizationOf(scheme, { apiKey, username });
    const remainingMs = deadlineMs - monotonicMs();
    if (authorization === undefined || (refused !== undefined && remainingMs <= 0)) continue;
    const attempt = await attemptOnce(connection, operation, {
      authorization,
      timeoutMs: remainingMs,
      signal,
    });
    if (!REFUSED_CREDENTIAL.includes(attempt.status ?? 0)) {
      if (attempt.result.ok) accepted.scheme = scheme;
      return attempt;
    }
    // "Not allowed" is more specific than "unknown".
    if (refused?.status !== 403) refused = attempt;
  }
  return refused ?? { status: undefined, result: unauthorized };
}

const unauthorized = { ok: false, failure: { reason: 'unauthorized', mayHaveHappened: false } } as const;

async function attemptOnce<Value>(
  { fetch, address, limits, cleaner, now }: Connection,
  { method, path, mediaType, body, read }: RestOperation<Value>,
  { authorization, ...attemptLimits }: AttemptLimits & { authorization: Secret },
): Promise<Attempt<Value>> {
  const url = `${address}${path}`;
  const exchange = await exchangeOnce({
    fetch,
    method,
    url,
    headers: {
      authorization: authorization.reveal(),
      accept: mediaType,
      'user-agent': USER_AGENT,
      ...(body !== undefined && { 'content-type': mediaType }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    maxResponseBytes: limits.maxResponseBytes,
    ...attemptLimits,
  });
  if (!exchange.ok) return { status: exchange.status, result: { ok: false, failure: exchange.failure } };
  const { response } = exchange;
  const isSuccess = response.status >= 200 && response.status < 300;
  const result: WandbResult<Value> = isSuccess
    ? read(response)
    : { ok: false, failure: failureOfResponse(response, { url, nowMs: now(), cleaner, readMessages }) };
  return { status: response.status, result };
}

/** Reads the `detail` of an error response (RFC 7644, section 3.12). Other text may come from a proxy. */
function readMessages(text: string, cleaner: TextCleaner): string[] {
  const parsed = parseBoundedJson(text);
  const json = parsed.ok ? parsed.value : undefined;
  if (typeof json !== 'object' || json === null || !('detail' in json)) return [];
  return typeof json.detail === 'string' ? [cleaner.message(json.detail)] : [];
}
