import type { OperationEnding } from '../../application/ports/slack.ts';
import { type Message, notice } from './message.ts';
import { byHandWords, teamPageWords } from './team-page-words.ts';
import { code } from './text.ts';

/** Tells in a direct message how something ended that was unclear, or that a person did not hear the end of. */
export function endingMessage(ending: OperationEnding): Message {
  return notice(endingWords(ending), ending.requestId ?? undefined);
}

function endingWords({ kind, account, link: teamPage }: OperationEnding): string {
  const name = `${code(account.name)} in ${code(account.teamName)}`;
  switch (kind) {
    case 'created_late':
      return `:white_check_mark: ${name} was made after all: the W&B server was only late to say so. \`/wandb service-account list\` shows it.`;
    case 'not_made':
      return `:warning: ${name} was not made: the W&B server did not do it. Nothing is left of it; \`/wandb service-account new\` tries again.`;
    case 'removed_again':
      return `:warning: ${name} was made in W&B, but its key could not be handed over, so it was removed again. No key of it is in use; \`/wandb service-account new\` tries again.`;
    case 'several_candidates':
      return `:warning: ${name} may have been made in W&B: several accounts of that name are new there, and Keysmith can’t tell which one is its own, so it touched none. Look at them, and remove what you do not know.${teamPageWords(teamPage)}`;
    case 'revoked_late':
      return `:no_entry: ${name} is revoked now: the W&B server has cut it off.`;
    case 'not_revoked':
      return `:warning: ${name} is *not* revoked: the W&B server did not do it. Its credentials still work. Try \`/wandb service-account revoke ${account.name} --team ${account.teamName}\` again.${byHandWords(teamPage)}`;
  }
}
