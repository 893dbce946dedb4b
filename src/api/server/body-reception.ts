import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { respondToParserError } from './error-handling.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Lets the client send its body: call it when the body will be read, after the credential was checked.
     *
     * @param options `untimed`: for a body without a time limit, whose reader ends it when it is idle
     */
    acceptBody(options?: { untimed: boolean }): void;
  }
}

export interface BodyReception {
  accept(request: IncomingMessage, options?: { untimed: boolean }): void;
  /** Whether the client waits with its body for a response. */
  isHeldBack(request: IncomingMessage): boolean;
}

/** Slow senders can't hold connections forever. Starts with the end of the headers. */
const BODY_WITHIN_MS = 15_000;

/**
 * Limits how long each request's body takes, unless its route reads an unlimited one. Node's own limit (`requestTimeout`) allows no
 * exceptions. Also sends `100 Continue` only when the body is wanted, so a client without a valid credential sends none.
 */
export function receiveBodies(server: Server, withinMs = BODY_WITHIN_MS): BodyReception {
  const heldBack = new WeakMap<IncomingMessage, ServerResponse>();
  const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();
  server.on('checkContinue', (request, response) => {
    heldBack.set(request, response);
    server.emit('request', request, response);
  });
  server.prependListener('request', (request) => {
    if (!hasBody(request)) return;
    const timer = setTimeout(() => {
      if (request.complete || request.destroyed) return;
      const timeout: NodeJS.ErrnoException = new Error('the body took too long');
      timeout.code = 'ERR_HTTP_REQUEST_TIMEOUT';
      respondToParserError(timeout, request.socket);
    }, withinMs);
    timers.set(request, timer);
    request.once('close', () => clearTimeout(timer));
  });
  return {
    accept(request, options) {
      if (options?.untimed) clearTimeout(timers.get(request));
      const response = heldBack.get(request);
      heldBack.delete(request);
      if (response?.headersSent === false) response.writeContinue();
    },
    isHeldBack: (request) => heldBack.has(request),
  };
}

export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** Adds `request.acceptBody`. Responses to clients whose body wasn't accepted close the connection. */
export function decorateRequests(fastify: FastifyInstance, reception: () => BodyReception): void {
  fastify.decorateRequest('acceptBody', function accept(this: FastifyRequest, options) {
    reception().accept(this.raw, options);
  });
  // RFC 9110, section 10.1.1: such a client may or may not send the body, so nothing tells where the next request starts.
  fastify.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, _payload, done) => {
    if (reception().isHeldBack(request.raw)) reply.header('connection', 'close');
    done();
  });
}
