import type { z } from 'zod';
import { parseBoundedJson } from '../../../net/json-bounds.ts';
import type { HttpResponse } from '../client/graphql-exchange.ts';
import type { WandbResult } from '../client/wandb-failure.ts';

const MAX_PATHS = 5;

/** Reads the body of a response with a 2xx status. */
export function readJson<Value>({ text }: HttpResponse, schema: z.ZodType<Value>): WandbResult<Value> {
  const parsed = parseBoundedJson(text);
  if (!parsed.ok) return { ok: false, failure: { reason: parsed.reason, mayHaveHappened: true } };
  const value = schema.safeParse(parsed.value);
  if (value.success) return { ok: true, value: value.data };
  const paths = value.error.issues.slice(0, MAX_PATHS).map((issue) => issue.path.join('.'));
  return { ok: false, failure: { reason: 'unexpected_shape', paths, mayHaveHappened: true } };
}
