import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import { pauseBeforeRetryMs, type RetryLimits } from './retry-policy.ts';
import type { WandbFailure, WandbOperation, WandbResult } from './wandb-failure.ts';

export interface CallLimits extends RetryLimits {
  /** For one try. */
  timeoutMs: number;
  /** For a call with all its tries and pauses, unless the caller sets a deadline. */
  callMs: number;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** On the monotonic clock; ends tries and pauses. */
  deadlineMs?: number | undefined;
}

/** What calls of one client share. */
export interface RetryingCaller extends Pick<Clock, 'monotonicMs'> {
  /** From 0 up to 1. */
  random: () => number;
  /** Rejects when the signal aborts. */
  sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>;
  logger: Logger;
  limits: CallLimits;
  /** By operation: the most entries that were skipped in one response. */
  mostSkipped: Map<string, number>;
}

/** What may end one try. */
export interface AttemptLimits {
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** `status` is undefined when no response arrived. */
export type Attempt<Data> = { status: number | undefined; result: WandbResult<Data> };

type RetriedOperation<Data> = Pick<
  WandbOperation<Data>,
  'kind' | 'isIdempotent' | 'name' | 'isExpected' | 'skippedIn'
>;

export function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<unknown> {
  return sleepFor(milliseconds, undefined, { signal });
}

/** Calls until a try succeeds or must not be repeated, and logs the outcome. Never rejects unless a try does. */
export async function callWithRetries<Data>(
  caller: RetryingCaller,
  operation: RetriedOperation<Data>,
  options: CallOptions,
  attemptOnce: (limits: AttemptLimits) => Promise<Attempt<Data>>,
): Promise<WandbResult<Data>> {
  const { monotonicMs, limits, random } = caller;
  const startedAtMs = monotonicMs();
  const deadlineMs = options.deadlineMs ?? startedAtMs + limits.callMs;
  let attempt: Attempt<Data> = { status: undefined, result: failed({ reason: 'timed_out' }) };
  let tries = 0;
  while (monotonicMs() < deadlineMs) {
    const timeoutMs = Math.min(limits.timeoutMs, deadlineMs - monotonicMs());
    attempt = ofKind(operation, await attemptOnce({ timeoutMs, signal: options.signal }));
    tries += 1;
    if (attempt.result.ok) break;
    const { failure } = attempt.result;
    const pauseMs = pauseBeforeRetryMs({ failure, operation, triesMade: tries, random, limits });
    if (pauseMs === undefined || monotonicMs() + pauseMs >= deadlineMs) break;
    if (!(await paused(caller, pauseMs, options.signal))) {
      attempt = { status: undefined, result: failed({ reason: 'cancelled' }) };
      break;
    }
  }
  log(caller, operation, attempt, { tries, durationMs: monotonicMs() - startedAtMs });
  return attempt.result;
}

/** A query has no effect. */
function ofKind<Data>({ kind }: RetriedOperation<Data>, attempt: Attempt<Data>): Attempt<Data> {
  const { status, result } = attempt;
  if (result.ok || kind === 'mutation') return attempt;
  return { status, result: { ok: false, failure: { ...result.failure, mayHaveHappened: false } } };
}

/** A failure without a request in flight. */
function failed({ reason }: { reason: 'timed_out' | 'cancelled' }): { ok: false; failure: WandbFailure } {
  return { ok: false, failure: { reason, mayHaveHappened: false } };
}

/** Returns false when the caller's signal ended the pause. */
async function paused(
  { sleep }: RetryingCaller,
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
  { logger, mostSkipped }: RetryingCaller,
  { name, isExpected, skippedIn }: RetriedOperation<Data>,
  { status, result }: Attempt<Data>,
  counts: { tries: number; durationMs: number },
): void {
  if (!result.ok) {
    const level = isExpected?.(result.failure) ? 'debug' : 'warn';
    logger[level]({ operation: name, status, ...result.failure, ...counts }, 'W&B call failed');
    return;
  }
  logger.debug({ operation: name, status, ...counts }, 'W&B call succeeded');
  const skipped = skippedIn?.(result.value) ?? 0;
  if (skipped === 0) return;
  // A server repeats its unusable entries in every response, so only more than before are worth a line.
  const isMore = skipped > (mostSkipped.get(name) ?? 0);
  if (isMore) mostSkipped.set(name, skipped);
  logger[isMore ? 'warn' : 'debug']({ operation: name, skipped }, 'unusable W&B entries skipped');
}
