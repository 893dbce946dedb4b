import type { TextCleaner } from './cleaned-text.ts';
import { errorMessages, hasErrors, onlyOptionalErrors } from './graphql-errors.ts';
import { isBeyondBounds } from './json-bounds.ts';
import type { WandbFailure, WandbResult } from './wandb-failure.ts';
import type { WandbOperation } from './wandb-operation.ts';

const MAX_PATHS = 5;

/** Reads what a server answered with a status of success. The body counts, whatever its content type. */
export function readGraphqlAnswer<Data>(
  text: string,
  operation: WandbOperation<Data>,
  cleaner: TextCleaner,
): WandbResult<Data> {
  if (isBeyondBounds(text)) return failed({ reason: 'too_large', mayHaveHappened: true });
  const json = parseJson(text);
  if (json === undefined) return failed({ reason: 'not_json', mayHaveHappened: true });
  if (!isObject(json)) return failed(unexpectedShape(['']));
  if (hasErrors(json) && !onlyOptionalErrors(json, operation.optionalPaths ?? [])) {
    return failed({
      reason: 'errors',
      messages: errorMessages(json, cleaner),
      // Without `data` nothing was executed (GraphQL, 7.1: a request error).
      mayHaveHappened: Object.hasOwn(json, 'data'),
    });
  }
  const data = operation.data.safeParse(json.data);
  if (data.success) return { ok: true, value: data.data };
  return failed(unexpectedShape(data.error.issues.map((issue) => ['data', ...issue.path].join('.'))));
}

/** The messages of a refusal; none where its body is no GraphQL. */
export function readRefusalMessages(text: string, cleaner: TextCleaner): string[] {
  if (isBeyondBounds(text)) return [];
  const json = parseJson(text);
  return isObject(json) && hasErrors(json) ? errorMessages(json, cleaner) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpectedShape(paths: string[]): WandbFailure {
  return { reason: 'unexpected_shape', paths: paths.slice(0, MAX_PATHS), mayHaveHappened: true };
}

function failed(failure: WandbFailure): { ok: false; failure: WandbFailure } {
  return { ok: false, failure };
}
