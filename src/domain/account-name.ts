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
