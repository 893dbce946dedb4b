import { FREE_TEXT_LENGTH, type FreeTextProblem, freeTextProblem } from '../accounts/names.ts';

/** Why a typed subject can't be registered. */
export type SubjectProblem = 'empty' | FreeTextProblem | 'wildcard';

/**
 * Checks a subject that a person typed. Subjects are compared exactly, so one with a `*` would match nothing. Only the patterns in
 * the teams file, which say which subjects a team may register, have wildcards.
 */
export function subjectProblem(subject: string): SubjectProblem | undefined {
  if (subject.trim() === '') return 'empty';
  const problem = freeTextProblem(subject, { maxLength: FREE_TEXT_LENGTH.subject });
  if (problem !== undefined) return problem;
  // Zero-width joiners and variation selectors are part of emoji, and invisible elsewhere.
  if (/\p{Default_Ignorable_Code_Point}/u.test(subject.replace(/\p{RGI_Emoji}/gv, '')))
    return 'invisible_characters';
  return subject.includes('*') ? 'wildcard' : undefined;
}

/** Why a typed subject is probably not what a JWT has. It can still be registered, as an issuer may use any text. */
export type SubjectDoubt = 'quotes' | 'pattern_characters' | 'unusual_characters';

export function subjectDoubt(subject: string): SubjectDoubt | undefined {
  if (/^(?<quote>["'`]).*\k<quote>$|^[“”„«‘’].*[“”»‘’]$|^"?sub"?\s*[:=]\s*["']?/su.test(subject))
    return 'quotes';
  // The first ones include characters that look like "*" and "?".
  if (/[?^$\\＊﹡∗⁎？]|\.\+|\[.*\]|\(.*\)|<.*>|\{\d+,?\d*\}/su.test(subject)) return 'pattern_characters';
  // Decomposed letters and special spaces look like others, but aren't equal to them.
  return subject !== subject.normalize('NFC') || /(?! )\p{Zs}/u.test(subject)
    ? 'unusual_characters'
    : undefined;
}

/** GitHub's immutable subject: numeric IDs follow the names of the owner and the repository. */
const IMMUTABLE =
  /^repo:(?<owner>[^/:@]+)@(?<ownerId>\d{1,20})\/(?<repository>[^/:@]+)@(?<repositoryId>\d{1,20})(?<rest>:.*|)$/s;

/** Returns the pattern for the teams file that matches the immutable subjects of the same GitHub owner, and no others. */
export function immutableOwnerPattern(subject: string): string | undefined {
  const { owner, ownerId } = IMMUTABLE.exec(subject)?.groups ?? {};
  return owner === undefined ? undefined : `repo:${owner}@${ownerId}/*`;
}

/** Returns whether a pattern also matches other GitHub owners, whose names or IDs only start the same. */
export function isOpenOwnerPattern(pattern: string): boolean {
  return /^repo:(?:[^/:@*]*|[^/:@*]+@\d+)\*/.test(pattern);
}

/** Returns whether a pattern was probably meant as a regular expression: only `*` is special in a pattern. */
export function isRegularExpression(pattern: string): boolean {
  return /[?^$\\]|\.[*+]|\[.*\]|\(.*\)/s.test(pattern);
}

/** Returns GitHub's older form of an immutable subject: the names alone. Undefined for any other subject. */
export function subjectWithoutIds(subject: string): string | undefined {
  const { owner, repository, rest } = IMMUTABLE.exec(subject)?.groups ?? {};
  return owner === undefined ? undefined : `repo:${owner}/${repository}${rest}`;
}

/** How the subject of a JWT differs from a registered one of the same workload. */
export type SubjectDifference =
  /** GitHub's IDs follow the names in the JWT only: the repository was created, renamed or transferred. */
  | 'ids_added'
  /** They follow the names in the registered subject only: the repository still has the older form. */
  | 'ids_missing'
  /** The names are the same and the IDs aren't: the repository was created again, maybe by another owner. */
  | 'other_ids'
  | 'letter_case';

/** Returns undefined where the subjects differ in anything else, or not at all. */
export function subjectDifference(registered: string, presented: string): SubjectDifference | undefined {
  if (registered === presented) return undefined;
  if (lowerCase(registered) === lowerCase(presented)) return 'letter_case';
  const [names, presentedNames] = [subjectWithoutIds(registered), subjectWithoutIds(presented)];
  if (lowerCase(names ?? registered) !== lowerCase(presentedNames ?? presented)) return undefined;
  if (names === undefined) return 'ids_added';
  return presentedNames === undefined ? 'ids_missing' : 'other_ids';
}

/** Where subjects that may resemble another one are found, ignoring letter case. */
export interface SimilarSubjects {
  equal: string[];
  /** Each from the first text, before the second. */
  ranges: [string, string][];
}

/** Returns where the subjects are that differ in letter case or in GitHub's IDs, and those of the same GitHub owner. */
export function similarSubjects(subject: string): SimilarSubjects {
  const names = lowerCase(subjectWithoutIds(subject) ?? subject);
  const owner = /^repo:[^/:@]+(?=\/)/.exec(names)?.[0];
  const repository = /^repo:[^/:@]+\/[^/:@]+(?=:|$)/.exec(names)?.[0];
  const equal = [...new Set([lowerCase(subject), names, ...(repository === undefined ? [] : [repository])])];
  if (owner === undefined) return { equal, ranges: [] };
  // In ASCII, ";" follows ":", "A" follows "@", and "0" follows "/".
  const ranges: [string, string][] = [
    [`${owner}@`, `${owner}A`],
    [`${owner}/`, `${owner}0`],
  ];
  return {
    equal,
    ranges: repository === undefined ? ranges : [[`${repository}:`, `${repository};`], ...ranges],
  };
}

/** As SQLite's `lower` does: ASCII letters only. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
