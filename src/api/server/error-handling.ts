import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import type { EventLog } from '../../log/limited-log.ts';
import { type ApiFailure, type ErrorFormat, rawErrorResponse, sendError } from './api-error.ts';

/** A body that can't be read. The message is sent to the caller. */
export class UnreadableBodyError extends Error {
  override name = 'UnreadableBodyError';
}

/** A body that wasn't read to its end. */
export class UnfinishedBodyError extends Error {
  override name = 'UnfinishedBodyError';

  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/** Responds to an error of a route. An unexpected error is logged, and the response shows nothing of it. */
export function respondToError(
  error: unknown,
  { request, reply, logger }: { request: FastifyRequest; reply: FastifyReply; logger: EventLog },
): FastifyReply {
  const reference = request.id;
  if (error instanceof StoreUnavailableError) {
    logger.error({ err: error, requestId: reference }, 'database not reachable');
    return sendError(reply, { reason: 'store_unavailable', fault: error.fault, reference });
  }
  const failure = requestFailure(error);
  if (failure !== undefined) return sendError(reply, failure);
  if (request.raw.destroyed && !request.raw.complete) {
    // The client disconnected, which isn't an error to log.
    return sendError(reply, {
      reason: 'invalid_request',
      description: 'The connection closed before the request was complete.',
    });
  }
  logger.error({ err: error, requestId: reference }, 'request failed');
  return sendError(reply, { reason: 'unexpected', reference });
}

/** Returns the failure if the caller caused the error. Codes: Fastify's `docs/Reference/Errors.md`. */
function requestFailure(error: unknown): ApiFailure | undefined {
  if (error instanceof UnreadableBodyError) return invalidRequest(error.message);
  if (error instanceof UnfinishedBodyError) return error.failure;
  switch (error instanceof Error && 'code' in error && error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { reason: 'body_too_large' };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { reason: 'content_type_not_supported' };
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidRequest('The body is empty.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidRequest('The body is not valid JSON.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidRequest("The body's length doesn't match its Content-Length.");
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return invalidRequest('The URL is malformed.');
    default:
      return undefined;
  }
}

function invalidRequest(description: string): ApiFailure {
  return { reason: 'invalid_request', description };
}

/** The paths of all routes with their methods. */
export interface RouteTable {
  /** Returns the path of the request's route, also if its method is wrong. Undefined if no route has the path. */
  pathOf(request: FastifyRequest): string | undefined;
}

/**
 * Responds to requests without a route: 405 with `Allow` if the path has one for other methods, else 404. Call it before
 * adding routes.
 */
export function rejectUnroutedRequests(server: FastifyInstance): RouteTable {
  const methodsByPath = new Map<string, string[]>();
  const formatByPath = new Map<string, ErrorFormat | undefined>();
  server.addHook('onRoute', ({ url, method, config }) => {
    methodsByPath.set(url, [...(methodsByPath.get(url) ?? []), ...[method].flat()]);
    formatByPath.set(url, config?.errorFormat);
  });
  const reject = (request: FastifyRequest, reply: FastifyReply) => {
    const path = decodedPath(request);
    const allowed = methodsByPath.get(path);
    // A route that knows more about its paths may have refused a request of its own method.
    const isOther = allowed !== undefined && !allowed.includes(request.method);
    return sendError(
      reply,
      isOther ? { reason: 'method_not_allowed', allowed: allowed.toSorted() } : { reason: 'not_found' },
      formatByPath.get(path),
    );
  };
  // In a hook, so that Fastify doesn't parse a body that no route reads.
  server.addHook('onRequest', (request, reply, done) => {
    if (request.is404) reject(request, reply);
    else done();
  });
  server.setNotFoundHandler(reject);
  return {
    pathOf: (request) => {
      const path = request.routeOptions?.url ?? decodedPath(request);
      return methodsByPath.has(path) ? path : undefined;
    },
  };
}

/** Returns the path as the router compares it: percent-decoded, without its query, and without the origin of an absolute URL. */
function decodedPath({ url }: FastifyRequest): string {
  const [path = ''] = url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Responds to bytes that Node's parser rejects, and closes the connection. */
export function respondToParserError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || hasStartedResponse(socket))
    return void socket.destroy();
  const { status, headers, text } = rawErrorResponse(parserFailure(error.code));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'), () =>
    socket.destroy(),
  );
}

/** A second response would become part of the one under way. Node's own server looks at the same field. */
function hasStartedResponse(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}

/** Codes of Node's parser (llhttp) and server: nodejs.org/api/http.html#event-clienterror. */
function parserFailure(code: string | undefined): ApiFailure {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { reason: 'headers_too_large' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { reason: 'chunk_extensions_too_large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { reason: 'request_timeout' };
    default:
      return invalidRequest('Not a valid HTTP request.');
  }
}
