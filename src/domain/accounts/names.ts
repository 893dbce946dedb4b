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

/** Letters that Unicode doesn't decompose. */
const TWO_LETTERS = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ł', 'l'],
]);

/**
 * Returns the valid name that is nearest to what a person typed. Undefined for a valid name, for a long one, and for other
 * text than letters, digits and separators, which wasn't meant as a name.
 */
export function proposeAccountName(typed: string): string | undefined {
  if (typed.length > ACCOUNT_NAME_LENGTH.max || !/^[\p{L}\p{M}\p{N}\s_.'’/+&,:@#()-]*$/u.test(typed))
    return undefined;
  const name = typed
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}'’]/gu, '')
    .replace(/[ßæœøł]/g, (letter) => TWO_LETTERS.get(letter) ?? '')
    .replace(/[\s_./+&,:@#()-]+/g, '-')
    .replace(/^-/, '')
    .slice(0, ACCOUNT_NAME_LENGTH.max)
    .replace(/-$/, '');
  return name !== typed && accountNameProblem(name) === undefined ? name : undefined;
}

export type FreeTextProblem = 'too_long' | 'invisible_characters';

/** The longest texts of a service account, in characters. */
export const FREE_TEXT_LENGTH = {
  purpose: 300,
  usedBy: 150,
  /** Why an account is requested, or a request is denied. */
  reason: 300,
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
/** Nearly every project's. The gateway reads several names per request. */
const PLAIN_PROJECT_NAME = /^[\w-]{1,128}$/;

/**
 * Returns a project name in its compared form (Unicode NFC), or undefined if it is invalid. Strict, because a server that
 * trims or rewrites a name afterwards would use another project than the one that was checked.
 */
export function readProjectName(text: string): string | undefined {
  if (PLAIN_PROJECT_NAME.test(text)) return text;
  const name = text.normalize('NFC');
  const isVisible =
    name !== '' &&
    name.trim() === name &&
    freeTextProblem(name, { maxLength: MAX_PROJECT_NAME_LENGTH }) === undefined;
  return isVisible && !/[/\\#?%:]|\p{Cf}/u.test(name) && !/^\.+$/.test(name) ? name : undefined;
}
