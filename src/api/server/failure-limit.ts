import { isIP } from 'node:net';
import { crc32 } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { UsedFrom } from '../../application/authority/outcomes.ts';
import { sendError } from './api-error.ts';

const UNKNOWN_ADDRESS = '0.0.0.0';
/** Who has an IPv6 network has at least 64 bits of addresses in it (RFC 6177). */
const NETWORK_PARTS = 4;

/** From where a request came: the address that trusted proxies forwarded, else the connection's. */
export function usedFrom(request: FastifyRequest): UsedFrom {
  return {
    // What a proxy forwards was written by its client, unless the proxy checked it.
    address:
      normalAddress(request.ip) ?? normalAddress(request.raw.socket.remoteAddress ?? '') ?? UNKNOWN_ADDRESS,
    userAgent: request.headers['user-agent'],
  };
}

/** The addresses that one client may easily have: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed?.toString() ?? address;
  return `${parsed.parts
    .slice(0, NETWORK_PARTS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** In one form: IPv4 also where it came mapped into IPv6, IPv6 as RFC 5952 writes it and without a zone. */
function normalAddress(address: string): string | undefined {
  const parsed = parseAddress(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed?.toString();
}

function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const [withoutZone = ''] = address.split('%', 1);
  return isIP(withoutZone) === 0 ? undefined : ipaddr.process(withoutZone);
}

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
