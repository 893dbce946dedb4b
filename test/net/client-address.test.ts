import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientAddressOf } from '../../src/net/client-address.ts';

const TRUSTED = ['10.0.0.0/8', '192.168.1.1', '2001:db8:aaaa::/48', '::ffff:172.16.0.0/108'];

function clientAddress(remoteAddress: string | undefined, forwardedFor?: string, trusted = TRUSTED): string {
  const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } };
  return createClientAddressOf(trusted)(request as unknown as IncomingMessage);
}

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:5678', '203.0.113.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:DB8:0::1]:443', '2001:db8::1'],
  ['"[2001:db8::1]:443"', '2001:db8::1'],
  ['"203.0.113.9:80"', '203.0.113.9'],
  ['2001:db8:0:0:0:0:0:1:443', '2001:db8::1'],
  ['[::ffff:203.0.113.9]:443', '203.0.113.9'],
  ['fe80::1%eth0', 'fe80::1'],
  ['  203.0.113.9\t', '203.0.113.9'],
  ['203.0.113.9,', '203.0.113.9'],
  ['203.0.113.9, ,', '203.0.113.9'],
  ['198.51.100.7, 203.0.113.9:1', '203.0.113.9'],
  ['203.0.113.9:1, 10.1.1.1:443, 192.168.1.1:443', '203.0.113.9'],
  ['203.0.113.9, [2001:db8:aaaa::2]:80, 172.16.3.4', '203.0.113.9'],
  ['10.9.9.9:1, 10.8.8.8', '10.9.9.9'],
])('takes the client from the X-Forwarded-For %j of a trusted proxy as %s', (header, address) => {
  expect(clientAddress('10.0.0.1', header)).toBe(address);
  expect(clientAddress('::ffff:10.0.0.1', header)).toBe(address);
});

test.each([
  ['unknown', '10.0.0.1'],
  ['203.0.113.9, unknown', '10.0.0.1'],
  ['203.0.113.9, _hidden, 10.2.2.2:80', '10.2.2.2'],
  ['203.0.113.9, [not an address]:80', '10.0.0.1'],
  ['[203.0.113.9]:80', '10.0.0.1'],
  ['203.0.113.9:port', '10.0.0.1'],
  ['300.1.1.1:80', '10.0.0.1'],
  ['', '10.0.0.1'],
  [undefined, '10.0.0.1'],
])('takes the nearest proxy as the client when it forwards %j', (header, address) => {
  expect(clientAddress('10.0.0.1', header)).toBe(address);
});

test('ignores the header of a client that is not a trusted proxy', () => {
  expect(clientAddress('203.0.113.9', '198.51.100.7')).toBe('203.0.113.9');
  expect(clientAddress('127.0.0.1', '198.51.100.7', [])).toBe('127.0.0.1');
  expect(clientAddress('10.0.0.1', '198.51.100.7, 203.0.113.9:10')).toBe('203.0.113.9');
});

test('has an address for a connection that has closed, and throws for a malformed proxy', () => {
  expect(clientAddress(undefined, '203.0.113.9')).toBe('0.0.0.0');
  expect(() => createClientAddressOf(['nonsense'])).toThrow();
});
