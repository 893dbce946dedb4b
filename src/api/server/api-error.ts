import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Logger } from 'pino';
import { StoreUnavailableError } from '../../application/ports/store.ts';

/**
 * What every refusal and failure of the API says, in the shape of RFC 6749, section 5.2. `error` is stable and for
 * programs; `error_description` is for people, in the characters that the RFC allows: ASCII without quotes and backslashes.
 */
export interface ApiError {
  status: number;
  error: string;
  description: string;
  headers?: Readonly<Record<string, string>>;
  /** Where it is Keysmith's fault: finds the line in its log. */
  reference?: string;
}

/** Try again so much later where the database could not be asked. */
const RETRY_AFTER_SECONDS = 5;

/** The fields of an {@link ApiError} as they are sent. */
export function apiErrorBody({ error, description, reference }: ApiError) {
  return { error, error_description: description, ...(reference !== undefined && { reference }) };
}

export function sendError(reply: FastifyReply, apiError: ApiError): FastifyReply {
  return reply
    .code(apiError.status)
    .headers({ ...PLAIN_ANSWER_HEADERS, ...apiError.headers })
    .send(apiErrorBody(apiError));
}

/** Of every answer, unless its route says otherwise. */
export const PLAIN_ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/** The database can't be asked now. */
export function sendStoreUnavailable(reply: FastifyReply): FastifyReply {
  return sendError(reply, {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'Keysmith can not reach its database. Try again in a moment.',
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    reference: reply.request.id,
  });
}

/** A route that answers one method (GET also HEAD), and 405 (RFC 9110, section 15.5.6) to every other. */
export function oneMethod(server: FastifyInstance, route: RouteOptions & { method: 'GET' | 'POST' }): void {
  server.route(route);
  const allowed = route.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  server.route({
    url: route.url,
    method: server.supportedMethods.filter((method) => !allowed.includes(method)),
    // Before a body is looked at.
    onRequest: async (_request, reply) =>
      sendError(reply, {
        status: 405,
        error: 'method_not_allowed',
        description: `Use ${allowed.join(' or ')}.`,
        headers: { allow: allowed.join(', ') },
      }),
    handler: () => undefined,
  });
}

/** A body that can't be read; the description goes to the sender. */
export class UnreadableBodyError extends Error {
  override name = 'UnreadableBodyError';
}

/** Whatever goes wrong in a route is answered as an `ApiError`; what nobody expected is logged, and nothing of it is shown. */
export function answerErrors(server: FastifyInstance, logger: Logger): void {
  server.setErrorHandler((error, request, reply) => answerError(error, { request, reply, logger }));
  // In a hook, so that an unknown route is unknown whatever body it is sent.
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404) return sendNotFound(reply);
  });
  server.setNotFoundHandler((_request, reply) => sendNotFound(reply));
}

export function answerError(
  error: unknown,
  { request, reply, logger }: { request: FastifyRequest; reply: FastifyReply; logger: Logger },
): FastifyReply {
  if (error instanceof StoreUnavailableError) {
    logger.error({ err: error, requestId: request.id }, 'the database is unavailable');
    return sendStoreUnavailable(reply);
  }
  const refusal = refusalOf(error);
  if (refusal !== undefined) return sendError(reply, refusal);
  if (request.raw.destroyed && !request.raw.complete) {
    // Nobody is left to read the answer.
    return sendError(reply, invalidRequest('The request broke off.'));
  }
  logger.error({ err: error, requestId: request.id }, 'a request failed');
  return sendError(reply, {
    status: 500,
    error: 'server_error',
    description: 'Keysmith failed in a way that nobody expected. The reference finds it in the log.',
    reference: request.id,
  });
}

/** What is the sender's fault: Fastify's codes stand in its `docs/Reference/Errors.md`. */
function refusalOf(error: unknown): ApiError | undefined {
  if (error instanceof UnreadableBodyError) return invalidRequest(error.message);
  switch (codeOf(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { status: 413, error: 'body_too_large', description: 'The body is too large.' };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return unsupportedContentType();
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidRequest('The body is empty.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidRequest('The body is not valid JSON.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidRequest('The body is not as long as its Content-Length says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return invalidRequest('The URL is malformed.');
    default:
      return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

export function invalidRequest(description: string): ApiError {
  return { status: 400, error: 'invalid_request', description };
}

/** @param wanted what the route takes, where it takes one thing */
export function unsupportedContentType(wanted?: string): ApiError {
  return {
    status: 415,
    error: 'unsupported_content_type',
    description: wanted ? `Send ${wanted}.` : 'A body of this content type is not read here.',
  };
}

function sendNotFound(reply: FastifyReply): FastifyReply {
  return sendError(reply, { status: 404, error: 'not_found', description: 'There is nothing here.' });
}

/** Answers what is not even HTTP, in the shape of every other error, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) return void socket.destroy();
  const refusal = parserRefusal(error.code);
  const body = JSON.stringify(apiErrorBody(refusal));
  const headers = {
    ...PLAIN_ANSWER_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`, ...lines, '', body].join('\r\n'),
    // Whatever else the other side sends is not read.
    () => socket.destroy(),
  );
}

/** Another answer has begun on this connection: ours would become a part of it. Node's own server looks at the same field. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}

/** The codes of Node's parser (llhttp) and server: nodejs.org/api/http.html#event-clienterror. */
function parserRefusal(code: string | undefined): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, error: 'headers_too_large', description: 'The headers are too large.' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, error: 'body_too_large', description: 'The chunk extensions are too large.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, error: 'request_timeout', description: 'The request took too long to arrive.' };
    default:
      return { status: 400, error: 'invalid_request', description: 'This is not a valid HTTP request.' };
  }
}
