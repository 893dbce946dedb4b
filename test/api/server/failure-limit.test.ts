import { describe, expect, test } from 'vitest';
import { createFailureLimit, networkOf } from '../../../src/api/server/failure-limit.ts';
import { send } from '../../send-request.ts';
import { addKey, basic, openCredentialWorld, serve } from '../../world/credential-world.ts';

describe('The failure limit', () => {
  test('allows an address 1,000 failures a minute by default, and forgets them after it', async () => {
    const clock = { ms: 0 };
    const limit = createFailureLimit({ monotonicMs: () => clock.ms });
    for (let index = 0; index < 1_000; index += 1) {
      expect(await limit.countFailure('203.0.113.9')).toEqual({ limited: false });
    }
    clock.ms += 20_500;

    expect(await limit.countFailure('203.0.113.9')).toEqual({ limited: true, retryAfterSeconds: 40 });
    expect(await limit.countFailure('203.0.113.8')).toEqual({ limited: false });

    clock.ms += 39_500;
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
    const limit = createFailureLimit({ counters: 16, perMinute: 1 });
    let counters = 0;
    for (let index = 0; index < 1_000; index += 1) {
      const { limited } = await limit.countFailure(`2001:db8:0:${index.toString(16)}::1`);
      if (!limited) counters += 1;
    }

    expect(counters).toBe(16);
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

async function serveForwardAuth(options: Parameters<typeof serve>[1]) {
  const world = await openCredentialWorld();
  const { key } = await addKey(world);
  const url = await serve(world, options);
  const ask = (headers: Record<string, string>) => send(`${url}/forward-auth`, { method: 'GET', headers });
  return { world, key, ask };
}

describe('A route with the failure limit', () => {
  test('responds 429 with Retry-After to invalid credentials, and never to a valid one', async () => {
    const { world, key, ask } = await serveForwardAuth({ perMinute: 3 });
    const invalid = { authorization: 'Bearer nonsense' };
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask(invalid)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);

    const limited = await ask(invalid);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(JSON.parse(limited.body).error).toBe('too_many_failures');
    expect((await ask({ authorization: basic('api', key) })).status).toBe(200);
    expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await ask({})).status).toBe(401);
    const logged = world.log.lines.filter(({ msg, level }) => msg === 'credential rejected' && level === 30);
    expect(logged).toHaveLength(3);
  });

  test('counts failures for the address that a trusted proxy forwards', async () => {
    const { ask } = await serveForwardAuth({ perMinute: 1, trustedProxies: ['127.0.0.1'] });
    const as = async (address: string) =>
      (await ask({ authorization: 'Bearer x', 'x-forwarded-for': address })).status;

    expect([await as('203.0.113.1'), await as('203.0.113.1'), await as('203.0.113.2')]).toEqual([
      401, 429, 401,
    ]);
    // An invalid address counts for the proxy that sent it.
    expect([await as('<script>'), await as('unknown')]).toEqual([401, 429]);
  });
});
