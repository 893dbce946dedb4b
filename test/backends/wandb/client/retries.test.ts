import { describe, expect, test } from 'vitest';
import { MUTATION, NOW_MS, QUERY, startClient } from './client-on-server.ts';
import { type Answer, cut, cutWithin, data, html, json, silence, status } from './wandb-server.ts';

const good = data({ answer: 1 });
const value = { ok: true, value: { answer: 1 } };

describe('A query', () => {
  test.each<[string, Answer]>([
    ['429', status(429)],
    ['500', status(500)],
    ['502', html(502)],
    ['503', html(503)],
    ['504', html(504)],
    ['a cut connection', cut],
    ['a cut answer', cutWithin],
  ])('is tried again after %s, three times at most', async (_, answer) => {
    await using on = await startClient();
    on.server.answer(answer, answer, good);
    expect(await on.client.call(QUERY, {})).toEqual(value);
    expect(on.server.requests).toHaveLength(3);

    on.server.answer(answer, answer, answer, good);
    expect(await on.client.call(QUERY, {})).toMatchObject({ ok: false });
    expect(on.server.requests).toHaveLength(6);
  });

  test('is tried again after a time-out', async () => {
    await using on = await startClient({ limits: { timeoutMs: 100 } });
    on.server.answer(silence, good);

    expect(await on.client.call(QUERY, {})).toEqual(value);
  });

  test.each<[string, Answer]>([
    ['401', status(401)],
    ['403', status(403)],
    ['404', status(404)],
    ['409', status(409)],
    ['501', status(501)],
    ['a redirect', status(302, { location: '/' })],
    ['a log-in page', html()],
    ['errors', json({ errors: [{ message: 'no' }], data: null })],
    ['another shape', json({ data: {} })],
  ])('is not tried again after %s', async (_, answer) => {
    await using on = await startClient();
    on.server.answer(answer, good);

    expect(await on.client.call(QUERY, {})).toMatchObject({ ok: false });
    expect(on.server.requests).toHaveLength(1);
  });

  test('waits for a random part of a time that doubles', async () => {
    for (const [random, pauses] of [
      [0, [0, 0]],
      [0.5, [125, 250]],
      [0.999, [249.75, 499.5]],
    ] as const) {
      await using on = await startClient({ random: () => random });
      on.server.answer(status(503));

      await on.client.call(QUERY, {});

      expect(on.pauses).toEqual(pauses);
    }
  });

  test('is not tried again where the pause would end after the deadline', async () => {
    await using on = await startClient();
    on.server.answer(status(503), good);

    expect(await on.client.call(QUERY, {}, { deadlineMs: NOW_MS + 100 })).toMatchObject({
      failure: { reason: 'server_error' },
    });
    expect(on.pauses).toEqual([]);
  });

  test('ends in a pause when the caller gives up', async () => {
    const controller = new AbortController();
    await using on = await startClient({
      sleep: async (_milliseconds, signal) => {
        controller.abort();
        signal?.throwIfAborted();
      },
    });
    on.server.answer(status(503), good);

    expect(await on.client.call(QUERY, {}, { signal: controller.signal })).toEqual({
      ok: false,
      failure: { reason: 'cancelled', mayHaveHappened: false },
    });
    expect(on.server.requests).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  test.each([
    ['in seconds', '2'],
    ['as a date', new Date(NOW_MS + 2_000).toUTCString()],
  ])('%s is waited for', async (_, header) => {
    for (const code of [429, 503]) {
      await using on = await startClient();
      on.server.answer(status(code, { 'retry-after': header }), good);

      expect(await on.client.call(QUERY, {})).toEqual(value);
      expect(on.pauses).toEqual([2_125]);
    }
  });

  test.each([
    ['in seconds', '60'],
    ['as a date', new Date(NOW_MS + 60_000).toUTCString()],
  ])('%s that is far off is told to the caller', async (_, header) => {
    for (const code of [429, 503]) {
      await using on = await startClient();
      on.server.answer(status(code, { 'retry-after': header }), good);

      expect(await on.client.call(QUERY, {})).toMatchObject({ failure: { retryAfterSeconds: 60 } });
      expect(on.server.requests).toHaveLength(1);
    }
  });
});

describe('A mutation', () => {
  test.each<[string, Answer]>([
    ['429', status(429)],
    ['429 with Retry-After', status(429, { 'retry-after': '1' })],
    ['500', status(500)],
    ['502', status(502)],
    ['503 with Retry-After', status(503, { 'retry-after': '1' })],
    ['504', status(504)],
    ['a cut connection', cut],
    ['a cut answer', cutWithin],
    ['a time-out', silence],
  ])('is not tried again after %s: it may have happened', async (_, answer) => {
    await using on = await startClient({ limits: { timeoutMs: 500 } });
    on.server.answer(answer, good);

    expect(await on.client.call(MUTATION, {})).toMatchObject({ failure: { mayHaveHappened: true } });
    expect(on.server.requests).toHaveLength(1);
  });

  test('that does no harm when it is done twice is tried again after 429, and after nothing else', async () => {
    const idempotent = { ...MUTATION, isIdempotent: true } as const;
    await using on = await startClient();
    on.server.answer(status(429), good);
    expect(await on.client.call(idempotent, {})).toEqual(value);

    on.server.answer(status(503), good);
    expect(await on.client.call(idempotent, {})).toMatchObject({ failure: { mayHaveHappened: true } });
    expect(on.server.requests).toHaveLength(3);
  });

  test('is tried again after a refused connection', async () => {
    let tries = 0;
    await using on = await startClient({
      fetch: async () => {
        tries += 1;
        if (tries < 3) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
        return Response.json({ data: { answer: 1 } });
      },
    });

    expect(await on.client.call(MUTATION, {})).toEqual(value);
    expect(tries).toBe(3);
  });

  test('is not tried again after a certificate that nobody trusts', async () => {
    let tries = 0;
    await using on = await startClient({
      fetch: async () => {
        tries += 1;
        throw new TypeError('fetch failed', { cause: { code: 'CERT_HAS_EXPIRED' } });
      },
    });

    expect(await on.client.call(MUTATION, {})).toMatchObject({ failure: { reason: 'unreachable' } });
    expect(tries).toBe(1);
  });
});
