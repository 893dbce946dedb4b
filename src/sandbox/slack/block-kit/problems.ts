import type { z } from 'zod';

/** Slack's error texts for an invalid view or message, with JSON pointers, without the leading `[ERROR]`. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** Checks a value and returns its problems in Slack's own words. `pointer` is the JSON pointer of the value: `/view`. */
export function check<T>(schema: z.ZodType<T>, value: unknown, pointer: string): Checked<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, pointer));
  return { ok: false, problems: [...new Set(problems)] };
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, base: string): string[] {
  const pointer = [base, ...issue.path.map(String)].join('/');
  switch (issue.code) {
    case 'too_big':
      return [at(pointer, tooBig(issue.origin, Number(issue.maximum)))];
    case 'too_small':
      return [at(pointer, tooSmall(issue.origin, Number(issue.minimum)))];
    case 'unrecognized_keys':
      return issue.keys.map((key) => at(pointer, `invalid additional property: ${key}`));
    case 'invalid_type':
      if (issue.input === undefined) return [missingField(issue, base)];
      return [at(pointer, `must provide ${withArticle(issue.expected)}`)];
    case 'invalid_union':
      return unionProblems(issue, base, pointer);
    case 'invalid_value':
      if (issue.input === undefined) return [missingField(issue, base)];
      return [at(pointer, `must be one of: ${issue.values.map(String).join(', ')}`)];
    case 'custom':
      return [at(pointer, issue.message)];
    default:
      return [at(pointer, 'must be a valid value')];
  }
}

function unionProblems(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  base: string,
  pointer: string,
): string[] {
  if (issue.errors.length > 0) {
    // The branch with the fewest problems is most likely the one the app meant.
    const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    return closest.flatMap((inner) => problemsOf(inner, pointer));
  }
  const type: unknown = (issue.input as { type?: unknown } | undefined)?.type;
  if (type === undefined) return [missingField(issue, base)];
  return [at(pointer, `unsupported type: ${String(type)}`)];
}

function missingField(issue: Issue, base: string): string {
  const parent = [base, ...issue.path.slice(0, -1).map(String)].join('/');
  return at(parent, `missing required field: ${String(issue.path.at(-1) ?? base.split('/').at(-1))}`);
}

function at(pointer: string, text: string): string {
  return `${text} [json-pointer:${pointer}]`;
}

function tooBig(origin: string, maximum: number): string {
  if (origin === 'string') return `must be less than ${maximum + 1} characters`;
  if (origin === 'array') return `no more than ${maximum} items allowed`;
  return `must be less than ${maximum + 1}`;
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'string') return `must be more than ${minimum - 1} characters`;
  if (origin === 'array') return `no fewer than ${minimum} items allowed`;
  return `must be more than ${minimum - 1}`;
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
