import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { HttpResponse } from '../../http/local-server.ts';
import type { WireResponse } from './graphql-response.ts';

/** Sends a response, or fails the connection as planned. `stopped` ends responses that would go on. */
export async function sendResponse(
  reply: FastifyReply,
  wire: WireResponse,
  stopped: AbortSignal,
): Promise<void> {
  if (wire.kind === 'response') {
    const { status, headers, body } = wire.response;
    await reply.code(status).headers(headers).send(body);
    return;
  }
  reply.hijack();
  switch (wire.kind) {
    case 'silence':
      return;
    case 'reset':
      reply.raw.socket?.resetAndDestroy();
      return;
    case 'truncated':
      return await sendHalf(reply, wire.response);
    case 'drip':
      sendHead(reply, wire.response);
      return await stream(reply, bytesOf(wire.response.body, wire.everyMs, stopped), stopped);
    case 'endless':
      reply.raw.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      return await stream(reply, endlessJson(), stopped);
  }
}

function sendHead({ raw }: FastifyReply, { status, headers, body }: HttpResponse): void {
  raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
}

async function sendHalf(reply: FastifyReply, response: HttpResponse): Promise<void> {
  sendHead(reply, response);
  const { socket } = reply.raw;
  reply.raw.write(response.body.slice(0, response.body.length / 2), () => socket?.destroy());
  if (socket && !socket.destroyed) await once(socket, 'close');
}

/** Ignores errors, because the readers are expected to disconnect. */
async function stream(
  reply: FastifyReply,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  await pipeline(Readable.from(chunks, { objectMode: false }), reply.raw, { signal }).catch(() => undefined);
}

async function* bytesOf(body: string, everyMs: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (const byte of Buffer.from(body)) {
    yield Buffer.of(byte);
    await delay(everyMs, undefined, { signal });
  }
}

function* endlessJson(): Generator<Buffer> {
  yield Buffer.from('{"data":{"viewer":{"name":"');
  const more = Buffer.alloc(64 * 1024, 'a');
  for (;;) yield more;
}
