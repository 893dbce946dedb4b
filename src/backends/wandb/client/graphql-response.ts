import { parseBoundedJson } from '../../../net/json-bounds.ts';
import type { TextCleaner } from './server-text.ts';
import type { WandbFailure, WandbOperation, WandbResult } from './wandb-failure.ts';

const MAX_PATHS = 5;
const MAX_MESSAGES = 5;

/** Reads the body of a response with a 2xx status. The content type doesn't matter. */
export function readGraphqlResponse<Data>(
  text: string,
  operation: WandbOperation<Data>,
  cleaner: TextCleaner,
): WandbResult<Data> {
  const parsed = parseBoundedJson(text);
  if (!parsed.ok) return failed({ reason: parsed.reason, mayHaveHappened: true });
  const json = parsed.value;
  if (!isObject(json)) return failed(unexpectedShape(['']));
  if (hasErrors(json) && !hasOptionalErrorsOnly(json, operation)) {
    return failed({
      reason: 'errors',
      messages: errorMessages(json, cleaner),
      // Without `data`, nothing was executed (GraphQL specification, 7.1: a request error).
      mayHaveHappened: Object.hasOwn(json, 'data'),
    });
  }
  const data = operation.data.safeParse(json.data);
  if (data.success) return { ok: true, value: data.data };
  return failed(unexpectedShape(data.error.issues.map((issue) => ['data', ...issue.path].join('.'))));
}

/** Reads the GraphQL error messages, cleaned, from the body of an error response; empty for any other body. */
export function readErrorMessages(text: string, cleaner: TextCleaner): string[] {
  const parsed = parseBoundedJson(text);
  return parsed.ok && isObject(parsed.value) && hasErrors(parsed.value)
    ? errorMessages(parsed.value, cleaner)
    : [];
}

/** Treats `errors: null` and an empty list, which the specification forbids, as no errors. */
function hasErrors(response: Record<string, unknown>): boolean {
  const { errors } = response;
  return Array.isArray(errors) ? errors.length > 0 : errors !== undefined && errors !== null;
}

/** Returns the errors of a response, of any shape. */
export function errorsOf({ errors }: { errors?: unknown }): unknown[] {
  return Array.isArray(errors) ? errors : [errors];
}

function errorMessages(response: Record<string, unknown>, cleaner: TextCleaner): string[] {
  return errorsOf(response)
    .slice(0, MAX_MESSAGES)
    .map(messageOf)
    .filter((message) => message !== undefined)
    .map((message) => cleaner.message(message));
}

export function messageOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  const message = property(error, 'message');
  return typeof message === 'string' ? message : undefined;
}

/**
 * Returns whether every error is about a field that may be missing, or an entry of a list that may be null. An error at a
 * non-null field also nulls its parent (GraphQL specification, 6.4.4); then more is missing than allowed.
 */
function hasOptionalErrorsOnly(
  response: Record<string, unknown>,
  { optionalPaths = [], entryPaths = [] }: Pick<WandbOperation<unknown>, 'optionalPaths' | 'entryPaths'>,
): boolean {
  const { errors } = response;
  if (!Array.isArray(errors)) return false;
  return errors.every((error) => {
    const path = pathOf(error);
    return (
      optionalPaths.some((optional) => isAtOrBelow(path, optional.split('.'), response.data)) ||
      entryPaths.some((entry) => isAtNullEntry(path, entry.split('.'), response.data))
    );
  });
}

function isAtOrBelow(path: readonly unknown[], optional: readonly string[], data: unknown): boolean {
  const parent = valueAt(data, path.slice(0, optional.length - 1));
  return matches(path, optional) && typeof parent === 'object' && parent !== null;
}

function isAtNullEntry(path: readonly unknown[], entry: readonly string[], data: unknown): boolean {
  return matches(path, entry) && valueAt(data, path.slice(0, entry.length)) === null;
}

/** Returns whether a path begins with a pattern, in which `*` is an index. */
function matches(path: readonly unknown[], pattern: readonly string[]): boolean {
  return pattern.every((name, at) => (name === '*' ? typeof path[at] === 'number' : path[at] === name));
}

function valueAt(data: unknown, path: readonly unknown[]): unknown {
  return path.reduce((value, step) => property(value, String(step)), data);
}

export function pathOf(error: unknown): readonly unknown[] {
  const path = property(error, 'path');
  return Array.isArray(path) ? path : [];
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param paths where the response differs from the expected shape, without its values */
function unexpectedShape(paths: string[]): WandbFailure {
  return { reason: 'unexpected_shape', paths: paths.slice(0, MAX_PATHS), mayHaveHappened: true };
}

function failed(failure: WandbFailure): { ok: false; failure: WandbFailure } {
  return { ok: false, failure };
}
