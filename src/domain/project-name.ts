import { freeTextProblem } from './free-text.ts';

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
