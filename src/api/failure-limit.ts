import { crc32 } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { sendError } from './api-error.ts';
import { networkOf } from './client-address.ts';

type CountedFailure = { limited: false } | { limited: true; retryAfterSeconds: number };

/** Counts the failures of each address. It stands in nobody's way: who calls it has verified first. */
export interface FailureLimit {
  /** Counts one more failure, and says whether the address has had too many. */
  failed(address: string): Promise<CountedFailure>;
}

const DURATION_SECONDS = 60;
/**
 * Networks share so many counters, so that whoever has millions of addresses fills no memory. Who shares one with a
 * stranger notices only while failing.
 */
const COUNTERS = 65_536;

/** Failures in a minute, counted from an address's first; IPv6 by /64. */
export function createFailureLimit({
  perMinute = 1_000,
  counters = COUNTERS,
}: {
  perMinute?: number;
  counters?: number;
} = {}): FailureLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: DURATION_SECONDS });
  return {
    async failed(address) {
      const counted = await limiter.penalty(crc32(networkOf(address)) % counters);
      if (counted.consumedPoints <= perMinute) return { limited: false };
      return { limited: true, retryAfterSeconds: Math.max(1, Math.ceil(counted.msBeforeNext / 1000)) };
    },
  };
}

export function sendTooManyFailures(reply: FastifyReply, retryAfterSeconds: number): void {
  sendError(reply, {
    status: 429,
    error: 'too_many_failures',
    description:
      'Too many requests with credentials that are not valid came from this address. Valid ones still pass.',
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
