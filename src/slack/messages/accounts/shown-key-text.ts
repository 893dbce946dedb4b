import type { NextKey, ShownKey } from '../../../application/accounts/shown-key.ts';
import { code, day, type Message, moment, notice, teamOption } from '../blocks.ts';
import { collectButton } from './collect-button.ts';
import { keptKeysText, type ServerPage } from './server-account-text.ts';

/**
 * Returns the state of a key that is still on a person's screen, with *Collect key* where they can create another one.
 *
 * @param shown `lead`: what the click did, if anything. Markup.
 */
export function shownKeyMessage(
  key: ShownKey,
  { requestId, page, lead = '' }: { requestId: string; page: ServerPage; lead?: string },
): Message {
  const { state } = key;
  const message = notice(`${lead}${shownKeyText(key, page)}`, requestId);
  if (!('next' in state) || state.next.kind !== 'collectable') return message;
  const { collection } = state.next;
  return {
    ...message,
    blocks: [...message.blocks, { type: 'actions', elements: [collectButton(collection)] }],
  };
}

function shownKeyText(shown: ShownKey, page: ServerPage): string {
  const { account, keyId, state } = shown;
  const isOnServer = page !== undefined;
  const key = `${code(keyId)} of ${code(account.name)} in ${code(account.teamName)}`;
  const isReplaced = state.kind === 'not_confirmed';
  const next = 'next' in state ? nextText(state.next, shown, { isOnServer, isReplaced }) : '';
  switch (state.kind) {
    case 'works':
      return `Key ${key} works.`;
    case 'account_revoked': {
      if (page === undefined) {
        return `:no_entry: Key ${key} no longer works: the account was revoked. Run \`/wandb service-account new\` to create another account.`;
      }
      const deletion = account.state === 'revoking' ? 'is being deleted' : 'was deleted';
      return `:no_entry: Don’t use key ${key}: the account ${deletion} from W&B. ${keptKeysText(page)}`;
    }
    case 'unconfirmed':
      return `:warning: Key ${key} isn’t confirmed yet, so don’t use it: Slack hasn’t reported whether its message arrived. If it doesn’t, Keysmith ${isOnServer ? 'deletes the W&B account it belongs to' : 'revokes the key'} and sends you a direct message with *Collect key*.`;
    case 'not_confirmed':
      return isOnServer
        ? `:warning: Don’t use key ${key}: Slack didn’t confirm that it reached you, so Keysmith deletes the W&B account it belongs to. ${next}`
        : `:warning: Key ${key} was revoked, because Slack didn’t confirm that it reached you. ${next}`;
    case 'revoked':
      return isOnServer
        ? `:no_entry: Don’t use key ${key}: the W&B account it belonged to was deleted. ${next}`
        : `:no_entry: Key ${key} was revoked. ${next}`;
    case 'expired':
      return `:warning: Key ${key} expired on ${day(state.atMs)}. ${next}`;
  }
}

/** @param options `isReplaced`: the next key was collected in place of this one, and isn't just another of the account's keys */
function nextText(
  next: NextKey,
  { account, isManager }: ShownKey,
  { isOnServer, isReplaced }: { isOnServer: boolean; isReplaced: boolean },
): string {
  switch (next.kind) {
    case 'in_use':
      return isReplaced
        ? `Use the newer key ${code(next.keyId)} that you collected.`
        : `The account’s key ${code(next.keyId)} works.`;
    case 'being_sent':
      return 'A new key is on its way to you.';
    case 'collectable':
      return `Press *Collect key* to create a new one, shown once and only to you, until ${moment(next.collection.expiresAtMs)}.`;
    case 'none': {
      const { name, teamName } = account;
      if (!isManager) return 'To get another key, ask an admin of the team.';
      const command = (verb: string) =>
        code(`/wandb service-account ${verb} ${name} ${teamOption(teamName)}`);
      return isOnServer
        ? `To get another key, delete the account with ${command('revoke')} and create a new one.`
        : `To get another key, run ${command('show')} and press *Create key*.`;
    }
  }
}
