import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { UsedFrom } from '../application/authority/verify-credential.ts';

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
