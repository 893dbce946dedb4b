import type { FastifyReply } from 'fastify';

/**
 * Answers with server-sent events, each `data:` one event as JSON, until the reader goes or the server stops.
 * `subscribe` gets what sends one, and returns what ends the subscription.
 */
export function streamEvents(
  reply: FastifyReply,
  stopped: AbortSignal,
  subscribe: (send: (event: object) => void) => () => void,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  raw.write(': connected\n\n');
  const unsubscribe = subscribe((event) => raw.write(`data: ${JSON.stringify(event)}\n\n`));
  const end = () => {
    unsubscribe();
    raw.end();
  };
  stopped.addEventListener('abort', end, { once: true });
  raw.on('close', () => {
    unsubscribe();
    stopped.removeEventListener('abort', end);
  });
}
