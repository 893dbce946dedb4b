import { foldText } from './organization/team-name.ts';

/** Longer text isn't a misspelled name; and the work is bounded, since people type both. */
const MAX_LENGTH = 160;
const MAX_CANDIDATES = 2_000;

/** From this length on, the beginning of a name is enough if only one name begins with it. */
const MIN_PREFIX_LENGTH = 2;

/**
 * Returns the known name that a person most likely meant, for "Did you mean …?": at most a third of its letters differ, and
 * never more than `maxDistance`; or else the only name that begins with the word. Letter case, accents and separators count
 * only between names that are equally near. Returns undefined if none is near.
 */
export function nearestName(word: string, known: readonly string[], maxDistance = 3): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const typed = comparedForm(word);
  const candidates = known.slice(0, MAX_CANDIDATES).map((name) => ({ name, compared: comparedForm(name) }));
  let best: { name: string; distance: number; exactDistance: number } | undefined;
  for (const { name, compared } of candidates) {
    const allowed = Math.min(maxDistance, Math.max(1, Math.floor(compared.length / 3)));
    const distance = editDistance(typed, compared, allowed);
    if (distance > allowed || distance > (best?.distance ?? allowed)) continue;
    const exactDistance = editDistance(word, name, MAX_LENGTH);
    const isNearer = best === undefined || distance < best.distance || exactDistance < best.exactDistance;
    if (isNearer) best = { name, distance, exactDistance };
  }
  if (best !== undefined || typed.length < MIN_PREFIX_LENGTH) return best?.name;
  const [only, ...others] = candidates.filter(({ compared }) => compared.startsWith(typed));
  return others.length === 0 ? only?.name : undefined;
}

function comparedForm(text: string): string {
  return foldText(text).replace(/[\s_-]+/g, '-');
}

/**
 * Returns how many letters have to be inserted, deleted, replaced or swapped with their neighbor to turn one word into the
 * other (Damerau–Levenshtein, each part changed once at most). A distance beyond `limit` may be any number above it.
 */
export function editDistance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    if (Math.min(...current) > limit) return limit + 1;
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
