import type { FastifyInstance } from 'fastify';
import { exceedsJsonBounds } from '../../net/json-bounds.ts';
import { UnreadableBodyError } from './api-error.ts';

/** More than any route takes: a token, a run, a GraphQL query with its variables. */
export const MAX_BODY_BYTES = 256 * 1024;
/** GraphQL requests of the SDKs have five levels; what walks a body recursively must not overflow the stack. */
const MAX_JSON_DEPTH = 64;
/** RFC 6749 and its relatives have some ten fields; reading a hundred thousand takes long. */
const MAX_FORM_FIELDS = 50;

const FORM = 'application/x-www-form-urlencoded';

/** Bodies that routes get: JSON as a value, forms as `URLSearchParams`; anything else is a 415. */
export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decoded(body);
    if (exceedsJsonBounds(text, { maxDepth: MAX_JSON_DEPTH }))
      throw new UnreadableBodyError('The body is nested too deeply.');
    // It answers by `done`.
    void parseJson(request, text, done);
  });
  server.addContentTypeParser<Buffer>(
    FORM,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => {
      const text = decoded(body);
      if (text.split('&', MAX_FORM_FIELDS + 1).length > MAX_FORM_FIELDS) {
        throw new UnreadableBodyError('The form has too many fields.');
      }
      return new URLSearchParams(text);
    },
  );
}

export type ReadFormResult =
  | { ok: true; fields: ReadonlyMap<string, string> }
  | { ok: false; reason: 'not_a_form' | 'repeated' };

/** The fields of a form's body. A field that comes twice is refused (RFC 6749, section 3.1): readers differ in which counts. */
export function readForm(body: unknown): ReadFormResult {
  if (!(body instanceof URLSearchParams)) return { ok: false, reason: 'not_a_form' };
  const fields = new Map(body);
  return fields.size === body.size ? { ok: true, fields } : { ok: false, reason: 'repeated' };
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new UnreadableBodyError('The body is not valid UTF-8.');
  }
}
