import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { HttpAnswer } from '../../slack/web-api/slack-routes.ts';
import type { WireAnswer } from './graphql-answer.ts';

/** Answers, or does to the connection what was planned. `stopped` ends what would go on. */
export async function sendAnswer(reply: FastifyReply, wire: WireAnswer, stopped: AbortSignal): Promise<void> {
  if (wire.kind === 'answer') {
    const { status, headers, body } = wire.answer;
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
      return await cutInTheMiddle(reply, wire.answer);
    case 'drip':
      begin(reply, wire.answer);
      return await stream(reply, bytesOf(wire.answer.body, wire.everyMs, stopped), stopped);
    case 'endless':
      reply.raw.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      return await stream(reply, endlessJson(), stopped);
  }
}

function begin({ raw }: FastifyReply, { status, headers, body }: HttpAnswer): void {
  raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
}

async function cutInTheMiddle(reply: FastifyReply, answer: HttpAnswer): Promise<void> {
  begin(reply, answer);
  const { socket } = reply.raw;
  reply.raw.write(answer.body.slice(0, answer.body.length / 2), () => socket?.destroy());
  if (socket && !socket.destroyed) await once(socket, 'close');
}

/** Readers give up: that is what it is for. */
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

interface Hold {
  /** Settles when a call stands at the hold. */
  reached: Promise<void>;
  /** Lets it go on, or, before it came, takes the hold away. */
  release(): void;
}

type HoldAt = 'before' | 'after';

export interface Holds {
  /** Holds the next call with this root field (`*`: any) before or after its effect. */
  hold(operation: string, at: { at: HoldAt }): Hold;
  /** Goes on once nothing holds the call. */
  pass(operations: string[], at: HoldAt): Promise<void>;
}

interface Placed {
  operation: string;
  at: HoldAt;
  reach: () => void;
  released: Promise<void>;
}

export function createHolds(): Holds {
  const placed = new Set<Placed>();
  return {
    hold(operation, { at }) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const own: Placed = { operation, at, reach: reached.resolve, released: released.promise };
      placed.add(own);
      return {
        reached: reached.promise,
        release() {
          placed.delete(own);
          released.resolve();
        },
      };
    },
    async pass(operations, at) {
      const found = [...placed].find(
        (one) => one.at === at && (one.operation === '*' || operations.includes(one.operation)),
      );
      if (!found) return;
      placed.delete(found);
      found.reach();
      await found.released;
    },
  };
}
