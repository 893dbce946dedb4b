import type { TextCleaner } from './cleaned-text.ts';

const MAX_MESSAGES = 5;

/** Are there errors in an answer? `null` and an empty list, which the specification forbids, count as none. */
export function hasErrors(answer: Record<string, unknown>): boolean {
  const { errors } = answer;
  return Array.isArray(errors) ? errors.length > 0 : errors !== undefined && errors !== null;
}

/** The first messages of an answer's `errors`, cleaned. */
export function errorMessages(answer: Record<string, unknown>, cleaner: TextCleaner): string[] {
  const errors = Array.isArray(answer.errors) ? answer.errors : [answer.errors];
  return errors
    .slice(0, MAX_MESSAGES)
    .map(messageOf)
    .filter((message) => message !== undefined)
    .map((message) => cleaner.message(message));
}

/**
 * Is every error about a field that may be missing? An error of a field that must not be null also takes what holds the
 * field (GraphQL, 6.4.4): then too much is missing.
 *
 * @param optionalPaths as in `WandbOperation`
 */
export function onlyOptionalErrors(
  answer: Record<string, unknown>,
  optionalPaths: readonly string[],
): boolean {
  const { errors } = answer;
  if (!Array.isArray(errors)) return false;
  return errors.every((error) => {
    const path = pathOf(error);
    return optionalPaths.some((optional) => isAtOrBelow(path, optional.split('.'), answer.data));
  });
}

function isAtOrBelow(path: readonly unknown[], optional: readonly string[], data: unknown): boolean {
  if (path.length < optional.length) return false;
  if (!optional.every((name, at) => (name === '*' ? typeof path[at] === 'number' : path[at] === name))) {
    return false;
  }
  let holder = data;
  for (const step of path.slice(0, optional.length - 1)) holder = property(holder, String(step));
  return typeof holder === 'object' && holder !== null;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function pathOf(error: unknown): readonly unknown[] {
  const path = property(error, 'path');
  return Array.isArray(path) ? path : [];
}

function messageOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  const message = property(error, 'message');
  return typeof message === 'string' ? message : undefined;
}
