import type { Button } from '@slack/types';
import type { Collection } from '../../application/ports/account-records.ts';
import type { OperationEnding } from '../../application/ports/slack.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { byHandWords, teamPageWords } from './backend-failure-text.ts';
import { code, type Message, moment, notice, plainText } from './blocks.ts';

/** Tells in a direct message how something ended that was unclear, or that a person did not hear the end of. */
export function endingMessage(ending: OperationEnding): Message {
  return notice(endingWords(ending), ending.requestId ?? undefined);
}

const TRIED_ON = 'Keysmith goes on trying, and tells you when it is done.';

const LIVE: Record<ServiceAccount['method'], string> = {
  api_key: 'It may have a live API key that nobody holds.',
  federated: 'Its workloads may still sign in.',
};

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
    case 'still_there':
      return `:rotating_light: ${name} still stands in W&B: Keysmith has tried for more than an hour to remove it, and the W&B server did not do it. ${LIVE[account.method]} An admin of the team must remove it by hand.${teamPageWords(teamPage)} ${TRIED_ON}`;
    case 'still_unclear':
      return `:warning: Nobody can say yet whether ${name} was made: Keysmith has looked for more than an hour, and the W&B server did not show it the team. If the account stands there, it may have credentials that nobody holds, and an admin of the team must remove it by hand.${teamPageWords(teamPage)} ${TRIED_ON}`;
    case 'still_not_revoked':
      return `:rotating_light: ${name} is *not* known to be revoked: Keysmith has tried for more than an hour, and the W&B server did not do it. Its credentials may still work. An admin of the team must remove it by hand.${teamPageWords(teamPage)} ${TRIED_ON}`;
    case 'appeared_late':
      return `:rotating_light: ${name} stands in W&B now. Either the W&B server made it for Keysmith, too late, and then it has credentials that nobody holds; or somebody made it there by hand. Keysmith can’t tell which, so it left it alone. If nobody of the team knows it, an admin must remove it.${teamPageWords(teamPage)}`;
  }
}

export const COLLECT_ACTION = 'collect_key';

/** Offers a key that could not be delivered: it is minted at the click. */
export function collectionMessage(
  collection: Collection,
  account: ServiceAccount,
  revokedKeyId: string | undefined,
): Message {
  const text = [
    `:key: *Collect the key of ${code(account.name)}* in ${code(account.teamName)}`,
    revokedKeyId === undefined
      ? 'Its key was not sent: the W&B server was too late with it, and what it had made was undone. No key of it is in use.'
      : `Slack could not confirm that the key ${code(revokedKeyId)} reached you, so it was cut off: if you see it somewhere, it is dead.`,
    `*Collect key* makes a new key and shows it here, once, only to you, until ${moment(collection.expiresAtMs)}.`,
  ].join('\n');
  return {
    text: `Collect the key of ${account.name} in ${account.teamName}.`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'actions', elements: [collectButton(collection)] },
    ],
  };
}

export function collectButton(collection: Collection): Button {
  return {
    type: 'button',
    action_id: COLLECT_ACTION,
    style: 'primary',
    text: plainText('Collect key'),
    value: collection.id,
  };
}
