import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { exceedsJsonBounds } from '../../net/json-bounds.ts';
import type { RequestBodies } from '../../net/request-bodies.ts';
import type { ApiFailure } from './api-error.ts';
import { UnfinishedBodyError, UnreadableBodyError } from './error-handling.ts';

/** Larger than any body that a route needs: a token, a run, a GraphQL query with its variables. */
export const MAX_BODY_BYTES = 256 * 1024;
/** GraphQL requests of the SDKs have five levels. Code that walks a body recursively must not overflow the stack. */
const MAX_JSON_DEPTH = 64;
/** The SDKs send about a hundred. A parsed value takes up to 20 times the memory of its text, and many bodies may wait for a turn. */
const MAX_JSON_VALUES = 1_000;
/** RFC 6749 and the RFCs that build on it define about ten fields. */
const MAX_FORM_FIELDS = 50;

const FORM = 'application/x-www-form-urlencoded';

/** Less than the server's own limit for a whole request, so that its place is free sooner. */
const BODY_WITHIN_MS = 10_000;

/** Parses JSON into a value and forms into `URLSearchParams`. Any other content type is a 415. */
export function parseBodies(server: FastifyInstance, bodies: RequestBodies): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  const parsers: Record<string, (request: FastifyRequest, text: string) => unknown> = {
    'application/json': (request, text) => {
      if (request.routeOptions.config.keepsJsonText === true) return text;
      if (exceedsJsonBounds(text, { maxDepth: MAX_JSON_DEPTH, maxCommas: MAX_JSON_VALUES })) {
        throw new UnreadableBodyError('The body is nested too deeply or has too many values.');
      }
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      void parseJson(request, text, (error, value) => (error ? reject(error) : resolve(value)));
      return promise;
    },
    [FORM]: (_request, text) => {
      if (text.split('&', MAX_FORM_FIELDS + 1).length > MAX_FORM_FIELDS) {
        throw new UnreadableBodyError('The form has too many fields.');
      }
      return new URLSearchParams(text);
    },
  };
  for (const [contentType, parse] of Object.entries(parsers)) {
    server.addContentTypeParser(contentType, async (request: FastifyRequest, payload: Readable) =>
      parse(request, await readBody(request, payload, bodies)),
    );
  }
}

async function readBody(request: FastifyRequest, payload: Readable, bodies: RequestBodies): Promise<string> {
  const { bodyLimit: maxBytes } = request.routeOptions;
  if (Number(request.headers['content-length']) > maxBytes) {
    throw new UnfinishedBodyError({ reason: 'body_too_large' });
  }
  return await readBodyText(request, payload, { bodies, maxBytes, withinMs: BODY_WITHIN_MS });
}

/**
 * Reads a body as text.
 *
 * @throws UnfinishedBodyError, UnreadableBodyError, and when the connection closes
 */
export async function readBodyText(
  request: FastifyRequest,
  payload: Readable,
  { bodies, ...limits }: { bodies: RequestBodies; maxBytes: number; withinMs: number },
): Promise<string> {
  request.acceptBody();
  const read = await bodies.read(payload, request.clientAddress, limits);
  if (read.ok) return decodeUtf8(read.body);
  throw new UnfinishedBodyError({ reason: UNFINISHED[read.reason] });
}

const UNFINISHED = {
  too_large: 'body_too_large',
  too_slow: 'request_timeout',
  displaced: 'overloaded',
} as const;

export type ReadFormResult =
  | { ok: true; fields: ReadonlyMap<string, string> }
  | { ok: false; failure: ApiFailure };

/**
 * Returns the fields of a form, and refuses duplicates (RFC 6749, section 3.1): parsers differ in which one they use.
 *
 * @param expected describes the form to a caller that sends something else
 */
export function readForm(body: unknown, expected = `a form (${FORM})`): ReadFormResult {
  if (!(body instanceof URLSearchParams)) {
    return { ok: false, failure: { reason: 'content_type_not_supported', expected } };
  }
  const fields = new Map(body);
  if (fields.size === body.size) return { ok: true, fields };
  return { ok: false, failure: { reason: 'invalid_request', description: 'Duplicate form field.' } };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(body: Buffer): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw new UnreadableBodyError('The body is not valid UTF-8.');
  }
}
