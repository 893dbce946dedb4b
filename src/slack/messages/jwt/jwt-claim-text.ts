import type { NamedDifference } from '../../../domain/care/near-match.ts';
import { shortened } from '../blocks.ts';
import { durationText, type JwtFindingOf, type LineText, listText, timeText, valueText } from './jwt-line.ts';

export function audienceLine({ came, expected, state }: JwtFindingOf<'aud'>): LineText {
  const named = came === undefined ? 'not a text' : came.length === 0 ? 'none' : listText(came);
  const line = { part: 'aud', came: named };
  if (state === 'ok') return line;
  return {
    ...line,
    expected: expected.length === 1 ? listText(expected) : `one of ${listText(expected)}`,
    change: `Have the workload request its JWT for the audience ${listText(expected.slice(0, 1))}.`,
  };
}

export function timeLine(finding: JwtFindingOf<'exp' | 'nbf' | 'iat'>): LineText {
  const { part, atMs, problem } = finding;
  const came = atMs === undefined ? (problem === 'no_expiry' ? 'none' : 'not a time') : timeText(atMs);
  if (problem === undefined) return { part, came };
  switch (problem) {
    case 'expired':
      return {
        part,
        came: `${came}, which has passed`,
        change: 'That’s fine for this check. The exchange needs a new JWT.',
      };
    case 'no_expiry':
      return { part, came, expected: 'the time when the JWT expires', change: 'Have the issuer set exp.' };
    case 'in_the_future':
      return {
        part,
        came: `${came}, in the future`,
        expected: 'a time in the past',
        change: 'Check the clock of the issuer.',
      };
    case 'bad_claim':
      return {
        part,
        came,
        expected: 'seconds since 1970, as a number',
        change: `Have the issuer set ${part} to a number.`,
      };
  }
}

export function lifetimeLine({ seconds, maxSeconds, state }: JwtFindingOf<'lifetime'>): LineText {
  const line = { part: 'Lifetime', came: durationText(seconds) };
  if (state === 'ok') return line;
  if (state === 'not_checked')
    return { ...line, change: 'Not checked, because the issuer isn’t registered.' };
  return {
    ...line,
    expected: `at most ${durationText(maxSeconds)}`,
    change:
      'Have the issuer create it for a shorter time, or ask an organization admin to change the issuer’s limit.',
  };
}

export function tokenIdLine({ problem, isSingleUse }: JwtFindingOf<'jti'>): LineText {
  if (problem === undefined)
    return { part: 'jti', came: 'present. Each JWT of this issuer works once; this check didn’t use it' };
  return {
    part: 'jti',
    came: problem === 'no_token_id' ? 'none' : 'not a text',
    expected: isSingleUse ? 'an ID, because each JWT of this issuer works once' : 'a text, or no jti',
    change: 'Have the issuer set jti to a text that differs in each JWT.',
  };
}

/** Whose accounts a subject was looked up in. */
export type SearchedAccounts = 'of your teams' | 'of this Keysmith';

export function subjectLine(
  { came, problem, account, similar }: JwtFindingOf<'sub'>,
  searched: SearchedAccounts,
): LineText {
  const line = { part: 'sub', came: came === undefined ? 'none' : valueText(came) };
  if (problem === undefined) return { ...line, came: `${line.came}, registered for ${accountText(account)}` };
  switch (problem) {
    case 'bad_claim':
      return { ...line, expected: 'a text', change: 'Have the issuer set sub.' };
    case 'issuer_unknown':
      return { ...line, change: 'Not checked, because the issuer isn’t registered.' };
    case 'team_archived':
      return {
        ...line,
        expected: 'an account of an active team',
        change: `The team of ${accountText(account)} is archived. Ask an organization admin to restore it.`,
      };
    case 'unknown_subject':
      if (similar === undefined) {
        return {
          ...line,
          expected: `the subject of an active account ${searched}, exactly`,
          change:
            'Create a federated account with this issuer and subject, or correct the subject of the workload.',
        };
      }
      return {
        ...line,
        expected: `${valueText(similar.subject)}, registered for ${accountText(similar)}`,
        change: `They differ ${DIFFERENCES[similar.difference]}. Register the subject of the workload exactly as it is in the JWT.`,
      };
  }
}

const DIFFERENCES: Record<NamedDifference, string> = {
  ids_added: 'in GitHub’s IDs, which only the JWT has',
  ids_missing: 'in GitHub’s IDs, which only the account has',
  other_ids: 'in GitHub’s IDs: the repository was created again, maybe by another owner',
  letter_case: 'in letter case',
  branch: 'after the repository, such as in the branch or the environment',
  repository: 'in the repository: it may have been renamed',
};

function accountText(account: { name: string; teamName: string } | undefined): string {
  return account === undefined ? 'an account' : `“${account.name}” in “${shortened(account.teamName, 80)}”`;
}
