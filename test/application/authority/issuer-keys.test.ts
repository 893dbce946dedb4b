import { describe, expect, test } from 'vitest';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import {
  DISCOVERY,
  generateSigningPair,
  type IssuerServer,
  JWKS,
  json,
  sharedSigningPair,
} from '../../world/issuer-server.ts';
import { jwtOf, openIssuerWorld } from './assertion-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const fetches = (issuer: IssuerServer) => issuer.requestedPaths.filter((path) => path === JWKS).length;

describe('The keys of an issuer', () => {
  test('are found through discovery, and fetched once for concurrent requests', async () => {
    const { issuer, pair, ...world } = await openIssuerWorld();
    const jwt = await jwtOf(world as ExchangeWorld, issuer, pair);

    const responses = await Promise.all(Array.from({ length: 10 }, () => world.exchange(jwt)));

    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(issuer.requestedPaths).toEqual([DISCOVERY, JWKS]);
  });

  test('are found under the path of older W&B servers if the first one doesn’t exist', async () => {
    const world = await openIssuerWorld();
    const { issuer } = world;
    issuer.respond(DISCOVERY, (_request, response) => void response.writeHead(404).end());
    issuer.respond(
      '/.well-known/oidc-configuration',
      json(() => ({ issuer: issuer.url, jwks_uri: `${issuer.url}${JWKS}` })),
    );

    expect(await world.exchange(await jwtOf(world, issuer, world.pair))).toMatchObject({ status: 200 });
  });

  test('are found for an issuer URL that ends in a slash', async () => {
    const world = await openIssuerWorld();
    const { issuer } = world;
    const url = `${issuer.url}/tenant/`;
    issuer.respond(
      `/tenant${DISCOVERY}`,
      json(() => ({ issuer: url, jwks_uri: `${issuer.url}${JWKS}` })),
    );
    await world.register({ url });
    await world.addAccount(url);

    const jwt = await jwtOf(world, { ...issuer, url }, world.pair);

    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });
  });

  test('are fetched when a JWT names a new one; within 30 s of a fetch the failure is temporary', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock } = world;
    await world.exchange(await jwtOf(world, issuer, world.pair));
    const rotated = await generateSigningPair('ES256', 'rotated');
    issuer.publish(rotated.publicJwk);
    clock.nowMs += 10_000;

    const early = await world.exchange(await jwtOf(world, issuer, rotated));
    expect(early).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' } });
    expect(early.headers.get('retry-after')).toBe('20');
    expect(fetches(issuer)).toBe(1);

    clock.nowMs += 20_000;
    expect(await world.exchange(await jwtOf(world, issuer, rotated))).toMatchObject({ status: 200 });
    expect(await world.exchange(await jwtOf(world, issuer, world.pair))).toMatchObject({ status: 429 });
    expect(fetches(issuer)).toBe(2);
  });

  test('are final if they lack the key that a JWT names and were fetched for it', async () => {
    const world = await openIssuerWorld();
    const stranger = await generateSigningPair('ES256', 'stranger');

    const first = await world.exchange(await jwtOf(world, world.issuer, stranger));
    expect(first).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    for (let second = 5; second <= 90; second += 5) {
      world.clock.nowMs += 5_000;
      await world.exchange(await jwtOf(world, world.issuer, stranger, { kid: `random-${second}` }));
    }

    expect(fetches(world.issuer)).toBe(4);
    expect(new Set(world.counted)).toEqual(new Set(['no_such_key', 'keys_asked_recently']));
  });

  test('are fetched again before a JWT is rejected, in case one was replaced or has no kid', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock } = world;
    await world.exchange(await jwtOf(world, issuer, world.pair));
    const replaced = await generateSigningPair('ES256', world.pair.kid);
    issuer.publish(replaced.publicJwk);
    clock.nowMs += MINUTE_MS;
    expect(await world.exchange(await jwtOf(world, issuer, replaced))).toMatchObject({ status: 200 });

    const nameless = await generateSigningPair('ES384', 'x');
    issuer.publish({ ...nameless.publicJwk, kid: undefined } as never);
    clock.nowMs += MINUTE_MS;
    const jwt = await jwtOf(world, issuer, nameless, { kid: undefined });
    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });
  });

  test('make the failure temporary if they may have been replaced and can’t be fetched now', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock, pair } = world;
    await world.exchange(await jwtOf(world, issuer, pair));
    const replaced = await generateSigningPair('ES256', pair.kid);
    const otherKind = await generateSigningPair('ES384', pair.kid);
    issuer.publish(replaced.publicJwk);
    const statuses = async () => {
      const jwts = [
        await jwtOf(world, issuer, replaced),
        await jwtOf(world, issuer, replaced, { kid: undefined }),
        await jwtOf(world, issuer, otherKind),
      ];
      const responded: number[] = [];
      for (const jwt of jwts) responded.push((await world.exchange(jwt)).status);
      return responded;
    };
    clock.nowMs += 5_000;
    expect(await statuses()).toEqual([429, 429, 429]);
    expect(world.counted.splice(0)).toEqual(['ok', ...Array(3).fill('keys_asked_recently')]);
    expect(fetches(issuer)).toBe(1);

    issuer.respondEverywhere = (_request, response) => void response.writeHead(500).end();
    clock.nowMs += 30_000;
    expect(await statuses()).toEqual([503, 503, 503]);
    expect(world.counted).toEqual(Array(3).fill('keys_unavailable'));
    const [, claims, signature] = (await jwtOf(world, issuer, pair)).split('.');
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      expect((await world.exchange(`${header}.${claims}.${signature}`)).status).toBe(400);
    }

    issuer.respondEverywhere = undefined;
    clock.nowMs += 30_000;
    expect(await statuses()).toEqual([200, 200, 429]);
  });

  test('are all tried for a JWT without a kid', async () => {
    const world = await openIssuerWorld();
    const other = await generateSigningPair('ES256', 'other');
    const rsa = await sharedSigningPair('RS256');
    world.issuer.publish(rsa.publicJwk, other.publicJwk, world.pair.publicJwk);

    const jwt = await jwtOf(world, world.issuer, world.pair, { kid: undefined });

    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });
  });

  test('are refreshed, so a withdrawn one works for at most 15 minutes', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock, pair } = world;
    await world.exchange(await jwtOf(world, issuer, pair));
    issuer.publish((await generateSigningPair('ES256', 'next')).publicJwk);
    clock.nowMs += 15 * MINUTE_MS + 1;

    expect(await world.exchange(await jwtOf(world, issuer, pair))).toMatchObject({ status: 400 });
    expect(world.counted.at(-1)).toBe('no_such_key');
  });

  test('work for 24 hours while the issuer is down, also after a restart, and then no longer', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock, pair } = world;
    await world.exchange(await jwtOf(world, issuer, pair));
    issuer.respondEverywhere = (_request, response) => void response.writeHead(500).end();
    clock.nowMs += 24 * HOUR_MS - 1;
    const another = await world.startAnother();
    const jwt = await jwtOf(world, issuer, pair);

    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });
    expect(await another.exchange(jwt)).toMatchObject({ status: 200 });

    clock.nowMs += 1;
    const response = await another.exchange(jwt);
    expect(response).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(another.log.text()).toContain('discovery unreachable: HTTP 500');

    issuer.respondEverywhere = undefined;
    clock.nowMs += 30_000;
    expect(await another.exchange(jwt)).toMatchObject({ status: 200 });
  });

  test('make the failure temporary if a JWT names an unknown one while the issuer is down', async () => {
    const world = await openIssuerWorld({ failuresPerMinute: 1 });
    const { issuer, clock } = world;
    await world.exchange(await jwtOf(world, issuer, world.pair));
    const rotated = await generateSigningPair('ES256', 'rotated');
    issuer.respondEverywhere = (request) => request.socket.destroy();
    clock.nowMs += 5 * MINUTE_MS;

    const jwt = await jwtOf(world, issuer, rotated);

    expect((await world.exchange(jwt)).status).toBe(503);
    expect((await world.exchange(jwt)).status).toBe(503);
    const logged = world.log.lines.filter(({ msg }) => msg === 'assertion rejected');
    expect(logged.map(({ level }) => level)).toEqual([40, 20]);
    expect(await world.exchange(await jwtOf(world, issuer, world.pair))).toMatchObject({ status: 200 });
  });

  test('aren’t waited for if the last good ones are usable', async () => {
    // A request that waited for the issuer would outlast the test.
    const world = await openIssuerWorld({ timeoutMs: 60_000 });
    const { issuer, clock } = world;
    await world.exchange(await jwtOf(world, issuer, world.pair));
    issuer.respondEverywhere = () => {};
    clock.nowMs += 14 * MINUTE_MS;

    expect(await world.exchange(await jwtOf(world, issuer, world.pair))).toMatchObject({ status: 200 });
  });

  test('are waited for briefly if the last good ones are old', async () => {
    const forEver = 60_000;
    const world = await openIssuerWorld({ timeoutMs: forEver, waits: { lastGoodMs: 50, fetchMs: forEver } });
    const { issuer, clock } = world;
    await world.exchange(await jwtOf(world, issuer, world.pair));
    issuer.respondEverywhere = () => {};
    clock.nowMs += 2 * HOUR_MS;

    expect(await world.exchange(await jwtOf(world, issuer, world.pair))).toMatchObject({ status: 200 });
  });

  test.each([
    ['an empty set', []],
    ['a set of keys that can’t verify JWTs', [{ kty: 'oct', kid: 'ES256-1', k: 'AAAA' }]],
  ])('aren’t replaced by %s, which counts as a failure of the issuer', async (_what, published) => {
    const world = await openIssuerWorld();
    const { issuer, clock, pair } = world;
    await world.exchange(await jwtOf(world, issuer, pair));
    issuer.publish(...published);
    clock.nowMs += 23 * HOUR_MS;

    for (const process of [world, await world.startAnother()]) {
      expect(await process.exchange(await jwtOf(world, issuer, pair))).toMatchObject({ status: 200 });
      const reason = 'keys unusable: none can verify JWTs';
      expect(process.log.lines).toContainEqual(expect.objectContaining({ level: 40, reason }));
    }
    clock.nowMs += HOUR_MS;
    expect(await world.exchange(await jwtOf(world, issuer, pair))).toMatchObject({ status: 503 });
  });

  test('are dropped when another process changes their fetch rules', async () => {
    const world = await openIssuerWorld();
    const { issuer, pair } = world;
    const jwt = await jwtOf(world, issuer, pair);
    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });
    issuer.publish((await generateSigningPair('ES256', 'next')).publicJwk);
    expect(await world.exchange(jwt)).toMatchObject({ status: 200 });

    await world.register({ url: issuer.url, isPrivateNetwork: true });

    expect(await world.exchange(jwt)).toMatchObject({ status: 400 });
    expect(world.counted.at(-1)).toBe('no_such_key');
  });

  test.each([-24, 365 * 24])(
    'stay fresh, and are fetched at most every 30 s, when the clock steps by %i hours',
    async (hours) => {
      const world = await openIssuerWorld();
      const { issuer, clock, pair } = world;
      await world.exchange(await jwtOf(world, issuer, pair));
      clock.steppedMs = hours * HOUR_MS;

      expect(await world.exchange(await jwtOf(world, issuer, pair))).toMatchObject({ status: 200 });
      const stranger = await generateSigningPair('ES256', 'stranger');
      expect(await world.exchange(await jwtOf(world, issuer, stranger))).toMatchObject({ status: 429 });
      expect(fetches(issuer)).toBe(1);

      clock.nowMs += 30_000;
      expect(await world.exchange(await jwtOf(world, issuer, stranger))).toMatchObject({ status: 400 });
      expect(fetches(issuer)).toBe(2);
    },
  );

  test('that were stored before the clock was set back are fetched again before they are used', async () => {
    const world = await openIssuerWorld();
    const { issuer, clock, pair } = world;
    await world.exchange(await jwtOf(world, issuer, pair));
    clock.steppedMs = -24 * HOUR_MS;
    const jwt = await jwtOf(world, issuer, pair);
    issuer.respondEverywhere = (_request, response) => void response.writeHead(503).end();

    expect(await (await world.startAnother()).exchange(jwt)).toMatchObject({ status: 503 });
    issuer.respondEverywhere = undefined;
    expect(await (await world.startAnother()).exchange(jwt)).toMatchObject({ status: 200 });
  });

  test('in the teams file are used as they are and never fetched', async () => {
    const world = await openIssuerWorld();
    const url = 'https://kubernetes.default.svc';
    await world.register({ url, jwks: { keys: [world.pair.publicJwk] } });
    await world.addAccount(url);
    const of = { ...world.issuer, url };

    expect(await world.exchange(await jwtOf(world, of, world.pair))).toMatchObject({ status: 200 });
    const stranger = await generateSigningPair('ES256', 'stranger');
    expect(await world.exchange(await jwtOf(world, of, stranger))).toMatchObject({ status: 400 });
    expect(world.issuer.requestedPaths).toEqual([]);
  });
});
