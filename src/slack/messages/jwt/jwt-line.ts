import type { JwtFinding, JwtState } from '../../../application/authority/jwt/jwt-report.ts';
import { withoutCredentials } from '../../../domain/keys/pasted-credential.ts';
import { shortened, shortenedInMiddle } from '../blocks.ts';

/** One checked part of a JWT as plain text, for Slack and the command line. Bounded, and without control characters. */
export interface JwtLine {
  state: JwtState;
  part: string;
  /** What the JWT has. */
  came: string;
  expected?: string;
  /** What to change. */
  change?: string;
}

export type LineText = Omit<JwtLine, 'state'>;

export type JwtFindingOf<Part extends JwtFinding['part']> = Extract<JwtFinding, { part: Part }>;

export const OTHER_KIND = 'Have the issuer create a plain ID token for Keysmith.';

/** Long enough for most subjects. A longer one keeps its beginning and its end. */
const MAX_VALUE_LENGTH = 250;
const MAX_LISTED = 3;

export function valueText(text: string): string {
  return `“${shortenedInMiddle(shortened(withoutCredentials(text), 2_000), MAX_VALUE_LENGTH)}”`;
}

export function listText(values: readonly string[]): string {
  const shown = values.slice(0, MAX_LISTED).map(valueText);
  const more = values.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

export function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function durationText(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  for (const [length, unit] of units) {
    const count = Math.round((seconds / length) * 10) / 10;
    if (count >= 1) return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;
  }
  return `${seconds} second${seconds === 1 ? '' : 's'}`;
}
