import leven from 'leven';

/** Why a service account's name is rejected. Each reason has its own text at the field. */
export type AccountNameProblem =
  | 'empty'
  | 'too_short'
  | 'too_long'
  | 'upper_case'
  | 'characters'
  | 'hyphens'
  | 'says_nothing';

export const ACCOUNT_NAME_LENGTH = { min: 3, max: 64 } as const;

/** Words that don't say what an account is for, alone or combined. */
const EMPTY_WORDS = new Set(
  'a account accounts api asdf bar bot botuser credential credentials default demo dummy example foo key keys me misc my name new none null qwerty robot sa sample secret service serviceaccount some svc temp temporary test testing tests the thing tmp token tokens undefined untitled user users wandb x xx xxx xyz y z'.split(
    ' ',
  ),
);

/**
 * Checks a name: 3 to 64 lowercase ASCII letters, digits and single hyphens between them, with at least one meaningful
 * word, so not `test`, `temp-sa` or `service-account-1`. Doesn't check that the name is free.
 */
export function accountNameProblem(name: string): AccountNameProblem | undefined {
  if (name.length === 0) return 'empty';
  if (name.length > ACCOUNT_NAME_LENGTH.max) return 'too_long';
  if (/^[A-Za-z0-9-]+$/.test(name) && /[A-Z]/.test(name)) return 'upper_case';
  if (!/^[a-z0-9-]+$/.test(name)) return 'characters';
  if (name.startsWith('-') || name.endsWith('-') || name.includes('--')) return 'hyphens';
  if (name.length < ACCOUNT_NAME_LENGTH.min) return 'too_short';
  const words = name.split('-').map((word) => word.replace(/\d+$/, ''));
  if (words.every((word) => word === '' || EMPTY_WORDS.has(word))) return 'says_nothing';
  return undefined;
}

export type FreeTextProblem = 'too_long' | 'invisible_characters';

/** The longest texts of a service account, in characters. */
export const FREE_TEXT_LENGTH = {
  purpose: 300,
  usedBy: 150,
  subject: 1024,
} as const;

/**
 * Checks free text: no control or formatting characters (except line breaks if `multiline`). Direction marks, for example,
 * can make a text read as another one.
 */
export function freeTextProblem(
  text: string,
  limits: { maxLength: number; multiline?: boolean },
): FreeTextProblem | undefined {
  if ([...text].length > limits.maxLength) return 'too_long';
  const visible = limits.multiline ? text.replaceAll('\n', ' ') : text;
  // U+200D is allowed: it joins emoji.
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(visible.replaceAll('\u200d', ''))
    ? 'invisible_characters'
    : undefined;
}

const MAX_PROJECT_NAME_LENGTH = 128;

/**
 * Returns a project name in its compared form (Unicode NFC), or undefined if it is invalid. Strict, because a server that
 * trims or rewrites a name afterwards would use another project than the one that was checked.
 */
export function readProjectName(text: string): string | undefined {
  const name = text.normalize('NFC');
  const isVisible =
    name !== '' &&
    name.trim() === name &&
    freeTextProblem(name, { maxLength: MAX_PROJECT_NAME_LENGTH }) === undefined;
  return isVisible && !/[/\\#?%:]|\p{Cf}/u.test(name) && !/^\.+$/.test(name) ? name : undefined;
}

/**
 * Returns the known name that a person most likely meant, for "Did you mean …?": at most a third of its letters differ, and
 * never more than `maxDistance`. Returns undefined if none is near.
 */
export function nearestName(word: string, known: readonly string[], maxDistance = 3): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    if (Math.abs(word.length - name.length) > maxDistance) continue;
    const allowed = Math.min(maxDistance, Math.max(1, Math.floor(name.length / 3)));
    const distance = leven(word.toLowerCase(), name.toLowerCase());
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { name, distance };
    }
  }
  return best?.name;
}
