import { randomInt } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Returns an ID in Slack's shape: a letter for the kind and ten capital alphanumerics. */
export function newSlackId(kind: 'C' | 'D' | 'V'): string {
  return `${kind}0${randomCharacters(9)}`;
}

/** Returns what Slack generates for a `block_id` or `action_id` that the app left out. */
export function newElementId(): string {
  return randomCharacters(5);
}

export function randomCharacters(count: number): string {
  let characters = '';
  for (let i = 0; i < count; i++) characters += alphabet[randomInt(alphabet.length)];
  return characters;
}

/** Creates message timestamps (seconds and six digits) that are unique and rising even while the clock doesn't move. */
export function createTimestamps(now: () => number): () => string {
  let last = 0;
  return () => {
    last = Math.max(Math.trunc(now() * 1000), last + 1);
    return `${Math.trunc(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
  };
}
