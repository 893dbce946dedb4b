import type { FastifyReply } from 'fastify';

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
