import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { formatAddress, type IpAddress, parseAddress, parseNetwork } from './ip-address.ts';

/** Stands in for the address of a connection that has closed. */
const UNKNOWN_ADDRESS = '0.0.0.0';

/** The addresses that were read last are kept, as clients send many requests. */
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 256;

/** Returns the address of the client that sent a request: IPv4 as such even if mapped into IPv6, IPv6 as in RFC 5952. */
export type ClientAddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Creates a function that follows `X-Forwarded-For` from the connection backwards, as long as a trusted proxy added the entry.
 * An entry may have a port, as Azure and some load balancers write it. An entry that isn't an address, such as `unknown`, ends
 * the search at the proxy that added it: anything further left may be the client's own text.
 *
 * @param trustedProxies addresses and networks (CIDR)
 * @throws Error if one of them is malformed
 */
export function createClientAddressOf(trustedProxies: readonly string[]): ClientAddressOf {
  const networks = trustedProxies.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new Error('A trusted proxy must be an IP address or a range.');
    return network;
  });
  const isTrusted = (address: IpAddress) => networks.some((contains) => contains(address));
  const follow = (remote: string, forwardedFor: string) => {
    let client = parseAddress(remote);
    for (const entry of forwardedFor.split(',').reverse()) {
      if (client === undefined || !isTrusted(client)) break;
      // RFC 9110, section 5.6.1.2: empty elements of a list don't count.
      if (entry.trim() === '') continue;
      const forwarded = parseForwardedAddress(entry);
      if (forwarded === undefined) break;
      client = forwarded;
    }
    return client === undefined ? UNKNOWN_ADDRESS : formatAddress(client);
  };
  const known = new LRUCache<string, string>({ max: MAX_KNOWN });
  return ({ headers, socket }) => {
    const remote = socket.remoteAddress ?? '';
    // Node joins several headers with commas.
    const forwardedFor = networks.length === 0 ? '' : String(headers['x-forwarded-for'] ?? '');
    if (forwardedFor.length > MAX_KNOWN_LENGTH) return follow(remote, forwardedFor);
    const key = `${remote} ${forwardedFor}`;
    const address = known.get(key) ?? follow(remote, forwardedFor);
    known.set(key, address);
    return address;
  };
}

/** Parses an address with or without quotes, brackets and a port (RFC 7239, section 6). */
function parseForwardedAddress(entry: string): IpAddress | undefined {
  const text = entry.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  if (bracketed !== undefined) return isIPv6(bracketed) ? parseAddress(bracketed) : undefined;
  return parseAddress(text) ?? parseAddress(/^(.+):\d{1,5}$/.exec(text)?.[1] ?? '');
}
