import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { formatAddress, type IpAddress, parseAddress, parseNetwork } from './ip-address.ts';

/** Stands in for the address of a connection that has closed. */
const UNKNOWN_ADDRESS = '0.0.0.0';

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
  return ({ headers, socket }) => {
    let client = parseAddress(socket.remoteAddress ?? '');
    // Node joins several headers with commas.
    const entries = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    for (const entry of entries.reverse()) {
      if (client === undefined || !isTrusted(client)) break;
      // RFC 9110, section 5.6.1.2: empty elements of a list don't count.
      if (entry.trim() === '') continue;
      const forwarded = parseForwardedAddress(entry);
      if (forwarded === undefined) break;
      client = forwarded;
    }
    return client === undefined ? UNKNOWN_ADDRESS : formatAddress(client);
  };
}

/** Parses an address with or without quotes, brackets and a port (RFC 7239, section 6). */
function parseForwardedAddress(entry: string): IpAddress | undefined {
  const text = entry.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  if (bracketed !== undefined) return isIPv6(bracketed) ? parseAddress(bracketed) : undefined;
  return parseAddress(text) ?? parseAddress(/^(.+):\d{1,5}$/.exec(text)?.[1] ?? '');
}
