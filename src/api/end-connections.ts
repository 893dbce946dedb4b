import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** What is still under way when the server closes gets so long: the process has to end within ten seconds. */
const GRACE_MS = 1_000;

/**
 * Lets `close()` wait for requests alone. Node closes the connections that are idle at that moment, but waits for those that
 * were never used, for those that become idle afterwards, and without end for who sends slowly.
 */
export function endConnections(fastify: FastifyInstance): void {
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
