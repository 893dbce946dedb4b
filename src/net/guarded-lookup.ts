import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type AddressRules, isAllowedAddress } from './address-guard.ts';

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
