import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { sendError } from './api-error.ts';
import type { WorkLimit } from './work-limit.ts';

/**
 * Waits until the caller's request may run. Returns undefined after it has sent an error: 429 if the caller itself has too many
 * requests in progress, 503 if all callers together do. W&B's clients wait for `Retry-After` and try again after both.
 *
 * Also returns undefined when the client has left meanwhile. The request's turn ends when its work is done and its response, or its
 * connection, is over: otherwise, clients could start any amount of work by leaving.
 */
export type Admit = (
  caller: string,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Admitted | undefined>;

interface Admitted {
  /** Aborts when the response was sent or can't be sent anymore. */
  over: AbortSignal;
  /** Aborts {@link over} earlier. */
  abandon(): void;
  /** What was checked before may have changed since. */
  hasWaited: boolean;
  /** Call it with the length of the complete response, so that the next request runs while the client reads this one. */
  respond(bytes: number): void;
  /** Call it when no work goes on for the request anymore, also after an error. */
  done(): void;
}

export interface AdmissionOptions {
  limit: WorkLimit;
  logger: Logger;
  /** How long a client may take to read a response before its connection is closed. */
  readWithinMs?: number;
}

const READ_WITHIN_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;

export function createAdmission({ limit, logger, readWithinMs = READ_WITHIN_MS }: AdmissionOptions): Admit {
  return async (caller, request, reply) => {
    const { signal: over, end: abandon } = responseOver(request, reply);
    const turn = await limit.enter(caller, over);
    if (!turn.ok) {
      // Once per busy period, so that callers can't fill the log.
      logger[turn.isFirst ? 'warn' : 'debug']({ caller, reason: turn.reason }, 'requests refused');
      sendError(reply, { reason: turn.reason, retryAfterSeconds: RETRY_AFTER_SECONDS });
      return undefined;
    }
    if (over.aborted) {
      turn.end();
      return undefined;
    }
    let isDone = false;
    const endIfOver = () => {
      if (isDone && over.aborted) turn.end();
    };
    onAbort(over, endIfOver);
    return {
      over,
      abandon,
      hasWaited: turn.hasWaited,
      done() {
        isDone = true;
        endIfOver();
      },
      respond(bytes) {
        turn.respond(bytes);
        const deadline = setTimeout(() => request.raw.socket.destroy(), readWithinMs);
        onAbort(over, () => clearTimeout(deadline));
      },
    };
  };
}

/** Without a reason, each abort would create an exception with its stack. */
const OVER = new Error('the request is over');

/** Aborts when the response was sent or can't be sent anymore. */
function responseOver({ raw: { socket } }: FastifyRequest, { raw: response }: FastifyReply) {
  const over = new AbortController();
  const end = () => {
    socket.off('close', end);
    over.abort(OVER);
  };
  // A response behind another one on its connection doesn't learn that the connection closed. A client may send many requests
  // at once, so there may be many listeners.
  socket.setMaxListeners(0);
  socket.once('close', end);
  response.once('close', end);
  if (socket.destroyed || response.closed) end();
  return { signal: over.signal, end };
}

function onAbort(signal: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
}
