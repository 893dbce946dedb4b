import { type SubjectDifference, subjectDifference } from '../federation/subject.ts';

/** How the subject of a correctly signed JWT resembles the registered subject of an account. */
export type Resemblance =
  | 'letter_case'
  /** The same GitHub repository, at another branch, tag, environment or event. */
  | 'branch'
  /** Another repository of the same GitHub owner, as after a rename. */
  | 'repository'
  /** GitHub's form with IDs instead of the one without, or the other way. */
  | 'new_form';

const GITHUB =
  /^repo:(?<owner>[^/:@]+)(?:@(?<ownerId>\d{1,20}))?\/(?<repository>[^/:@]+)(?:@(?<repositoryId>\d{1,20}))?(?<rest>:.*|)$/s;

/** The parts of a GitHub subject. IDs are undefined in the older form. */
interface GitHubSubject {
  owner: string;
  ownerId: string | undefined;
  repository: string;
  repositoryId: string | undefined;
  /** What follows the repository, such as `:ref:refs/heads/main`. */
  rest: string;
}

/** Returns undefined for the subject of another platform. */
export function gitHubSubject(subject: string): GitHubSubject | undefined {
  const { owner, ownerId, repository, repositoryId, rest = '' } = GITHUB.exec(subject)?.groups ?? {};
  return owner === undefined || repository === undefined
    ? undefined
    : { owner, ownerId, repository, repositoryId, rest };
}

/**
 * Returns how a subject resembles the registered one; undefined if it doesn't. Never resembling: other IDs under the same names, which
 * are what a stranger has who took over a freed name.
 */
export function resemblance(registered: string, presented: string): Resemblance | undefined {
  switch (subjectDifference(registered, presented)) {
    case 'letter_case':
      return 'letter_case';
    case 'ids_added':
    case 'ids_missing':
      return 'new_form';
    case 'other_ids':
      return undefined;
    case undefined:
      return sameOwner(gitHubSubject(registered), gitHubSubject(presented));
  }
}

/** The most likely first. */
const ORDER: readonly Resemblance[] = ['letter_case', 'new_form', 'branch', 'repository'];

/** Returns the accounts whose subjects a presented one resembles, the most likely first. */
export function resembling<Account extends { subject: string }>(
  accounts: readonly Account[],
  presented: string,
): { account: Account; resemblance: Resemblance }[] {
  return accounts
    .flatMap((account) => {
      const found = resemblance(account.subject, presented);
      return found === undefined ? [] : [{ account, resemblance: found }];
    })
    .sort((one, other) => ORDER.indexOf(one.resemblance) - ORDER.indexOf(other.resemblance));
}

/** How a subject differs from a registered one, in words for people: GitHub's two forms and other IDs apart. */
export type NamedDifference = SubjectDifference | Extract<Resemblance, 'branch' | 'repository'>;

/** Returns undefined where the subjects don't resemble each other in any way worth a remark. */
export function namedDifference(registered: string, presented: string): NamedDifference | undefined {
  const found = resemblance(registered, presented);
  return found === 'branch' || found === 'repository' ? found : subjectDifference(registered, presented);
}

function sameOwner(
  registered: GitHubSubject | undefined,
  presented: GitHubSubject | undefined,
): Resemblance | undefined {
  if (registered === undefined || presented === undefined) return undefined;
  const same = (part: 'owner' | 'repository') => lowerCase(registered[part]) === lowerCase(presented[part]);
  const contradicts = (id: 'ownerId' | 'repositoryId') =>
    registered[id] !== undefined && presented[id] !== undefined && registered[id] !== presented[id];
  if (!same('owner') || contradicts('ownerId')) return undefined;
  if (same('repository')) {
    return contradicts('repositoryId') || registered.rest === presented.rest ? undefined : 'branch';
  }
  // A renamed repository keeps its ID and its branches.
  if (contradicts('repositoryId')) return undefined;
  return registered.rest === presented.rest ? 'repository' : undefined;
}

function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A part of a subject, and whether the other subject has it at this place. */
export interface MarkedPart {
  text: string;
  isSame: boolean;
}

/** The two subjects in parts, of which those that differ are marked. */
export interface MarkedDifference {
  registered: MarkedPart[];
  presented: MarkedPart[];
}

/** Longer subjects are compared as a whole between their common beginning and end. */
const MAX_COMPARED_PARTS = 64;

/**
 * Marks where two subjects differ. Compares the words between separators such as `/`, `:` and `@`, so that whole names are marked. The
 * parts of each joined are the subject.
 */
export function markDifference(registered: string, presented: string): MarkedDifference {
  const [one, other] = [wordsOf(registered), wordsOf(presented)];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (
    end < one.length - start &&
    end < other.length - start &&
    one[one.length - 1 - end] === other[other.length - 1 - end]
  )
    end += 1;
  const inner = [one.slice(start, one.length - end), other.slice(start, other.length - end)] as const;
  const marks = sharedWords(...inner);
  const mark = (words: readonly string[], shared: ReadonlySet<number>, middle: readonly string[]) =>
    joined([
      ...words.slice(0, start).map((text) => ({ text, isSame: true })),
      ...middle.map((text, index) => ({ text, isSame: shared.has(index) })),
      ...words.slice(words.length - end).map((text) => ({ text, isSame: true })),
    ]);
  return {
    registered: mark(one, marks.registered, inner[0]),
    presented: mark(other, marks.presented, inner[1]),
  };
}

function wordsOf(subject: string): string[] {
  return subject.match(/[/:@]|[^/:@]+/g) ?? [];
}

/** Returns the places of a longest common subsequence. Quadratic, so its input is bounded. */
function sharedWords(one: readonly string[], other: readonly string[]) {
  const [registered, presented] = [new Set<number>(), new Set<number>()];
  if (one.length > MAX_COMPARED_PARTS || other.length > MAX_COMPARED_PARTS) return { registered, presented };
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = other.length - 1; column >= 0; column -= 1) {
      const longest =
        one[row] === other[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
      (lengths[row] as number[])[column] = longest;
    }
  }
  for (let row = 0, column = 0; row < one.length && column < other.length; ) {
    if (one[row] === other[column]) {
      registered.add(row);
      presented.add(column);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return { registered, presented };
}

function joined(parts: readonly MarkedPart[]): MarkedPart[] {
  const merged: MarkedPart[] = [];
  for (const { text, isSame } of parts) {
    const last = merged.at(-1);
    if (last?.isSame === isSame) last.text += text;
    else merged.push({ text, isSame });
  }
  return merged;
}
