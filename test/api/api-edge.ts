import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createHttpServer, type HttpServerDependencies } from '../../src/api/server/http-server.ts';

/** Everything that was logged, at any level. */
export function collectLog(): { logger: Logger; lines: Record<string, unknown>[]; text: () => string } {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { logger, lines, text: () => JSON.stringify(lines) };
}

/** The HTTP server with some routes; answers where it listens. */
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

/** Writes bytes as they are, and reads until the server closes. Empty where the connection was reset. */
export async function speak(url: string, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text;
  });
  socket.write(bytes);
  await closed;
  return answer;
}
