import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Which addresses may be connected to, beside public ones. */
export interface AddressRules {
  /** RFC 1918 and unique local addresses. */
  allowsPrivate: boolean;
  allowsLoopback: boolean;
}

/** Where clouds answer with credentials, though the address does not look like it (AWS, Google, Azure). */
const METADATA = ['fd20:ce::254', '168.63.129.16'].map((address) => ipaddr.parse(address).toString());
/** Metadata, credentials of pods, and what else AWS adds (EC2 and EKS). */
const AWS_PREFIX = ipaddr.IPv6.parse('fd00:ec2::');

/**
 * May this IP address be connected to? Link-local addresses (with the clouds' metadata services), multicast, carrier-grade
 * NAT and reserved ones never; nor those that carry another address in themselves, as 6to4 and Teredo do, except for NAT64
 * (RFC 6052), by which IPv6-only networks reach public IPv4 hosts.
 */
export function isAllowedAddress(address: string, rules: AddressRules): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 ? isAllowedIpv6(parsed, rules) : isAllowedIpv4(parsed, rules);
}

function isAllowedIpv4(address: ipaddr.IPv4, rules: AddressRules): boolean {
  if (METADATA.includes(address.toString())) return false;
  switch (address.range()) {
    case 'unicast':
      return true;
    case 'private':
      return rules.allowsPrivate;
    case 'loopback':
      return rules.allowsLoopback;
    default:
      return false;
  }
}

function isAllowedIpv6(address: ipaddr.IPv6, rules: AddressRules): boolean {
  if (METADATA.includes(address.toString()) || address.match(AWS_PREFIX, 32)) return false;
  switch (address.range()) {
    case 'unicast':
      // Global unicast is 2000::/3; what else bears no name, such as ::127.0.0.1, is none.
      return ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
    case 'uniqueLocal':
      return rules.allowsPrivate;
    case 'loopback':
      return rules.allowsLoopback;
    case 'ipv4Mapped':
      return isAllowedIpv4(address.toIPv4Address(), rules);
    case 'rfc6052':
      return isNat64OfPublic(address);
    default:
      return false;
  }
}

/** Of the well-known prefix; that of a single network (RFC 8215) says nothing of where it leads. */
function isNat64OfPublic(address: ipaddr.IPv6): boolean {
  if (!address.match(ipaddr.IPv6.parse('64:ff9b::'), 96)) return false;
  const embedded = new ipaddr.IPv4(address.toByteArray().slice(12));
  return isAllowedIpv4(embedded, { allowsPrivate: false, allowsLoopback: false });
}

/** No address of this host may be connected to. */
export class AddressNotAllowedError extends Error {
  override name = 'AddressNotAllowedError';
}

/**
 * Resolves host names for sockets, and gives them none but allowed addresses. A socket connects to what it is given here, so
 * a name that resolves to something else a moment later changes nothing. IP literals are never looked up: they are
 * checked before.
 */
export function guardedLookup(rules: AddressRules, lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = typeof found === 'string' ? [] : found;
      const allowed = addresses.filter(({ address }) => isAllowedAddress(address, rules));
      const [first] = allowed;
      if (first === undefined) return callback(new AddressNotAllowedError('its address is not allowed'), []);
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
}
