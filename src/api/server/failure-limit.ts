import { crc32 } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { UsedFrom } from '../../application/authority/authority-context.ts';
import type { Clock } from '../../application/ports/clock.ts';
import { parseAddress } from '../../net/ip-address.ts';

/** How many refusals of one kind are logged one by one, whatever their addresses. The others are counted. */
export const REFUSALS_LOGGED_PER_MINUTE = 10;

/** Counts failed authentications by address. Callers verify the credential first, so a valid one is never limited. */
export interface FailureLimit {
  /** Counts one more failure and returns whether the address has had too many. */
  countFailure(address: string): Promise<CountedFailure>;
}

type CountedFailure = { limited: false } | { limited: true; retryAfterSeconds: number };

const WINDOW_MS = 60_000;
/**
 * Networks share a fixed number of counters, so that a client with millions of addresses can't fill the memory. A client
 * that shares one with a stranger is only affected while its own requests fail.
 */
const COUNTERS = 65_536;

/**
 * Creates a limit of failures per minute, from the first failure of an address on. An IPv6 client counts by its /64.
 *
 * @param options `perMinute`: 1,000 by default. `counters`: how many the networks share.
 */
export function createFailureLimit({
  perMinute = 1_000,
  counters = COUNTERS,
  monotonicMs = () => performance.now(),
}: {
  perMinute?: number;
  counters?: number;
  monotonicMs?: Clock['monotonicMs'];
} = {}): FailureLimit {
  const windows = new Map<number, { failures: number; endsAtMs: number }>();
  return {
    async countFailure(address) {
      const counter = crc32(networkOf(address)) % counters;
      const nowMs = monotonicMs();
      const current = windows.get(counter);
      const isOver = current === undefined || nowMs >= current.endsAtMs;
      const window = isOver ? { failures: 0, endsAtMs: nowMs + WINDOW_MS } : current;
      if (isOver) windows.set(counter, window);
      window.failures += 1;
      if (window.failures <= perMinute) return { limited: false };
      return { limited: true, retryAfterSeconds: Math.max(1, Math.ceil((window.endsAtMs - nowMs) / 1000)) };
    },
  };
}

/** RFC 6177: the holder of an IPv6 network has at least 64 bits of addresses in it. */
const NETWORK_PARTS = 4;

/** Returns the addresses that one client can easily use: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed?.toString() ?? address;
  return `${parsed.parts
    .slice(0, NETWORK_PARTS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** Returns the address that trusted proxies forwarded, else the connection's address, and the user agent. */
export function usedFrom(request: FastifyRequest): UsedFrom {
  return { address: request.clientAddress, userAgent: request.headers['user-agent'] };
}
