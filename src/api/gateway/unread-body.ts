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

/** As many bytes as a stream would hold anyway. */
const MAX_SHORT_BYTES = 64 * 1024;

/** Returns the length of a body that is forwarded in one piece. Undefined for a long one, and for one without a stated length. */
export function shortLength({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  const length = Number(headers['content-length']);
  return length <= MAX_SHORT_BYTES ? length : undefined;
}

/** Reads a short body. Returns undefined when the request is over first. */
export function readShortBody(
  raw: IncomingMessage,
  { length, over }: { length: number; over: AbortSignal },
): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  let body: Buffer | undefined;
  let received = 0;
  const take = (chunk: Buffer) => {
    if (chunk.length === length) body = chunk;
    else {
      // One buffer, as a list of small chunks takes many times the memory of their bytes.
      body ??= Buffer.allocUnsafe(length);
      body.set(chunk, received);
    }
    received += chunk.length;
  };
  const end = () => resolve(received === length ? body : undefined);
  const stop = () => {
    raw.off('data', take).off('end', end).pause();
    resolve(undefined);
  };
  // Without a listener, an error of the connection would end the process.
  raw.once('end', end).once('close', stop).on('error', stop).on('data', take);
  over.addEventListener('abort', stop, { once: true });
  if (over.aborted) stop();
  return promise;
}
