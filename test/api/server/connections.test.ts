import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createHttpServer } from '../../../src/api/server/http-server.ts';
import { send } from '../../send-request.ts';
import { listen } from '../test-server.ts';

test('Bytes that are not HTTP and follow a request do not become part of its response', async () => {
  const url = await listen((server) => {
    server.get('/slow', (_request, reply) => {
      reply.raw.writeHead(200, { 'content-length': '10' }).write('begun');
      setTimeout(() => reply.raw.end('ended'), 200);
    });
  });

  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  let response = '';
  socket.on('data', (text) => {
    response += text;
    socket.write('NO HTTP\r\n\r\n');
  });
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;

  expect(response).toMatch(/\r\n\r\nbegun$/);
});

test('An idle connection stays open for 75 seconds, or as long as the setting says', async () => {
  const routes = (server: FastifyInstance) => void server.get('/', async () => 'ok');
  const keepAlive = async (url: string) => {
    const response = await send(url, { method: 'GET', headers: { connection: 'keep-alive' } });
    return response.headers['keep-alive'];
  };

  expect(await keepAlive(await listen(routes))).toBe('timeout=75');
  expect(await keepAlive(await listen(routes, { keepAliveSeconds: 620 }))).toBe('timeout=620');
});

test('The server closes after its last response, although clients hold connections to it', async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const server = createHttpServer({
    slack: { path: '/slack/events', listener: () => undefined },
    isReady: async () => {},
    logger: pino({ enabled: false }),
    graceMs: 50,
    register: (scope) =>
      void scope.get('/slow', async () => {
        start();
        await released;
        return 'done';
      }),
  });
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const connection = async (bytes: string) => {
    const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(bytes);
    return socket;
  };
  await connection('');
  await connection('GET /slow HT');
  await connection('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
  const waiting = await connection('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await started;

  const closed = server.close();
  release();

  const [response] = await once(waiting, 'data');
  expect(response).toMatch(/^HTTP\/1\.1 200 OK/);
  await closed;
});

test('Of too many unfinished bodies, the oldest is dropped, and the others are served', async () => {
  const url = await listen((server) => {
    server.post('/echo', async (request) => request.body);
  });
  const closed: number[] = [];
  const head =
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n';
  const sockets = Array.from({ length: 259 }, (_, index) =>
    connect(Number(new URL(url).port), '127.0.0.1')
      .on('error', () => {})
      .on('close', () => closed.push(index))
      .resume(),
  );
  for (const [index, socket] of sockets.entries()) {
    if (socket.connecting) await once(socket, 'connect');
    socket.write(`${head}"`);
    // The last three push out the first three.
    if (index >= 256) await once(sockets[index - 256] ?? socket, 'close');
  }

  const [newest] = sockets.slice(-1);
  newest?.setEncoding('latin1').write('abc"');
  const [response] = await once(newest as Socket, 'data');

  expect(response).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(closed).toEqual([0, 1, 2]);
  for (const socket of sockets) socket.destroy();
});

test('A new connection replaces the one that has waited longest, never one with a request in progress', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const url = await listen(
    (server) =>
      void server.get('/slow', async () => {
        start();
        await released;
        return 'done';
      }),
    { maxConnections: 3 },
  );
  const open = async (bytes: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
    socket.on('error', () => {});
    const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
    await once(socket, 'connect');
    socket.write(bytes);
    return { socket, closed };
  };
  const underWay = await open('GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await started;
  const [idle, unfinished] = [await open(''), await open('GET /slow HTTP/1.1\r\nHo')];

  const health = { method: 'GET', headers: { connection: 'close' } };
  expect((await send(`${url}/healthz`, health)).status).toBe(200);
  expect(await idle.closed).toBe('closed');
  await open('');
  expect((await send(`${url}/healthz`, health)).status).toBe(200);
  expect(await unfinished.closed).toBe('closed');

  release();
  const [response] = await once(underWay.socket, 'data');
  expect(response).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('Clients that never read their responses cannot keep others out', async () => {
  const url = await listen((server) => void server.get('/large', async () => 'x'.repeat(1_000_000)), {
    maxConnections: 3,
  });
  const sockets: Socket[] = [];
  while (sockets.length < 3) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.pause().write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
    await once(socket, 'readable');
    sockets.push(socket);
  }

  const health = { method: 'GET', headers: { connection: 'close' } };
  expect((await send(`${url}/healthz`, health)).status).toBe(200);

  const [longest, ...others] = sockets;
  await once((longest as Socket).resume(), 'close');
  for (const socket of others) socket.destroy();
});
