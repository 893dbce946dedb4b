import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { exceedsJsonBounds } from '../../net/json-bounds.ts';
import type { ApiFailure } from './api-error.ts';
import { UnreadableBodyError } from './error-handling.ts';

/** Larger than any body that a route needs: a token, a run, a GraphQL query with its variables. */
export const MAX_BODY_BYTES = 256 * 1024;
/** Honest clients send a body at once, so that few are on their way at the same time. */
const MAX_UNFINISHED_BODIES = 256;
/** GraphQL requests of the SDKs have five levels. Code that walks a body recursively must not overflow the stack. */
const MAX_JSON_DEPTH = 64;
/** RFC 6749 and the RFCs that build on it define about ten fields. */
const MAX_FORM_FIELDS = 50;

const FORM = 'application/x-www-form-urlencoded';

/**
 * Closes the connection whose body is on its way longest when there are too many: strangers who send only half of theirs can
 * neither fill the memory nor keep others out.
 */
export function boundUnfinishedBodies(server: FastifyInstance, maxUnfinished = MAX_UNFINISHED_BODIES): void {
  const unfinished = new Set<IncomingMessage>();
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    const { raw } = request;
    if (!raw.complete) {
      unfinished.add(raw);
      const finish = () => void unfinished.delete(raw);
      raw.once('end', finish).once('close', finish);
      const [oldest] = unfinished;
      if (unfinished.size > maxUnfinished) oldest?.destroy();
    }
    done();
  });
}

/** Parses JSON into a value and forms into `URLSearchParams`. Any other content type is a 415. */
export function parseBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decodeUtf8(body);
    if (exceedsJsonBounds(text, { maxDepth: MAX_JSON_DEPTH })) {
      throw new UnreadableBodyError('The body is nested too deeply.');
    }
    // Its result goes to `done`.
    void parseJson(request, text, done);
  });
  server.addContentTypeParser<Buffer>(
    FORM,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => {
      const text = decodeUtf8(body);
      if (text.split('&', MAX_FORM_FIELDS + 1).length > MAX_FORM_FIELDS) {
        throw new UnreadableBodyError('The form has too many fields.');
      }
      return new URLSearchParams(text);
    },
  );
}

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

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new UnreadableBodyError('The body is not valid UTF-8.');
  }
}
