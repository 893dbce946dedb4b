import type { EditAccountResult } from '../../../application/accounts/details/edit-service-account.ts';
import { code } from '../blocks.ts';
import { endedText } from './server-account-text.ts';

/** Returns how an edit ended. Markup. */
export function editOutcomeText(
  result: Exclude<EditAccountResult, { kind: 'invalid' | 'refused' }>,
  isOnServer: boolean,
): string {
  switch (result.kind) {
    case 'edited': {
      const { name, teamName, contact } = result.account;
      return `:white_check_mark: Saved ${code(name)} in ${code(teamName)}. Its contact is <@${contact}>.`;
    }
    case 'unchanged':
      return 'Nothing was changed: the form has the values that were saved before.';
    case 'changed_meanwhile':
      return `Nothing was changed: someone else edited ${code(result.account.name)} after you opened the form. Open it again to see the new values.`;
    case 'ended':
      return `Nothing was changed: ${code(result.account.name)} ${
        result.account.state === 'revoking' ? 'is being deleted from W&B' : `was ${endedText(isOnServer)}`
      }.`;
    case 'not_found':
      return 'Nothing was changed: none of your teams has this account.';
  }
}
