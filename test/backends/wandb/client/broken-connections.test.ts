import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MUTATION, QUERY, startClient } from './client-on-server.ts';
import { cut, cutWithin, data, drip, flood, type Responder, silence } from './wandb-server.ts';

const ONE_TRY = { maxTries: 1 };

describe('a broken connection', () => {
  test.each([
    ['before a response', cut],
    ['within a response', cutWithin],
  ])('is reported as lost when it breaks %s, and a mutation may have taken effect', async (_, responder) => {
    await using setup = await startClient({ limits: ONE_TRY });
    setup.server.respondWith(responder);

    const lost = { reason: 'connection_lost', code: expect.stringMatching(/^[A-Z_]+$/) };
    expect(await setup.client.call(MUTATION, {})).toEqual({
      ok: false,
      failure: { ...lost, mayHaveHappened: true },
    });
    expect(await setup.client.call(QUERY, {})).toEqual({
      ok: false,
      failure: { ...lost, mayHaveHappened: false },
    });
  });

  test('is reported as unreachable, without an effect, when the server refuses it', async () => {
    await using setup = await startClient({ limits: ONE_TRY });
    await setup.server.stop();

    expect(await setup.client.call(MUTATION, {})).toEqual({
      ok: false,
      failure: { reason: 'unreachable', code: 'ECONNREFUSED', mayHaveHappened: false },
    });
  });

  test('is reported as lost when the other side does not speak HTTP', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    const { fetch } = globalThis;
    await using setup = await startClient({
      limits: ONE_TRY,
      fetch: (_url, init) => fetch(`http://127.0.0.1:${address.port}`, init),
    });

    expect(await setup.client.call(QUERY, {})).toMatchObject({ failure: { reason: 'connection_lost' } });
    server.close();
  });
});

describe('an exchange with the server', () => {
  test.each([
    ['sends nothing', silence],
    ['sends one byte and no more', drip],
  ])('ends at the timeout when the server %s', async (_, responder) => {
    await using setup = await startClient({ limits: { ...ONE_TRY, timeoutMs: 100 } });
    setup.server.respondWith(responder);

    expect(await setup.client.call(MUTATION, {})).toEqual({
      ok: false,
      failure: { reason: 'timed_out', mayHaveHappened: true },
    });
    expect(await setup.client.call(QUERY, {})).toMatchObject({
      failure: { reason: 'timed_out', mayHaveHappened: false },
    });
  });

  test('ends at the timeout even when fetch ignores its signal', async () => {
    await using setup = await startClient({
      limits: { ...ONE_TRY, timeoutMs: 20 },
      fetch: () => new Promise(() => {}),
    });

    expect(await setup.client.call(QUERY, {})).toMatchObject({ failure: { reason: 'timed_out' } });
  });

  test('counts as refused when the error status arrives but its body never does', async () => {
    // Not over a socket: on a busy machine, the status could arrive after the timeout.
    const stalled = () => new ReadableStream({ start: (body) => body.enqueue(Buffer.from('{')) });
    await using setup = await startClient({
      limits: { ...ONE_TRY, timeoutMs: 20 },
      fetch: async () => new Response(stalled(), { status: 403 }),
    });

    expect(await setup.client.call(MUTATION, {})).toMatchObject({
      failure: { reason: 'forbidden', mayHaveHappened: false },
    });
  });

  test.each<[string, Responder]>([
    ['has no end', flood],
    [
      'declares a length over the bound',
      (response) => void response.writeHead(200, { 'content-length': '99999999' }).write('{'),
    ],
    [
      'exceeds the bound when decompressed',
      (response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    ],
  ])('is ended at the bound when the response %s', async (_, responder) => {
    await using setup = await startClient();
    const { promise: dropped, resolve } = Promise.withResolvers<void>();
    setup.server.respondWith((response, request) => {
      response.on('close', resolve);
      responder(response, request);
    });

    expect(await setup.client.call(MUTATION, {})).toEqual({
      ok: false,
      failure: { reason: 'too_large', mayHaveHappened: true },
    });
    await dropped;
  });

  test('reads a response that is exactly as long as the bound', async () => {
    const body = JSON.stringify({ data: { answer: 1 }, extensions: 'schön 👩🏽‍🚀' });
    await using setup = await startClient({ limits: { maxResponseBytes: Buffer.byteLength(body) } });
    setup.server.respondWith((response) => {
      for (const byte of Buffer.from(body)) response.write(Buffer.of(byte));
      response.end();
    });

    expect(await setup.client.call(QUERY, {})).toEqual({ ok: true, value: { answer: 1 } });
  });

  test('reports a response with broken compression as not JSON', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"data":1}'),
    );

    expect(await setup.client.call(MUTATION, {})).toEqual({
      ok: false,
      failure: { reason: 'not_json', mayHaveHappened: true },
    });
  });
});

describe('the caller of an operation', () => {
  test('can end the call with a signal', async () => {
    await using setup = await startClient();
    const controller = new AbortController();
    setup.server.respondWith(() => controller.abort());

    expect(await setup.client.call(MUTATION, {}, { signal: controller.signal })).toEqual({
      ok: false,
      failure: { reason: 'cancelled', mayHaveHappened: true },
    });
    expect(setup.server.requests).toHaveLength(1);
  });

  test('sends nothing when the signal has aborted or the deadline has passed before the call', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ answer: 1 }));

    expect(await setup.client.call(MUTATION, {}, { signal: AbortSignal.abort() })).toEqual({
      ok: false,
      failure: { reason: 'cancelled', mayHaveHappened: false },
    });
    expect(await setup.client.call(MUTATION, {}, { deadlineMs: setup.clock.nowMs })).toEqual({
      ok: false,
      failure: { reason: 'timed_out', mayHaveHappened: false },
    });
    expect(setup.server.requests).toEqual([]);
  });

  test('waits no longer than its deadline when that is before the timeout', async () => {
    await using setup = await startClient({ limits: { timeoutMs: 600_000, maxTries: 1 } });
    setup.server.respondWith(silence);

    expect(await setup.client.call(QUERY, {}, { deadlineMs: setup.clock.nowMs + 50 })).toMatchObject({
      failure: { reason: 'timed_out' },
    });
  });
});
