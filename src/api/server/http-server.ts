import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { drawBase62 } from '../../domain/keys/base62.ts';
import { runInRequest } from '../../log/create-logger.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { createClientAddressOf } from '../../net/client-address.ts';
import { createRequestBodies, type Reception } from '../../net/request-bodies.ts';
import { DEFAULT_HEADERS, sendRawError } from './api-error.ts';
import { type BodyReception, decorateRequests, receiveBodies } from './body-reception.ts';
import { manageConnections } from './connections.ts';
import { rejectUnroutedRequests, respondToError, respondToParserError } from './error-handling.ts';
import { MAX_BODY_BYTES, parseBodies } from './request-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The address of the client, which trusted proxies forward. Fastify's own `ip` is the connection's. */
    readonly clientAddress: string;
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
type SlackListener = (request: IncomingMessage, response: ServerResponse, reception: Reception) => void;

export interface HttpServerDependencies {
  /**
   * Requests at this path go to Slack's listener unread; all others go to Fastify. The listener is undefined while Slack isn't
   * connected. All of it is undefined in Socket Mode, where the path doesn't exist.
   */
  slack: { path: string; listener: () => SlackListener | undefined } | undefined;
  /** Rejects while Keysmith can't serve. */
  isReady: () => Promise<void>;
  logger: Logger;
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` is trusted. `createHttpServer` throws if one is malformed. */
  trustedProxies?: readonly string[];
  /** Called after every response, also to Slack. */
  observe?: (observed: ObservedRequest) => void;
  /** Adds the routes of the API. Runs when the server starts to listen. */
  register?: (server: FastifyInstance) => void | Promise<void>;
  /** How long a connection may be idle. 75 seconds by default. */
  keepAliveSeconds?: number | undefined;
  /** How many connections may be open. 4,096 by default. */
  maxConnections?: number;
  /** How long `close()` waits for requests under way. 1 second by default: the process must end within ten. */
  graceMs?: number;
}

export interface ObservedRequest {
  /** The pattern, never the URL; `none` for a request without a route. */
  route: string;
  method: string;
  status: number;
  durationMs: number;
}

/**
 * Creates the one HTTP server: Slack's requests, health checks and the API. Every error has the same shape (`ApiFailure`), and
 * every request an ID that its log lines carry.
 */
export function createHttpServer(dependencies: HttpServerDependencies): FastifyInstance {
  const { logger, trustedProxies = [], register, observe, graceMs = 1_000, maxConnections } = dependencies;
  const log = createLimitedLog(logger, { linesPerWindow: 10 });
  const clientAddressOf = createClientAddressOf(trustedProxies);
  const bodies = createRequestBodies();
  const random = createRandomBytes();
  let reception: BodyReception | undefined;
  const server: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => `ks_${drawBase62(14, random)}`,
    // While the server closes, it still serves requests on open connections.
    return503OnClosing: false,
    clientErrorHandler: respondToParserError,
    // Errors before routing run no hook and no error handler.
    frameworkErrors: (error, request, reply) => {
      respondToError(error, { request, reply, logger: log });
      observeReply(request, reply);
    },
    serverFactory: (handler) => {
      const created = createNodeServer(dependencies, handler, (request) => ({
        from: clientAddressOf(request),
        bodies,
      }));
      reception = created.reception;
      return created.server;
    },
  });
  decorateRequests(server, () => reception as BodyReception);
  server.decorateRequest('clientAddress', {
    getter(this: FastifyRequest) {
      return clientAddressOf(this.raw);
    },
  });
  addParserMethods(server);
  manageConnections(server, { maxConnections, graceMs });
  parseBodies(server, bodies);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(DEFAULT_HEADERS);
    runInRequest({ requestId: request.id }, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    observeReply(request, reply);
    done();
  });
  server.setErrorHandler((error, request, reply) => respondToError(error, { request, reply, logger: log }));
  server.addHook('onClose', async () => log.flush());
  const routeTable = rejectUnroutedRequests(server);
  addHealthRoutes(server, dependencies);
  if (register) server.register(async (scope) => register(scope));
  return server;

  function observeReply(request: FastifyRequest, reply: FastifyReply): void {
    const route = routeTable.pathOf(request) ?? 'none';
    const durationMs = reply.elapsedTime;
    const observed = { route, method: request.method, status: reply.statusCode, durationMs };
    // The pattern, as the query of a URL may hold a secret; at debug level, as anyone can send any number of requests.
    logger.debug(
      { requestId: request.id, ...observed, durationMs: Math.round(durationMs) },
      'request completed',
    );
    observe?.(observed);
  }
}

/** Returns random bytes, which it draws from the system for many requests at once. */
function createRandomBytes(): (size: number) => Uint8Array {
  let pool: Uint8Array = new Uint8Array();
  return (size) => {
    if (pool.length < size) pool = randomBytes(Math.max(size, 4_096));
    const drawn = pool.subarray(0, size);
    pool = pool.subarray(size);
    return drawn;
  };
}

/** Adds the methods that Node parses but Fastify doesn't know: a gateway may forward any method of its client. */
function addParserMethods(server: FastifyInstance): void {
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !server.supportedMethods.includes(method)) server.addHttpMethod(method);
  }
}

/** Longer than proxies keep idle connections (nginx and AWS: 60 s). If Keysmith closed first, a request would get lost. */
const KEEP_ALIVE_SECONDS = 75;

function createNodeServer(
  { slack, observe, keepAliveSeconds = KEEP_ALIVE_SECONDS }: HttpServerDependencies,
  handler: Listener,
  receptionOf: (request: IncomingMessage) => Reception,
): { server: Server; reception: BodyReception } {
  const server = createServer(
    {
      // Slow senders can't hold connections forever. The time starts with the first byte of a request, so it may be shorter
      // than the time between two requests. `receiveBodies` limits the rest.
      headersTimeout: 10_000,
      requestTimeout: 0,
      // By default, it is checked every 30 seconds only.
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: keepAliveSeconds * 1000,
      // Checked below, to send an error in the API's own shape.
      requireHostHeader: false,
    },
    (request, response) => {
      if (request.headers.host === undefined && request.httpVersion === '1.1') {
        const description = 'The Host header is missing.';
        return sendRawError(response, { reason: 'invalid_request', description });
      }
      if (pathOf(request) !== slack?.path) return handler(request, response);
      if (observe) observeRawRequest(request, response, { route: slack.path, observe });
      const listener = slack.listener();
      if (listener !== undefined) {
        reception.accept(request);
        return listener(request, response, receptionOf(request));
      }
      sendRawError(response, { reason: 'slack_not_connected' });
    },
  );
  // Node's own response has no body.
  server.on('checkExpectation', (_request, response) => {
    sendRawError(response, { reason: 'expectation_failed' });
  });
  const reception = receiveBodies(server);
  return { server, reception };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function observeRawRequest(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  { route, observe }: { route: string; observe: (observed: ObservedRequest) => void },
): void {
  const startedAt = performance.now();
  response.once('finish', () => {
    observe({ route, method, status: response.statusCode, durationMs: performance.now() - startedAt });
  });
}

/** Anyone can ask any number of times. */
const LOG_UNREADY_EVERY_MS = 10_000;

function addHealthRoutes(server: FastifyInstance, { isReady, logger }: HttpServerDependencies): void {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    try {
      await isReady();
      return { status: 'ready' };
    } catch (error) {
      const nowMs = performance.now();
      if (nowMs - loggedAtMs >= LOG_UNREADY_EVERY_MS) {
        loggedAtMs = nowMs;
        logger.warn({ err: error }, 'readiness check failed');
      }
      return reply.code(503).send({ status: 'not_ready' });
    }
  });
}
