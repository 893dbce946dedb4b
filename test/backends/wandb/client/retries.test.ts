import { describe, expect, test } from 'vitest';
import { readRetryAfterSeconds } from '../../../../src/backends/wandb/client/response-failure.ts';
import { MUTATION, NOW_MS, QUERY, startClient } from './client-on-server.ts';
import { cut, cutWithin, data, html, json, type Responder, silence, status } from './wandb-server.ts';

const good = data({ answer: 1 });
const value = { ok: true, value: { answer: 1 } };

describe('a query', () => {
  test.each<[string, Responder]>([
    ['429', status(429)],
    ['500', status(500)],
    ['502', html(502)],
    ['503', html(503)],
    ['504', html(504)],
    ['a connection that breaks before the response', cut],
    ['a connection that breaks within the response', cutWithin],
  ])('is retried after %s, with three tries at most', async (_, responder) => {
    await using setup = await startClient();
    setup.server.respondWith(responder, responder, good);
    expect(await setup.client.call(QUERY, {})).toEqual(value);
    expect(setup.server.requests).toHaveLength(3);

    setup.server.respondWith(responder, responder, responder, good);
    expect(await setup.client.call(QUERY, {})).toMatchObject({ ok: false });
    expect(setup.server.requests).toHaveLength(6);
  });

  test.each([-86_400_000, 365 * 86_400_000])(
    'is retried when the clock steps by %i ms meanwhile',
    async (stepMs) => {
      await using setup = await startClient({
        sleep: async () => {
          setup.clock.steppedMs += stepMs;
        },
      });
      setup.server.respondWith(status(503), status(503), good);

      expect(await setup.client.call(QUERY, {})).toEqual(value);
    },
  );

  test('is retried after a timeout', async () => {
    await using setup = await startClient({ limits: { timeoutMs: 100 } });
    setup.server.respondWith(silence, good);

    expect(await setup.client.call(QUERY, {})).toEqual(value);
  });

  test.each<[string, Responder]>([
    ['401', status(401)],
    ['403', status(403)],
    ['404', status(404)],
    ['409', status(409)],
    ['501', status(501)],
    ['a redirect', status(302, { location: '/' })],
    ['a login page', html()],
    ['GraphQL errors', json({ errors: [{ message: 'no' }], data: null })],
    ['an unexpected shape', json({ data: {} })],
  ])('is not retried after %s', async (_, responder) => {
    await using setup = await startClient();
    setup.server.respondWith(responder, good);

    expect(await setup.client.call(QUERY, {})).toMatchObject({ ok: false });
    expect(setup.server.requests).toHaveLength(1);
  });

  test('pauses between tries for a random part of a time that doubles', async () => {
    for (const [random, pauses] of [
      [0, [0, 0]],
      [0.5, [125, 250]],
      [0.999, [249.75, 499.5]],
    ] as const) {
      await using setup = await startClient({ random: () => random });
      setup.server.respondWith(status(503));

      await setup.client.call(QUERY, {});

      expect(setup.pauses).toEqual(pauses);
    }
  });

  test('is not retried when the pause would end after the deadline', async () => {
    await using setup = await startClient();
    setup.server.respondWith(status(503), good);

    expect(await setup.client.call(QUERY, {}, { deadlineMs: NOW_MS + 100 })).toMatchObject({
      failure: { reason: 'server_error' },
    });
    expect(setup.pauses).toEqual([]);
  });

  test('ends during a pause when the caller aborts', async () => {
    const controller = new AbortController();
    await using setup = await startClient({
      sleep: async (_milliseconds, signal) => {
        controller.abort();
        signal?.throwIfAborted();
      },
    });
    setup.server.respondWith(status(503), good);

    expect(await setup.client.call(QUERY, {}, { signal: controller.signal })).toEqual({
      ok: false,
      failure: { reason: 'cancelled', mayHaveHappened: false },
    });
    expect(setup.server.requests).toHaveLength(1);
  });
});

describe('a Retry-After header', () => {
  test.each([
    ['in seconds', '2'],
    ['as a date', new Date(NOW_MS + 2_000).toUTCString()],
  ])('%s is respected by the next try', async (_, header) => {
    for (const code of [429, 503]) {
      await using setup = await startClient();
      setup.server.respondWith(status(code, { 'retry-after': header }), good);

      expect(await setup.client.call(QUERY, {})).toEqual(value);
      expect(setup.pauses).toEqual([2_125]);
    }
  });

  test.each([
    ['in seconds', '60'],
    ['as a date', new Date(NOW_MS + 60_000).toUTCString()],
  ])('%s ends the call when it asks for a long pause, which the failure reports', async (_, header) => {
    for (const code of [429, 503]) {
      await using setup = await startClient();
      setup.server.respondWith(status(code, { 'retry-after': header }), good);

      expect(await setup.client.call(QUERY, {})).toMatchObject({ failure: { retryAfterSeconds: 60 } });
      expect(setup.server.requests).toHaveLength(1);
    }
  });
});

describe('a mutation', () => {
  test.each<[string, Responder]>([
    ['429', status(429)],
    ['429 with Retry-After', status(429, { 'retry-after': '1' })],
    ['500', status(500)],
    ['502', status(502)],
    ['503 with Retry-After', status(503, { 'retry-after': '1' })],
    ['504', status(504)],
    ['a connection that breaks before the response', cut],
    ['a connection that breaks within the response', cutWithin],
    ['a timeout', silence],
  ])('is not retried after %s, because it may have taken effect', async (_, responder) => {
    await using setup = await startClient({ limits: { timeoutMs: 500 } });
    setup.server.respondWith(responder, good);

    expect(await setup.client.call(MUTATION, {})).toMatchObject({ failure: { mayHaveHappened: true } });
    expect(setup.server.requests).toHaveLength(1);
  });

  test('is retried after 429 when it is idempotent, but not after 503', async () => {
    const idempotent = { ...MUTATION, isIdempotent: true } as const;
    await using setup = await startClient();
    setup.server.respondWith(status(429), good);
    expect(await setup.client.call(idempotent, {})).toEqual(value);

    setup.server.respondWith(status(503), good);
    expect(await setup.client.call(idempotent, {})).toMatchObject({ failure: { mayHaveHappened: true } });
    expect(setup.server.requests).toHaveLength(3);
  });

  test('is retried after a refused connection', async () => {
    let tries = 0;
    await using setup = await startClient({
      fetch: async () => {
        tries += 1;
        if (tries < 3) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
        return Response.json({ data: { answer: 1 } });
      },
    });

    expect(await setup.client.call(MUTATION, {})).toEqual(value);
    expect(tries).toBe(3);
  });

  test('is not retried after an invalid certificate', async () => {
    let tries = 0;
    await using setup = await startClient({
      fetch: async () => {
        tries += 1;
        throw new TypeError('fetch failed', { cause: { code: 'CERT_HAS_EXPIRED' } });
      },
    });

    expect(await setup.client.call(MUTATION, {})).toMatchObject({ failure: { reason: 'unreachable' } });
    expect(tries).toBe(1);
  });
});

describe('reading a Retry-After header', () => {
  test.each([
    ['0', 0],
    ['120', 120],
    [' 7 ', 7],
    ['9'.repeat(400), 86_400],
    ['Tue, 24 Nov 2026 06:01:00 GMT', 60],
    ['Tuesday, 24-Nov-26 06:01:00 GMT', 60],
    ['Tue Nov 24 06:01:00 2026', 60],
    ['Tue, 24 Nov 2026 05:00:00 GMT', 0],
    ['Wed, 24 Nov 2027 06:00:00 GMT', 86_400],
  ])('reads %j as %d seconds', (header, seconds) => {
    expect(readRetryAfterSeconds(header, NOW_MS)).toBe(seconds);
  });

  test.each([null, '', '-1', '1.5', '1e3', 'soon', '2026-11-24T06:01:00Z', 'Tue, 99 Xyz 2026 06:01:00 GMT'])(
    'ignores the invalid header %j',
    (header) => {
      expect(readRetryAfterSeconds(header, NOW_MS)).toBeUndefined();
    },
  );
});
