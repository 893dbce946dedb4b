import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { drawBase62 } from '../../domain/keys/base62.ts';
import { runInRequest } from '../../log/create-logger.ts';
import {
  type ApiError,
  answerClientError,
  answerError,
  answerErrors,
  apiErrorBody,
  oneMethod,
  PLAIN_ANSWER_HEADERS,
} from './api-error.ts';
import { MAX_BODY_BYTES, readBodies } from './request-body.ts';

/** What is still under way when the server closes gets so long: the process has to end within ten seconds. */
const GRACE_MS = 1_000;

/**
 * Lets `close()` wait for requests alone. Node closes the connections that are idle at that moment, but waits for those that
 * were never used, for those that become idle afterwards, and without end for who sends slowly.
 */
function endConnections(fastify: FastifyInstance): void {
  const { server } = fastify;
  const unused = new Set<Socket>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', (request, response) => {
    unused.delete(request.socket);
    response.once('close', () => setImmediate(() => server.listening || server.closeIdleConnections()));
  });
  fastify.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  });
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export interface HttpServerDependencies {
  /**
   * Requests at this path go to Slack's listener, unread; the rest is Fastify's. The listener is undefined while Slack is
   * not connected, and all of it in Socket Mode, where nobody has business at the path.
   */
  slack: { path: string; listener: () => Listener | undefined } | undefined;
  /** Resolves while the app can serve, else throws. */
  isReady: () => Promise<void>;
  logger: Logger;
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` counts. Throws where one is malformed. */
  trustedProxies?: readonly string[];
  /** Told of every answered request, Slack's too. */
  observe?: (observed: ObservedRequest) => void;
  /** Adds the routes of the API. Runs when the server begins to listen. */
  register?: (server: FastifyInstance) => void | Promise<void>;
}

export interface ObservedRequest {
  /** The pattern, never the URL; `none` where no route has it. */
  route: string;
  method: string;
  status: number;
  durationMs: number;
}

/** Longer than proxies keep theirs (nginx and AWS 60 s): who closes first must be the proxy, else its next request is lost. */
const KEEP_ALIVE_MS = 72_000;

/**
 * The one HTTP server: Slack's requests, whether the process lives and can serve, and the API. Whatever goes wrong in it is
 * told in one shape (`ApiError`); every request has an ID, which its log lines carry.
 */
export function createHttpServer(dependencies: HttpServerDependencies): FastifyInstance {
  const { logger, trustedProxies = [], register, observe } = dependencies;
  const observeReply = (request: FastifyRequest, reply: FastifyReply) => {
    const route = request.routeOptions?.url ?? 'none';
    const { method } = request;
    const observed = { route, method, status: reply.statusCode, durationMs: reply.elapsedTime };
    logRequest(logger, request.id, observed);
    observe?.(observed);
  };
  const server: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    genReqId: () => `ks_${drawBase62(14, randomBytes)}`,
    // While the server closes, requests on open connections are served, and the connections closed.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    // Errors before a route is found: they pass no hook and no error handler.
    frameworkErrors: (error, request, reply) => {
      answerError(error, { request, reply, logger });
      observeReply(request, reply);
    },
    serverFactory: (handler) => createNodeServer(dependencies, handler),
  });
  // What the parser takes but Fastify does not know is a wrong method as well, or any method of a gateway's client.
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !server.supportedMethods.includes(method)) server.addHttpMethod(method);
  }
  endConnections(server);
  readBodies(server);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(PLAIN_ANSWER_HEADERS);
    runInRequest({ requestId: request.id }, done);
  });
  server.addHook('onResponse', async (request, reply) => observeReply(request, reply));
  answerErrors(server, logger);
  addHealth(server, dependencies);
  if (register) server.register(async (scope) => register(scope));
  return server;
}

function createNodeServer({ slack, observe }: HttpServerDependencies, handler: Listener): Server {
  const server = createServer(
    {
      // A client that sends slowly holds no connection for ever.
      requestTimeout: 15_000,
      headersTimeout: 10_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Missing ones are refused below, in the shape of every error.
      requireHostHeader: false,
    },
    (request, response) => {
      if (request.headers.host === undefined && request.httpVersion === '1.1') {
        return refuse(response, {
          status: 400,
          error: 'invalid_request',
          description: 'The Host header is missing.',
        });
      }
      if (pathOf(request) !== slack?.path) return handler(request, response);
      if (observe) observeRaw(request, response, { route: slack.path, observe });
      const listener = slack.listener();
      if (listener !== undefined) return listener(request, response);
      refuse(response, {
        status: 503,
        error: 'slack_not_connected',
        description: 'Keysmith is not connected to Slack yet.',
        headers: { 'retry-after': '5' },
      });
    },
  );
  // Node's own answer has no body.
  server.on('checkExpectation', (_request, response) => {
    refuse(response, {
      status: 417,
      error: 'expectation_failed',
      description: 'The only expectation that is met here is 100-continue.',
    });
  });
  return server;
}

function addHealth(server: FastifyInstance, { isReady, logger }: HttpServerDependencies): void {
  oneMethod(server, { method: 'GET', url: '/healthz', handler: async () => ({ status: 'ok' }) });
  oneMethod(server, {
    method: 'GET',
    url: '/readyz',
    handler: async (_request, reply) => {
      try {
        await isReady();
        return { status: 'ready' };
      } catch (error) {
        logger.warn({ err: error }, 'not ready');
        return reply.code(503).send({ status: 'not_ready' });
      }
    },
  });
}

/** Names the route's pattern and never the URL, whose query may hold a secret. Anybody can cause any number of them. */
function logRequest(logger: Logger, requestId: string, observed: ObservedRequest): void {
  const { durationMs, ...same } = observed;
  logger.debug({ requestId, ...same, durationMs: Math.round(durationMs) }, 'request');
}

function observeRaw(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  { route, observe }: { route: string; observe: (observed: ObservedRequest) => void },
): void {
  const startedAt = performance.now();
  response.once('finish', () => {
    observe({ route, method, status: response.statusCode, durationMs: performance.now() - startedAt });
  });
}

function refuse(response: ServerResponse, error: ApiError): void {
  const body = JSON.stringify(apiErrorBody(error));
  response.writeHead(error.status, {
    ...PLAIN_ANSWER_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...error.headers,
  });
  response.end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
