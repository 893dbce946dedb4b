import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

export type Read<T> = { ok: true; value: T } | { ok: false; message: string };

/**
 * The body of a request of the page. The content type has to say JSON: a page of another site can't send that without
 * asking first.
 */
export function readJson<T>(request: FastifyRequest, schema: z.ZodType<T>): Read<T> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return { ok: false, message: 'The content type has to be application/json.' };
  }
  let json: unknown;
  try {
    json = JSON.parse(String(request.body));
  } catch {
    return { ok: false, message: 'The body is not JSON.' };
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, message: z.prettifyError(parsed.error) };
}
