import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Which addresses are allowed in addition to public ones. */
export interface AddressRules {
  /** RFC 1918, unique local and carrier-grade NAT (RFC 6598) addresses; overlay networks such as Tailscale use the last. */
  allowsPrivate: boolean;
  allowsLoopback: boolean;
}

/** Metadata services of clouds outside the link-local range (Google, Azure, Alibaba). */
const METADATA = ['fd20:ce::254', '168.63.129.16', '100.100.100.200'].map((address) =>
  ipaddr.parse(address).toString(),
);
/** AWS's range for metadata, pod credentials (EKS) and related services. */
const AWS_PREFIX = ipaddr.IPv6.parse('fd00:ec2::');

/**
 * Returns whether Keysmith may connect to an IP address. Link-local addresses (which include the clouds' metadata services),
 * multicast and reserved ranges are never allowed, nor are addresses that embed another one, such as
 * 6to4 and Teredo. NAT64 (RFC 6052) is the exception: IPv6-only networks reach public IPv4 hosts through it.
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
    case 'carrierGradeNat':
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
      // Global unicast is 2000::/3; ipaddr.js also reports unnamed ranges, such as ::127.0.0.1, as unicast.
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

/** Accepts the well-known prefix only: a prefix that one network chose (RFC 8215) doesn't reveal where it leads. */
function isNat64OfPublic(address: ipaddr.IPv6): boolean {
  if (!address.match(ipaddr.IPv6.parse('64:ff9b::'), 96)) return false;
  const embedded = new ipaddr.IPv4(address.toByteArray().slice(12));
  return isAllowedIpv4(embedded, { allowsPrivate: false, allowsLoopback: false });
}

/** A host name resolves only to addresses that aren't allowed. `outside_sandbox`: not to this machine, as in the sandbox. */
export class AddressNotAllowedError extends Error {
  override name = 'AddressNotAllowedError';
  readonly reason: 'not_allowed' | 'outside_sandbox';

  constructor(message: string, reason: AddressNotAllowedError['reason'] = 'not_allowed') {
    super(message);
    this.reason = reason;
  }
}

/**
 * Creates a `lookup` function for sockets that returns allowed addresses only. A socket connects to the address it gets here,
 * so a DNS answer that changes after the check (DNS rebinding) has no effect. Sockets don't look up IP literals; check those
 * with {@link isAllowedAddress}.
 */
export function guardedLookup(rules: AddressRules, lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = typeof found === 'string' ? [] : found;
      const allowed = addresses.filter(({ address }) => isAllowedAddress(address, rules));
      const [first] = allowed;
      if (first === undefined) return callback(new AddressNotAllowedError('address not allowed'), []);
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
}
