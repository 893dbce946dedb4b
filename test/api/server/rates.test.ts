import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFailureLimit, networkOf } from '../../../src/api/server/failure-limit.ts';

describe('The failure limit', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('allows an address 1,000 failures a minute by default, and forgets them after it', async () => {
    const limit = createFailureLimit();
    for (let index = 0; index < 1_000; index += 1) {
      expect(await limit.countFailure('203.0.113.9')).toEqual({ limited: false });
    }
    vi.advanceTimersByTime(20_500);

    expect(await limit.countFailure('203.0.113.9')).toEqual({ limited: true, retryAfterSeconds: 40 });
    expect(await limit.countFailure('203.0.113.8')).toEqual({ limited: false });

    vi.advanceTimersByTime(39_500);
    expect(await limit.countFailure('203.0.113.9')).toEqual({ limited: false });
  });

  test('counts for a whole IPv6 network, and for an IPv4 address in any notation', async () => {
    const limit = createFailureLimit({ perMinute: 1 });
    await limit.countFailure('2001:db8:1:2::1');
    await limit.countFailure('203.0.113.9');

    expect((await limit.countFailure('2001:DB8:1:2:ffff::9')).limited).toBe(true);
    expect((await limit.countFailure('2001:db8:1:3::1')).limited).toBe(false);
    expect((await limit.countFailure('::ffff:203.0.113.9')).limited).toBe(true);
    expect((await limit.countFailure('::ffff:cb00:7109')).limited).toBe(true);
  });

  test('keeps a fixed number of counters however many addresses fail', async () => {
    const limit = createFailureLimit({ counters: 16 });
    for (let index = 0; index < 1_000; index += 1)
      await limit.countFailure(`2001:db8:0:${index.toString(16)}::1`);

    expect(vi.getTimerCount()).toBe(16);
  });
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not an address', 'not an address'],
  ['', ''],
])('networkOf(%j) returns %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
