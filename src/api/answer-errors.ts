import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { StoreUnavailableError } from '../application/ports/store.ts';
import { type ApiError, sendError, sendStoreUnavailable } from './api-error.ts';

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
