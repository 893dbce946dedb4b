import { z } from 'zod';

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
export const plainText = (maximum: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(maximum),
    emoji: z.boolean().optional(),
  });

const mrkdwn = (maximum: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(maximum),
    verbatim: z.boolean().optional(),
  });

export const anyText = (maximum: number) =>
  z.discriminatedUnion('type', [plainText(maximum), mrkdwn(maximum)]);

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
export const confirm = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

export const identifier = z.string().min(1).max(255);
export const placeholder = plainText(150);

/** What Slack says about a bad view or message: the text and where, without the `[ERROR]` before it. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** Checks a value, and words what is wrong with it as Slack does. `pointer` is where the value stands: `/view`. */
export function check<T>(schema: z.ZodType<T>, value: unknown, pointer: string): Checked<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => wordings(issue, pointer));
  return { ok: false, problems: [...new Set(problems)] };
}

function at(pointer: string, text: string): string {
  return `${text} [json-pointer:${pointer}]`;
}

type Issue = z.core.$ZodIssue;

function wordings(issue: Issue, base: string): string[] {
  const pointer = [base, ...issue.path.map(String)].join('/');
  switch (issue.code) {
    case 'too_big':
      return [at(pointer, tooMuch(issue.origin, Number(issue.maximum)))];
    case 'too_small':
      return [at(pointer, tooLittle(issue.origin, Number(issue.minimum)))];
    case 'unrecognized_keys':
      return issue.keys.map((key) => at(pointer, `invalid additional property: ${key}`));
    case 'invalid_type':
      if (issue.input === undefined) return [missing(issue, base)];
      return [at(pointer, `must provide ${withArticle(issue.expected)}`)];
    case 'invalid_union':
      return unionWordings(issue, base, pointer);
    case 'invalid_value':
      if (issue.input === undefined) return [missing(issue, base)];
      return [at(pointer, `must be one of: ${issue.values.map(String).join(', ')}`)];
    case 'custom':
      return [at(pointer, issue.message)];
    default:
      return [at(pointer, 'must be a valid value')];
  }
}

function unionWordings(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  base: string,
  pointer: string,
): string[] {
  if (issue.errors.length > 0) {
    // The branch with the fewest complaints is the one that was meant.
    const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    return closest.flatMap((inner) => wordings(inner, pointer));
  }
  const type: unknown = (issue.input as { type?: unknown } | undefined)?.type;
  if (type === undefined) return [missing(issue, base)];
  return [at(pointer, `unsupported type: ${String(type)}`)];
}

function missing(issue: Issue, base: string): string {
  const parent = [base, ...issue.path.slice(0, -1).map(String)].join('/');
  return at(parent, `missing required field: ${String(issue.path.at(-1) ?? base.split('/').at(-1))}`);
}

function tooMuch(origin: string, maximum: number): string {
  if (origin === 'string') return `must be less than ${maximum + 1} characters`;
  if (origin === 'array') return `no more than ${maximum} items allowed`;
  return `must be less than ${maximum + 1}`;
}

function tooLittle(origin: string, minimum: number): string {
  if (origin === 'string') return `must be more than ${minimum - 1} characters`;
  if (origin === 'array') return `no fewer than ${minimum} items allowed`;
  return `must be more than ${minimum - 1}`;
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

export const action_id = identifier.optional();
export const focus_on_load = z.boolean().optional();

/** The fields that every element has with which a person chooses. */
export const interactive = { action_id, confirm: confirm.optional(), focus_on_load };

export const menu = { ...interactive, placeholder: placeholder.optional() };
