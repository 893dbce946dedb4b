import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A connection with unfinished headers takes about 20 kilobytes. One organization's proxies and workloads need far fewer. */
const MAX_CONNECTIONS = 4_096;

export interface ConnectionLimits {
  maxConnections?: number | undefined;
  /** How long `close()` waits for requests under way. */
  graceMs: number;
}

/**
 * Limits how many connections are open. Beyond the limit, a new connection replaces the one that has waited longest for a request
 * or the rest of its headers; if none waits, the one that has been busy longest. Otherwise, clients that don't read their
 * responses could keep everyone else out forever.
 *
 * Also makes `close()` wait only for requests, and at most `graceMs`. Node itself closes connections that are idle at that moment,
 * but waits for unused connections, for connections that become idle later, and forever for slow senders.
 */
export function manageConnections(
  fastify: FastifyInstance,
  { maxConnections = MAX_CONNECTIONS, graceMs }: ConnectionLimits,
): void {
  const { server } = fastify;
  const open = new Set<Socket>();
  const { waiting, busy } = trackRequests(server);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (open.size <= maxConnections) return;
    // The newest waits too.
    const [longest] = waiting.size > 1 || busy.size === 0 ? waiting : busy;
    longest?.destroy();
  });
  let isScheduled = false;
  const closeIfIdle = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (!server.listening) server.closeIdleConnections();
    });
  };
  server.on('request', (_request, response) => {
    response.once('close', closeIfIdle);
  });
  fastify.addHook('preClose', async () => {
    for (const socket of waiting) socket.destroy();
    setTimeout(() => server.closeAllConnections(), graceMs).unref();
  });
}

/**
 * Returns the connections without a complete request head, and those with a request under way: in each, the one for which that
 * has been so for longest comes first.
 */
function trackRequests(server: Server): { waiting: ReadonlySet<Socket>; busy: ReadonlySet<Socket> } {
  const waiting = new Set<Socket>();
  const busy = new Set<Socket>();
  server.on('connection', (socket) => {
    waiting.add(socket);
    socket.once('close', () => {
      waiting.delete(socket);
      busy.delete(socket);
    });
  });
  /** Requests under way, of which a client that pipelines has several. */
  const requests = new WeakMap<Socket, number>();
  const count = (socket: Socket, change: number) => {
    const underWay = (requests.get(socket) ?? 0) + change;
    requests.set(socket, underWay);
    if (socket.destroyed) return;
    const [from, to] = underWay > 0 ? [waiting, busy] : [busy, waiting];
    from.delete(socket);
    to.add(socket);
  };
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  return { waiting, busy };
}
