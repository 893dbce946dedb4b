import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [address: Address, prefixLength: number];

/** A connection that closed has no address anymore. */
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
  const trusted = trustedProxies.map(parseRange);
  const isTrusted = (address: Address) =>
    trusted.some(([network, length]) => network.kind() === address.kind() && address.match(network, length));
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

/** Parses an IP address in any notation. Maps IPv6-mapped IPv4 back, and drops an IPv6 zone. */
export function parseAddress(address: string): Address | undefined {
  const [withoutZone = ''] = address.split('%', 1);
  return isIP(withoutZone) === 0 ? undefined : ipaddr.process(withoutZone);
}

/** Parses an address with or without quotes, brackets and a port (RFC 7239, section 6). */
function parseForwardedAddress(entry: string): Address | undefined {
  const text = entry.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  if (bracketed !== undefined)
    return isIP(bracketed.split('%', 1)[0] ?? '') === 6 ? parseAddress(bracketed) : undefined;
  return parseAddress(text) ?? parseAddress(/^(.+):\d{1,5}$/.exec(text)?.[1] ?? '');
}

function parseRange(text: string): Range {
  const [address, length] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  if (isMapped && (length ?? 128) >= 96) return [address.toIPv4Address(), (length ?? 128) - 96];
  return [address, length ?? (address instanceof ipaddr.IPv6 ? 128 : 32)];
}

function formatAddress(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
