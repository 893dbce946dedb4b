import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Secret } from '../../../domain/keys/secret.ts';
import { exchangeOnce } from './graphql-exchange.ts';
import { readGraphqlResponse } from './graphql-response.ts';
import { failureOfResponse } from './response-failure.ts';
import { pauseBeforeRetryMs, type RetryLimits } from './retry-policy.ts';
import { createTextCleaner, type TextCleaner } from './server-text.ts';
import type { WandbFailure, WandbOperation, WandbResult } from './wandb-failure.ts';

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

export interface WandbClientLimits extends RetryLimits {
  /** For one try. */
  timeoutMs: number;
  /** For a call with all its tries and pauses, unless the caller sets a deadline. */
  callMs: number;
  maxResponseBytes: number;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** On the monotonic clock; ends tries and pauses. */
  deadlineMs?: number | undefined;
}

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

interface Connection extends Required<WandbClientDependencies> {
  /** By operation: the most entries that were skipped in one response. */
  mostSkipped: Map<string, number>;
  url: string;
  limits: WandbClientLimits;
  cleaner: TextCleaner;
}

type Attempt<Data> = { status: number | undefined; result: WandbResult<Data> };

export function createWandbClient(dependencies: WandbClientDependencies): WandbClient {
  const connection: Connection = {
    sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, { signal }),
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

async function call<Data>(
  connection: Connection,
  operation: WandbOperation<Data>,
  variables: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<WandbResult<Data>> {
  const { monotonicMs, limits, random } = connection;
  const startedAtMs = monotonicMs();
  const deadlineMs = options.deadlineMs ?? startedAtMs + limits.callMs;
  const body = JSON.stringify({ query: operation.query, variables, operationName: operation.name });
  let attempt: Attempt<Data> = { status: undefined, result: failed({ reason: 'timed_out' }) };
  let tries = 0;
  while (monotonicMs() < deadlineMs) {
    const timeoutMs = Math.min(limits.timeoutMs, deadlineMs - monotonicMs());
    attempt = await attemptOnce(connection, operation, { body, timeoutMs, signal: options.signal });
    tries += 1;
    if (attempt.result.ok) break;
    const { failure } = attempt.result;
    const pauseMs = pauseBeforeRetryMs({ failure, operation, triesMade: tries, random, limits });
    if (pauseMs === undefined || monotonicMs() + pauseMs >= deadlineMs) break;
    if (!(await paused(connection, pauseMs, options.signal))) {
      attempt = { status: undefined, result: failed({ reason: 'cancelled' }) };
      break;
    }
  }
  log(connection, operation, attempt, { tries, durationMs: monotonicMs() - startedAtMs });
  return attempt.result;
}

async function attemptOnce<Data>(
  { fetch, url, apiKey, scheme, usesAdminPrivileges, limits, cleaner, now }: Connection,
  operation: WandbOperation<Data>,
  request: { body: string; timeoutMs: number; signal: AbortSignal | undefined },
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
    return { status: exchange.status, result: ofKind(operation, { ok: false, failure: exchange.failure }) };
  }
  const { response } = exchange;
  const isSuccess = response.status >= 200 && response.status < 300;
  const result: WandbResult<Data> = isSuccess
    ? readGraphqlResponse(response.text, operation, cleaner)
    : { ok: false, failure: failureOfResponse(response, { url, nowMs: now(), cleaner }) };
  return { status: response.status, result: ofKind(operation, result) };
}

/** A query has no effect. */
function ofKind<Data>({ kind }: WandbOperation<Data>, result: WandbResult<Data>): WandbResult<Data> {
  if (result.ok || kind === 'mutation') return result;
  return { ok: false, failure: { ...result.failure, mayHaveHappened: false } };
}

/** A failure without a request in flight. */
function failed({ reason }: { reason: 'timed_out' | 'cancelled' }): { ok: false; failure: WandbFailure } {
  return { ok: false, failure: { reason, mayHaveHappened: false } };
}

/** Returns false when the caller's signal ended the pause. */
async function paused(
  { sleep }: Connection,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await sleep(milliseconds, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return !signal?.aborted;
}

function log<Data>(
  connection: Connection,
  operation: WandbOperation<Data>,
  { status, result }: Attempt<Data>,
  counts: { tries: number; durationMs: number },
): void {
  const { logger } = connection;
  const { name } = operation;
  if (!result.ok) {
    logger.warn({ operation: name, status, ...result.failure, ...counts }, 'W&B call failed');
    return;
  }
  logger.debug({ operation: name, status, ...counts }, 'W&B call succeeded');
  const skipped = operation.skippedIn?.(result.value) ?? 0;
  if (skipped === 0) return;
  // A server repeats its unusable entries in every response, so only more than before are worth a line.
  const isMore = skipped > (connection.mostSkipped.get(name) ?? 0);
  if (isMore) connection.mostSkipped.set(name, skipped);
  logger[isMore ? 'warn' : 'debug']({ operation: name, skipped }, 'unusable W&B entries skipped');
}
