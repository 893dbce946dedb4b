import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createAdmission } from '../../../src/api/server/admission.ts';
import { createWorkLimit, type WorkLimit } from '../../../src/api/server/work-limit.ts';
import { listen } from '../test-server.ts';

/** More than the buffers of a connection hold. */
const LARGE = Buffer.alloc(32e6, 'x');

/** Returns a limit that allows one request, and the number of turns that began and ended. */
function countedLimit() {
  const bounds = { running: 1, waiting: 5, unreadBytes: 1 };
  const limit = createWorkLimit({ perCaller: bounds, overall: bounds });
  const turns = { begun: 0, ended: 0 };
  const counted: WorkLimit = {
    async enter(caller, gone) {
      const turn = await limit.enter(caller, gone);
      if (!turn.ok) return turn;
      turns.begun += 1;
      return {
        ...turn,
        end() {
          turns.ended += 1;
          turn.end();
        },
      };
    },
  };
  return { limit: counted, turns };
}

async function serve(limit: WorkLimit, body: Buffer, readWithinMs?: number) {
  const logger = pino({ enabled: false });
  const admit = createAdmission({ limit, logger, ...(readWithinMs !== undefined && { readWithinMs }) });
  const register = (server: FastifyInstance) => {
    server.get('/', async (request, reply) => {
      const admitted = await admit('a', request, reply);
      if (admitted === undefined) return reply;
      await setImmediate();
      admitted.respond(body.length);
      admitted.done();
      return reply.send(body);
    });
  };
  return await listen(register);
}

/** Sends requests over one connection whose responses aren't read. */
function sendUnread(url: string, times: number): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {}).pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(times));
  return socket;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

it('closes the connection of a client that does not read its response, and then serves the next one', async () => {
  const { limit, turns } = countedLimit();
  const url = await serve(limit, LARGE, 50);
  const slow = sendUnread(url, 1);
  await until(() => turns.begun === 1);
  // Waits for the bytes that the other client doesn't read.
  const response = await fetch(url);
  expect([response.status, turns]).toEqual([200, { begun: 2, ended: 1 }]);
  await response.body?.cancel();
  slow.resume();
  if (!slow.closed) await once(slow, 'close');
});

it('ends every turn of a connection that closes, including those of responses behind another one', async () => {
  const { limit, turns } = countedLimit();
  const url = await serve(limit, LARGE);
  const pipelining = sendUnread(url, 4);
  await until(() => turns.begun === 1);
  pipelining.destroy();
  await until(() => turns.begun === turns.ended);
  const response = await fetch(url);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

it('ends the turn of every response that was read, on the same connection', async () => {
  const { limit, turns } = countedLimit();
  const url = await serve(limit, Buffer.from('small'));
  for (let count = 0; count < 5; count += 1) expect(await (await fetch(url)).text()).toBe('small');
  await until(() => turns.ended === 5);
  expect(turns.begun).toBe(5);
});

it('keeps the turn of work whose client has left until it is done, and starts none for a client that left the queue', async () => {
  const bounds = { running: 1, waiting: 5, unreadBytes: 1 };
  const limit = createWorkLimit({ perCaller: bounds, overall: bounds });
  const admit = createAdmission({ limit, logger: pino({ enabled: false }) });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const work = { arrived: 0, left: 0, begun: 0 };
  const url = await listen((server) => {
    server.get('/', async (request, reply) => {
      request.raw.socket.once('close', () => {
        work.left += 1;
      });
      work.arrived += 1;
      const admitted = await admit('a', request, reply);
      if (admitted === undefined) return reply;
      work.begun += 1;
      await released;
      admitted.done();
      return 'done';
    });
  });
  for (let count = 1; count <= 4; count += 1) {
    const client = sendUnread(url, 1);
    await until(() => work.arrived === count);
    client.destroy();
    await until(() => work.left === count);
  }
  const last = fetch(url);
  await until(() => work.arrived === 5);
  await setImmediate();
  expect(work.begun).toBe(1);

  release();
  expect(await (await last).text()).toBe('done');
  expect(work.begun).toBe(2);
});
