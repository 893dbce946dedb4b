import type { NextKey, ShownKey } from '../../application/accounts/shown-key.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { code, day, type Message, moment, notice, teamOption } from './blocks.ts';
import { collectButton } from './notification-messages.ts';
import { endedText, keptKeysText, type ServerPage } from './server-account-text.ts';

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

function shownKeyText({ account, keyId, state }: ShownKey, page: ServerPage): string {
  const isOnServer = page !== undefined;
  const key = `Key ${code(keyId)} of ${code(account.name)} in ${code(account.teamName)}`;
  switch (state.kind) {
    case 'works':
      return `${key} works.`;
    case 'account_revoked':
      return page === undefined
        ? `:no_entry: ${key} no longer works: the account was revoked. Run \`/wandb service-account new\` to create another account.`
        : `:no_entry: Don’t use key ${code(keyId)}: ${account.state === 'revoking' ? 'Keysmith is deleting its account' : 'its account was deleted'} from W&B. ${keptKeysText(page)}`;
    case 'unconfirmed':
      return `:warning: ${key} isn’t confirmed yet, so don’t use it: Slack hasn’t reported whether its message arrived. If it doesn’t, Keysmith ${isOnServer ? 'deletes its W&B account' : 'revokes the key'} and sends you a direct message with *Collect key*.`;
    case 'not_confirmed':
      return isOnServer
        ? `:warning: Don’t use key ${code(keyId)} of ${code(account.name)}: Slack didn’t confirm that it reached you, so Keysmith deletes the W&B account it belongs to. ${nextText(state.next, account, isOnServer)}`
        : `:warning: ${key} was revoked, because Slack didn’t confirm that it reached you. ${nextText(state.next, account, isOnServer)}`;
    case 'revoked':
      return `:no_entry: ${key} was ${endedText(isOnServer)}. ${nextText(state.next, account, isOnServer)}`;
    case 'expired':
      return `:warning: ${key} expired on ${day(state.atMs)}. ${nextText(state.next, account, isOnServer)}`;
  }
}

function nextText(next: NextKey, { name, teamName }: ServiceAccount, isOnServer: boolean): string {
  switch (next.kind) {
    case 'in_use':
      return `Use the newer key ${code(next.keyId)} that you collected.`;
    case 'being_sent':
      return 'A new key is on its way to you.';
    case 'collectable':
      return `Press *Collect key* to create a new one, shown once and only to you, until ${moment(next.collection.expiresAtMs)}.`;
    case 'none':
      return `To get another key, ${isOnServer ? 'delete' : 'revoke'} the account with ${code(`/wandb service-account revoke ${name} ${teamOption(teamName)}`)} and create a new one.`;
  }
}
