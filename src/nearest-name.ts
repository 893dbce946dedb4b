import leven from 'leven';

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
