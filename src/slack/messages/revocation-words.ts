import type { RevokeServiceAccountResult } from '../../application/revoke-service-account.ts';
import type { ServiceAccount } from '../../domain/service-account.ts';
import { refusalWords } from './refusal-words.ts';
import { code } from './text.ts';

export const UNKNOWN_ACCOUNT = 'There is no such account among those of your teams.';

/** How a revocation ended. Markup. */
export function revocationWords(result: RevokeServiceAccountResult): string {
  switch (result.kind) {
    case 'revoked':
      return revokedWords(result.account);
    case 'revoked_before':
      return `${code(result.account.name)} in ${code(result.account.teamName)} had been revoked already; it is cut off.`;
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
