import { describe, expect, test } from 'vitest';
import { isAllowedAddress } from '../../src/net/address-guard.ts';

describe('the address check', () => {
  const publicOnly = { allowsPrivate: false, allowsLoopback: false };
  const privateToo = { allowsPrivate: true, allowsLoopback: false };

  test.each(['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34', '64:ff9b::93.184.216.34'])(
    'allows the public address %s',
    (address) => expect(isAllowedAddress(address, publicOnly)).toBe(true),
  );

  test.each([
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '100.64.0.1',
    '100.127.255.254',
    '::ffff:100.64.0.1',
  ])('allows the private address %s only for an issuer on a private network', (address) => {
    expect(isAllowedAddress(address, publicOnly)).toBe(false);
    expect(isAllowedAddress(address, privateToo)).toBe(true);
  });

  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.8.8.8'],
    ['loopback', '::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['link-local metadata', '169.254.169.254'],
    ['link-local', 'fe80::1'],
    ['AWS metadata', 'fd00:ec2::254'],
    ['AWS pod credentials', 'fd00:ec2::23'],
    ['another AWS service', 'fd00:ec2:ffff::1'],
    ['Google metadata', 'fd20:ce::254'],
    ['Azure metadata', '168.63.129.16'],
    ['Alibaba metadata in carrier-grade NAT', '100.100.100.200'],
    ['mapped Alibaba metadata', '::ffff:100.100.100.200'],
    ['NAT64 of carrier-grade NAT', '64:ff9b::100.64.0.1'],
    ['Oracle metadata', '192.0.0.192'],
    ['unspecified', '0.0.0.0'],
    ['an address of this network', '0.1.2.3'],
    ['unspecified', '::'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['benchmarking', '198.19.255.255'],
    ['benchmarking', '2001:2::1'],
    ['DS-Lite', '192.0.0.1'],
    ['discard-only', '100::1'],
    ['segment routing', '5f00::1'],
    ['ORCHID', '2001:20::1'],
    ['site-local', 'fec0::1'],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
    ['NAT64 of loopback', '64:ff9b::127.0.0.1'],
    ['NAT64 with a local prefix', '64:ff9b:1::93.184.216.34'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['a host name', 'localhost'],
    ['an empty address', ''],
  ])('never allows %s (%s)', (_kind, address) => {
    expect(isAllowedAddress(address, privateToo)).toBe(false);
  });
});
