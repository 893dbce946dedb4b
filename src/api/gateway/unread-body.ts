import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { hasBody } from '../server/body-reception.ts';

const LINGER_MS = 1_000;

/**
 * Closes the connection after a response to a request whose body wasn't read, but reads on for a moment: a client that is still
 * sending would otherwise get a reset connection instead of the response, and SDKs then try again for days.
 */
export function lingerAfterRefusals(scope: FastifyInstance): void {
  scope.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (typeof payload !== 'string' || raw.complete || !hasBody(raw)) return done(null, payload);
    reply.headers({ connection: 'close', 'content-length': String(Buffer.byteLength(payload)) });
    done(null, Readable.from(sendAndDrain(payload, raw)));
  });
}

async function* sendAndDrain(payload: string, raw: IncomingMessage): AsyncGenerator<string> {
  // With its length, the response is complete for the client here.
  yield payload;
  if (raw.destroyed || raw.complete) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LINGER_MS);
  raw.once('close', resolve).once('end', resolve).on('error', resolve);
  raw.resume();
  await promise;
  clearTimeout(timer);
}

/** Returns a body as a stream of its own, so that ending it leaves the client's connection open for a response. */
export function detachBody(raw: IncomingMessage): Readable {
  const body = new PassThrough();
  raw.pipe(body);
  const end = () => {
    if (!raw.complete) body.destroy(new Error('the client closed the connection'));
  };
  raw.once('close', end).once('error', end);
  return body;
}
