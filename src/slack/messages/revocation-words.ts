import type { RevokeServiceAccountResult } from '../../application/revoke-service-account.ts';
import type { ServiceAccount } from '../../domain/service-account.ts';
import { backendFailureWords, unclearCauseWords } from './backend-failure-words.ts';
import { refusalWords } from './refusal-words.ts';
import { byHandWords } from './team-page-words.ts';
import { code } from './text.ts';

export const UNKNOWN_ACCOUNT = 'There is no such account among those of your teams.';

/** How a revocation ended. Markup. */
export function revocationWords(result: RevokeServiceAccountResult): string {
  switch (result.kind) {
    case 'revoked':
      return revokedWords(result.account);
    case 'revoked_before':
      return `${code(result.account.name)} in ${code(result.account.teamName)} had been revoked already; it is cut off.`;
    case 'not_revoked': {
      const { account, failure, link: teamPage } = result;
      const why = backendFailureWords(failure, { effect: 'It is as it was.', teamPage });
      return `${code(account.name)} in ${code(account.teamName)} was not revoked: ${why}`;
    }
    case 'unclear': {
      const { account, cause, link: teamPage } = result;
      return `Nobody can say yet whether ${code(account.name)} in ${code(account.teamName)} is cut off: ${unclearCauseWords(cause)} Keysmith tries until it is, and tells you in a direct message how it ended. Until then, take it for alive.${byHandWords(teamPage)}`;
    }
    case 'unknown':
      return `${UNKNOWN_ACCOUNT} Nothing was revoked.`;
    case 'refused':
      return `Nothing was revoked. ${refusalWords(result.refusal)}`;
  }
}

function revokedWords({ name, teamName, method }: ServiceAccount): string {
  const consequence =
    method === 'api_key' ? 'Its key is dead from now on.' : 'Its workloads can’t sign in any more.';
  return `:no_entry: ${code(name)} in ${code(teamName)} is revoked. ${consequence}`;
}
