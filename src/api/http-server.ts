import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

export interface HttpServerDependencies {
  /** Requests at this path go to Slack's listener, unread; the rest is Fastify's. Undefined while Slack is not connected. */
  slack: {
    path: string;
    listener: () => ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  };
  /** Resolves while the app can serve, else throws. */
  isReady: () => Promise<void>;
  logger: Logger;
}

/** The one HTTP server: Slack's requests, and beside them whether the process lives and can serve. */
export function createHttpServer({ slack, isReady, logger }: HttpServerDependencies): FastifyInstance {
  const server = Fastify({
    logger: false,
    serverFactory: (handler) =>
      // A client that sends slowly holds no connection for ever.
      createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, (request, response) => {
        if (pathOf(request) !== slack.path) return handler(request, response);
        const listener = slack.listener();
        if (listener !== undefined) return listener(request, response);
        response.writeHead(503, {
          'content-type': 'application/json',
          'retry-after': '5',
          connection: 'close',
        });
        response.end(JSON.stringify({ error: 'slack_not_connected' }));
      }),
  });
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    try {
      await isReady();
      return { status: 'ready' };
    } catch (error) {
      logger.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'not_ready' });
    }
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not_found' }));
  return server;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
