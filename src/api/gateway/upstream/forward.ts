import type { IncomingHttpHeaders } from 'node:http';
import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';

/** The response of the W&B server, before anything of it was sent on. */
export interface UpstreamResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** A stream; `dump` gives it up. */
  body: Dispatcher.ResponseData['body'];
}

interface ForwardOptions {
  /** Starts with a slash; without the path of the W&B server's own URL, and without a query. */
  path: string;
  /** Empty, or starts with a question mark. */
  query: string;
  /** All headers to send; the length of a new body is added. */
  headers: Readonly<Record<string, string>>;
  /** A new JSON body. By default the request's own, as it arrives. */
  json?: string;
  /** The request's own body, if it was read to its end. */
  body?: Buffer;
  /** Ends the request to the W&B server. */
  signal: AbortSignal;
  onResponse(response: UpstreamResponse): void;
  /** Called when there is no response. */
  onFailure(failure: 'unreachable' | 'too_slow'): void;
}

export type Forward = (reply: FastifyReply, options: ForwardOptions) => void;

export interface ForwardingDependencies {
  /** Without a trailing slash; may have a path. */
  upstreamUrl: string;
  dispatcher: Dispatcher;
  /** How long nothing may arrive from the W&B server. */
  idleTimeoutMs: number;
}

/** Lets a scope's routes forward requests to the W&B server: once each, without following redirects. */
export async function addForwarding(
  scope: FastifyInstance,
  { upstreamUrl, dispatcher, idleTimeoutMs }: ForwardingDependencies,
): Promise<Forward> {
  // `reply.from` doesn't take a signal, and calls `request` before it returns.
  let signal: AbortSignal | undefined;
  const request = (options: Dispatcher.RequestOptions, callback: (...results: never[]) => void) =>
    dispatcher.request({ ...options, signal: signal ?? null }, callback as never);
  await scope.register(replyFrom, {
    base: upstreamUrl,
    undici: { request: request as unknown as Dispatcher['request'] },
    retryMethods: [],
    // Of parsed URLs.
    cacheURLs: 200,
    disableRequestLogging: true,
  });
  const prefix = new URL(upstreamUrl).pathname.replace(/\/$/, '');
  return (reply, { path, query, headers, json, body: read, onResponse, onFailure, ...options }) => {
    signal = options.signal;
    const body = json ?? read;
    reply.from(`${prefix}${path}`, {
      timeout: idleTimeoutMs,
      queryString: () => query.slice(1),
      // With a content type, the library sends the body as it is. The headers below replace that type.
      ...(body !== undefined && { body, contentType: 'application/json' }),
      rewriteRequestHeaders: (_request, sent) => ({
        ...headers,
        host: sent.host,
        ...(json !== undefined && { 'content-length': String(sent['content-length']) }),
      }),
      // The route decides which headers it sends on.
      rewriteHeaders: () => ({}),
      onResponse: (_request, _reply, response) => {
        const { statusCode, headers: received, stream } = response as unknown as Received;
        // After a status that Fastify refuses, the failure was sent already.
        if (statusCode > 599) return void stream.destroy();
        onResponse({ status: statusCode, headers: received, body: stream });
      },
      onError: (_reply, { error }) => onFailure(isTimeout(error) ? 'too_slow' : 'unreachable'),
    });
    signal = undefined;
  };
}

interface Received {
  statusCode: number;
  headers: IncomingHttpHeaders;
  stream: UpstreamResponse['body'];
}

/** Only statuses tell: reply-from has several errors for each. */
function isTimeout(error: Error): boolean {
  return 'statusCode' in error && error.statusCode === 504;
}
