import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Admit } from '../../src/api/server/admission.ts';
import { createHttpServer, type HttpServerDependencies } from '../../src/api/server/http-server.ts';

/** Returns a logger that collects its lines at every level. */
export function collectLog(): { logger: Logger; lines: Record<string, unknown>[]; text: () => string } {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { logger, lines, text: () => JSON.stringify(lines) };
}

/** Admits every request. */
export const admitAll: Admit = async () => ({
  over: new AbortController().signal,
  abandon: () => {},
  hasWaited: false,
  respond: () => {},
  done: () => {},
});

/** Starts an HTTP server with some routes until the test ends, and returns its URL. */
export async function listen(
  register: (server: FastifyInstance) => void,
  options: Partial<HttpServerDependencies> = {},
): Promise<string> {
  const server = createHttpServer({
    slack: { path: '/slack/events', listener: () => undefined },
    isReady: async () => {},
    logger: pino({ enabled: false }),
    register,
    ...options,
  });
  onTestFinished(() => server.close());
  return await server.listen({ host: '127.0.0.1', port: 0 });
}

/** Sends bytes over a connection, and returns what the server sends until it closes. Empty if the connection was reset. */
export async function sendBytes(url: string, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  let response = '';
  socket.setEncoding('latin1').on('data', (text) => {
    response += text;
  });
  socket.write(bytes);
  await closed;
  return response;
}
