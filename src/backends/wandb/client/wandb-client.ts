import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Secret } from '../../../domain/keys/secret.ts';
import { exchangeOnce } from './graphql-exchange.ts';
import { readGraphqlResponse } from './graphql-response.ts';
import { failureOfResponse } from './response-failure.ts';
import {
  type Attempt,
  type AttemptLimits,
  type CallLimits,
  type CallOptions,
  callWithRetries,
  pauseFor,
  type RetryingCaller,
} from './retries.ts';
import { createTextCleaner, type TextCleaner } from './server-text.ts';
import type { WandbOperation, WandbResult } from './wandb-failure.ts';

/**
 * Returns the normalized address of a server: its origin and path, without trailing slashes.
 *
 * @param baseUrl its query, fragment and credentials are dropped; `fetch` would quote the latter in an error
 */
export function serverAddress(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

export interface WandbClientDependencies extends Clock {
  /** With or without a path and a trailing slash. */
  baseUrl: string;
  apiKey: Secret;
  /** How `apiKey` is sent. Default: Basic, as the SDK does. Bearer is for an access token. */
  scheme?: 'Basic' | 'Bearer';
  /** False to see only what the owner of the key is a member of. */
  usesAdminPrivileges?: boolean;
  fetch: typeof globalThis.fetch;
  /** From 0 up to 1. */
  random: () => number;
  /** Rejects when the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>;
  logger: Logger;
  limits?: Partial<WandbClientLimits>;
}

export interface WandbClientLimits extends CallLimits {
  maxResponseBytes: number;
}

export type { CallOptions };

/** Calls one W&B server with one API key. */
export interface WandbClient {
  /**
   * Calls the server. Never rejects. Retries queries; retries a mutation only when it certainly had no effect, or when
   * repeating it does no harm.
   */
  call<Data>(
    operation: WandbOperation<Data>,
    variables: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<WandbResult<Data>>;
}

const DEFAULT_LIMITS: WandbClientLimits = {
  timeoutMs: 10_000,
  callMs: 30_000,
  // Room for a team of about ten thousand members.
  maxResponseBytes: 4 * 1024 * 1024,
  maxTries: 3,
  basePauseMs: 250,
  maxPauseMs: 4_000,
  maxRetryAfterMs: 5_000,
};

interface Connection extends Required<WandbClientDependencies>, RetryingCaller {
  url: string;
  limits: WandbClientLimits;
  cleaner: TextCleaner;
}

export function createWandbClient(dependencies: WandbClientDependencies): WandbClient {
  const connection: Connection = {
    sleep: pauseFor,
    scheme: 'Basic',
    usesAdminPrivileges: true,
    ...dependencies,
    url: `${serverAddress(dependencies.baseUrl)}/graphql`,
    limits: { ...DEFAULT_LIMITS, ...dependencies.limits },
    cleaner: createTextCleaner(dependencies.apiKey),
    mostSkipped: new Map(),
  };
  return { call: (operation, variables, options) => call(connection, operation, variables, options ?? {}) };
}

function call<Data>(
  connection: Connection,
  operation: WandbOperation<Data>,
  variables: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<WandbResult<Data>> {
  const body = JSON.stringify({ query: operation.query, variables, operationName: operation.name });
  return callWithRetries(connection, operation, options, (limits) =>
    attemptOnce(connection, operation, { body, ...limits }),
  );
}

async function attemptOnce<Data>(
  { fetch, url, apiKey, scheme, usesAdminPrivileges, limits, cleaner, now }: Connection,
  operation: WandbOperation<Data>,
  request: { body: string } & AttemptLimits,
): Promise<Attempt<Data>> {
  const headers = {
    authorization:
      scheme === 'Bearer'
        ? `Bearer ${apiKey.reveal()}`
        : `Basic ${Buffer.from(`api:${apiKey.reveal()}`).toString('base64')}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'keysmith',
    // The SDK's public API sends it too; without it, an admin of the server sees only their own teams.
    ...(usesAdminPrivileges && { 'use-admin-privileges': 'true' }),
  };
  const exchange = await exchangeOnce({
    fetch,
    url,
    headers,
    maxResponseBytes: limits.maxResponseBytes,
    ...request,
  });
  if (!exchange.ok) {
    return { status: exchange.status, result: { ok: false, failure: exchange.failure } };
  }
  const { response } = exchange;
  const isSuccess = response.status >= 200 && response.status < 300;
  const result: WandbResult<Data> = isSuccess
    ? readGraphqlResponse(response.text, operation, cleaner)
    : { ok: false, failure: failureOfResponse(response, { url, nowMs: now(), cleaner }) };
  return { status: response.status, result };
}
