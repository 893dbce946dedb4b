import { containsCredential } from './pasted-credential.ts';

export const KEY_NAME_LENGTH = { min: 2, max: 40 } as const;

/** The name of the key that a new account starts with. */
export const FIRST_KEY_NAME = 'key-1';

export type KeyNameProblem = 'contains_credential' | 'too_short' | 'too_long' | 'characters' | 'hyphens';

/** Checks the name of a key: lowercase ASCII letters, digits and single hyphens between them. Doesn't check that it is free. */
export function keyNameProblem(name: string): KeyNameProblem | undefined {
  if (containsCredential(name)) return 'contains_credential';
  if (name.length > KEY_NAME_LENGTH.max) return 'too_long';
  if (name.length > 0 && !/^[a-z0-9-]+$/.test(name)) return 'characters';
  if (name.startsWith('-') || name.endsWith('-') || name.includes('--')) return 'hyphens';
  return name.length < KEY_NAME_LENGTH.min ? 'too_short' : undefined;
}

/** Returns the name of the key that replaces another one: the next number that isn't taken, as `key-2` after `key-1`. */
export function nextKeyName(name: string, taken: ReadonlySet<string>): string {
  const [, base = name, number = '1'] = /^(.*?)-(\d{1,6})$/.exec(name) ?? [];
  for (let next = Number(number) + 1; ; next += 1) {
    const end = `-${next}`;
    const candidate = `${base.slice(0, KEY_NAME_LENGTH.max - end.length).replace(/-$/, '')}${end}`;
    if (!taken.has(candidate)) return candidate;
  }
}
