import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** The access check of a route, and the signal that ends its event streams. */
export interface ApiGuards {
  guard: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

type ParsedBody<T> = { ok: true; value: T } | { ok: false; message: string };

/**
 * Parses the JSON body of a request. It requires the JSON content type, which a page of another site can't send without
 * a CORS preflight.
 */
export function readJson<T>(request: FastifyRequest, schema: z.ZodType<T>): ParsedBody<T> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return { ok: false, message: 'The content type must be application/json.' };
  }
  let json: unknown;
  try {
    json = JSON.parse(String(request.body));
  } catch {
    return { ok: false, message: "The body isn't valid JSON." };
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, message: z.prettifyError(parsed.error) };
}

export interface JsonResponse {
  status: number;
  body: object;
}

export function sendJson(reply: FastifyReply, { status, body }: JsonResponse): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').send(body);
}

export function invalidRequest(message: string): JsonResponse {
  return { status: 400, body: { ok: false, error: 'invalid_request', message } };
}

export function conflict(message: string): JsonResponse {
  return { status: 409, body: { ok: false, error: 'conflict', message } };
}

export function notFound(message: string): JsonResponse {
  return { status: 404, body: { ok: false, error: 'not_found', message } };
}

/**
 * Responds with server-sent events, each `data:` one event as JSON, until the client disconnects or the server stops.
 * `subscribe` gets a function that sends an event, and one that returns whether the client has yet to receive earlier ones. It
 * returns a function that ends the subscription.
 */
export function streamEvents(
  reply: FastifyReply,
  stopped: AbortSignal,
  subscribe: (send: (event: object) => void, isBehind: () => boolean) => () => void,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  raw.write(': connected\n\n');
  const unsubscribe = subscribe(
    (event) => raw.write(`data: ${JSON.stringify(event)}\n\n`),
    () => raw.writableNeedDrain,
  );
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
