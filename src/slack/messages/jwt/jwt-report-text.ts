import type { JwtFinding, JwtReport, JwtState } from '../../../application/authority/jwt/jwt-report.ts';
import {
  audienceLine,
  lifetimeLine,
  type SearchedAccounts,
  subjectLine,
  timeLine,
  tokenIdLine,
} from './jwt-claim-text.ts';
import { type JwtLine, type LineText, OTHER_KIND } from './jwt-line.ts';
import { headerLine, issuerLine, shapeLine, signatureLine } from './jwt-signing-text.ts';

/** Returns the outcome in one or two sentences. */
export function jwtVerdictText({ verdict }: JwtReport): string {
  switch (verdict) {
    case 'accepted':
      return 'Keysmith would accept this JWT now.';
    case 'accepted_if_fresh':
      return 'This JWT has expired. Keysmith would accept a new one like it.';
    case 'refused':
      return 'Keysmith would refuse this JWT.';
    case 'uncertain':
      return 'Keysmith found no mistake, but couldn’t check everything.';
  }
}

/** Returns a line for each checked part, problems first. `searched`: the accounts among which the subject was looked up. */
export function jwtLines({ findings }: JwtReport, searched: SearchedAccounts): JwtLine[] {
  const order: JwtState[] = ['wrong', 'not_checked', 'note', 'ok'];
  return findings
    .map((finding) => ({ state: finding.state, ...lineOf(finding, searched) }))
    .sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
}

function lineOf(finding: JwtFinding, searched: SearchedAccounts): LineText {
  switch (finding.part) {
    case 'shape':
      return shapeLine(finding.problem);
    case 'crit':
      return { part: 'crit', came: 'present', expected: 'no crit in the header', change: OTHER_KIND };
    case 'cnf':
      return {
        part: 'cnf',
        came: 'present',
        expected: 'a JWT that isn’t bound to a key',
        change: OTHER_KIND,
      };
    case 'events':
      return {
        part: 'events',
        came: 'present',
        expected: 'an ID token, not a security event',
        change: OTHER_KIND,
      };
    case 'alg':
    case 'typ':
    case 'kid':
      return headerLine(finding);
    case 'iss':
      return issuerLine(finding);
    case 'signature':
      return signatureLine(finding);
    case 'aud':
      return audienceLine(finding);
    case 'exp':
    case 'nbf':
    case 'iat':
      return timeLine(finding);
    case 'lifetime':
      return lifetimeLine(finding);
    case 'jti':
      return tokenIdLine(finding);
    case 'sub':
      return subjectLine(finding, searched);
  }
}
