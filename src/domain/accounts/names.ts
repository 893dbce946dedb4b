import leven from 'leven';

/** Why a service account's name is refused; each has its own words at the field. */
export type AccountNameProblem =
  | 'empty'
  | 'too_short'
  | 'too_long'
  | 'upper_case'
  | 'characters'
  | 'hyphens'
  | 'says_nothing';

export const ACCOUNT_NAME_LENGTH = { min: 3, max: 64 } as const;

/** Words that say nothing about what an account is for, alone or together. */
const EMPTY_WORDS = new Set(
  'a account accounts api asdf bar bot botuser credential credentials default demo dummy example foo key keys me misc my name new none null qwerty robot sa sample secret service serviceaccount some svc temp temporary test testing tests the thing tmp token tokens undefined untitled user users wandb x xx xxx xyz y z'.split(
    ' ',
  ),
);

/**
 * Checks a name: 3 to 64 of lower-case ASCII letters, digits and single hyphens between them, with at least one word that
 * says something. `test`, `temp-sa` and `service-account-1` say nothing. Whether the name is taken is the store's to say.
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

/** Longest texts of a service account's record, in characters. */
export const FREE_TEXT_LENGTH = {
  purpose: 300,
  usedBy: 150,
  subject: 255,
} as const;

/**
 * Checks what people type freely: no control or formatting characters (line breaks apart where `multiline`), among them
 * the marks that turn the direction of writing and so make a text read as another one.
 */
export function freeTextProblem(
  text: string,
  limits: { maxLength: number; multiline?: boolean },
): FreeTextProblem | undefined {
  if ([...text].length > limits.maxLength) return 'too_long';
  const visible = limits.multiline ? text.replaceAll('\n', ' ') : text;
  // U+200D joins emoji into one and is harmless there.
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(visible.replaceAll('\u200d', ''))
    ? 'invisible_characters'
    : undefined;
}

const MAX_LENGTH = 128;

/**
 * A project's name in the form in which it is compared (Unicode NFC); undefined where it is none. Strict: a name that a
 * server would trim or rewrite afterwards could else lead into another project than was asked about.
 */
export function readProjectName(text: string): string | undefined {
  const name = text.normalize('NFC');
  const isVisible =
    name !== '' && name.trim() === name && freeTextProblem(name, { maxLength: MAX_LENGTH }) === undefined;
  return isVisible && !/[/\\#?%:]|\p{Cf}/u.test(name) && !/^\.+$/.test(name) ? name : undefined;
}

/**
 * The known name that somebody most likely meant, for messages such as "did you mean …?": at most a third of its letters
 * off, and never more than `maxDistance`. Undefined where nothing is near.
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
