import { z } from 'zod';

export function oneOf<Word extends string>(noun: string, words: readonly Word[]) {
  return z.string().pipe(z.enum(words, { error: `Unknown ${noun}. Allowed: ${words.join(', ')}.` }));
}

export function wholeNumber(noun: string, { least, most }: { least: number; most: number }) {
  const expected = `a whole number of ${noun} from ${least} to ${most}`;
  return z
    .number({ error: ({ input }) => typeText(expected, input) })
    .refine((number) => Number.isInteger(number) && number >= least && number <= most, {
      error: `Expected ${expected}.`,
    });
}

/** Returns what is wrong with a value of another type, without repeating the value. */
export function typeText(expected: string, input: unknown): string {
  const needsQuotes = expected === 'text' && ['boolean', 'number'].includes(typeof input);
  return `Expected ${expected}, found ${typeName(input)}${needsQuotes ? ': put it in quotes.' : '.'}`;
}

function typeName(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  switch (typeof input) {
    case 'object':
      return 'a map';
    case 'boolean':
      return 'true or false';
    case 'number':
      return 'a number';
    default:
      return 'text';
  }
}

/** Lets a check of a list run although entries have issues, so that all problems are reported at once. */
export function hasList({ value }: z.core.ParsePayload): boolean {
  return Array.isArray(value);
}

/** A list whose entries, or whose values under `key`, are unique. Values with issues of their own aren't compared. */
export function uniqueList<Entry extends z.ZodType>(noun: string, entry: Entry, key?: string) {
  return z.array(entry).superRefine(
    (entries: unknown[], context) => {
      const isInvalid = invalidPaths(context.issues);
      const earlierPaths = new Map<unknown, PropertyKey[]>();
      for (const [index, value] of entries.entries()) {
        const path = key === undefined ? [index] : [index, key];
        if (isInvalid([index]) || isInvalid(path)) continue;
        const compared = key === undefined ? value : (value as Record<string, unknown>)[key];
        const earlier = earlierPaths.get(compared);
        if (earlier === undefined) earlierPaths.set(compared, path);
        else addIssue(context, { message: `Duplicate ${noun} (first on line {line}).`, path, earlier });
      }
    },
    { when: hasList },
  );
}

export function addIssue(
  context: z.core.$RefinementCtx,
  issue: { message: string; path: PropertyKey[]; earlier: PropertyKey[] },
): void {
  const { message, path, earlier } = issue;
  context.addIssue({ code: 'custom', message, path, params: { earlier } });
}

export function invalidPaths(issues: readonly { path?: PropertyKey[] | undefined; code?: string }[]) {
  const paths = new Set(
    issues.filter(({ code }) => code !== 'unrecognized_keys').map(({ path }) => (path ?? []).join('.')),
  );
  return (path: readonly PropertyKey[]) => paths.has(path.join('.'));
}
