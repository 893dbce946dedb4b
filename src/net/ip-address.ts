import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Parses an IP address in any notation. Maps IPv4 that is mapped into IPv6 back, and drops an IPv6 zone. */
export function parseAddress(address: string): IpAddress | undefined {
  const [withoutZone = ''] = address.split('%', 1);
  return isIP(withoutZone) === 0 ? undefined : ipaddr.process(withoutZone);
}

/** Returns IPv4 with dots, and IPv6 in the form of RFC 5952. */
export function formatAddress(address: IpAddress): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/**
 * Parses an address or a network (CIDR) into a test of addresses that `parseAddress` returned.
 *
 * @returns undefined if the text is neither
 */
export function parseNetwork(text: string): ((address: IpAddress) => boolean) | undefined {
  const range = parseRange(text);
  if (range === undefined) return undefined;
  const [network, length] = range;
  return (address) => network.kind() === address.kind() && address.match(network, length);
}

/** ipaddr.js alone also takes `10/8` for 0.0.0.0/8, and `010.0.0.0/8` for 8.0.0.0/8. */
function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text) && isIP(text.slice(0, text.indexOf('/'))) !== 0;
}

function parseRange(text: string): [network: IpAddress, prefixLength: number] | undefined {
  if (!text.includes('/')) {
    const address = parseAddress(text);
    return address && [address, address instanceof ipaddr.IPv6 ? 128 : 32];
  }
  if (!isNetwork(text)) return undefined;
  const [network, length] = ipaddr.parseCIDR(text);
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && length >= 96;
  return isMapped ? [network.toIPv4Address(), length - 96] : [network, length];
}
