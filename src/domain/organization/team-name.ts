import { freeTextProblem } from '../accounts/names.ts';

/** In UTF-16 code units. Fits into the value of an option in Slack (150 characters). */
export const TEAM_NAME_MAX_LENGTH = 128;

/** Every team name of most organizations. The gateway reads several names per request. */
const PLAIN_NAME = /^[\w-]{1,128}$/;

/**
 * Returns the name of a team in its compared form (Unicode NFC), or undefined if no team can have it: empty, too long, with
 * spaces around it, with control or formatting characters, or with a slash, which ends it in the URLs of W&B. Names are
 * otherwise as W&B has them, and compared exactly.
 */
export function readTeamName(text: string): string | undefined {
  if (PLAIN_NAME.test(text)) return text;
  const name = text.slice(0, 4 * TEAM_NAME_MAX_LENGTH).normalize('NFC');
  const isVisible =
    name !== '' &&
    name.length <= TEAM_NAME_MAX_LENGTH &&
    name.trim() === name &&
    freeTextProblem(name, { maxLength: TEAM_NAME_MAX_LENGTH }) === undefined;
  return isVisible && !name.includes('/') && !/^\.+$/.test(name) ? name : undefined;
}

/**
 * Returns text for a comparison that ignores letter case and accents. Only for searches and suggestions: two teams may differ
 * in nothing else.
 */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  if (/^[\x20-\x7e]*$/.test(lower)) return lower;
  return lower.normalize('NFKD').replace(/\p{M}|\p{Cf}/gu, '');
}
