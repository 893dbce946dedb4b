import { type CollectKeyResult, collectKey } from '../../../application/accounts/collect-key.ts';
import {
  revokeServiceAccount,
  revokeShownKey,
} from '../../../application/accounts/revoke-service-account.ts';
import { markKeyStored } from '../../../application/accounts/shown-key.ts';
import { endNotification } from '../../../application/jobs/notification-jobs.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { readKeyButton } from '../../messages/accounts/key-message.ts';
import { keyNotDeliveredText, notCollectedText } from '../../messages/accounts/outcome-text.ts';
import { revocationText } from '../../messages/accounts/revoke-message.ts';
import { shownKeyMessage } from '../../messages/accounts/shown-key-text.ts';
import { code, notice } from '../../messages/blocks.ts';
import { keyRevokedText } from '../../messages/keys/key-outcome-text.ts';
import { chooseRoute } from '../../web/response-url.ts';
import { refreshMessage } from '../accounts/refresh-message.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';

/** *I've stored it*: removes the message with the key before anything that can fail, and reports a key that doesn't work. */
export async function storedAction(
  context: ListenerContext,
  { replyTo, value, requestId }: ButtonClick,
): Promise<void> {
  await context.reply.remove(replyTo);
  const { slackUserId } = replyTo;
  const result = await markKeyStored(context.ports, { slackUserId, ...readKeyButton(value), requestId });
  if (result.kind === 'recorded') return;
  const message =
    result.kind === 'not_working'
      ? shownKeyMessage(result.key, { requestId, page: pageOf(context, result.key.account) })
      : notice('Nothing was recorded: none of your teams has this account.', requestId);
  await context.reply.ephemeral(replyTo, message);
}

function pageOf({ ports }: ListenerContext, { teamName }: ServiceAccount): string | undefined {
  return ports.backend.teamPage(teamName);
}

const NOTHING_CHANGED = 'Nothing was changed, because this message is out of date.\n';

/** *Revoke* below a key, a federated account or the question of an earlier version: the outcome replaces that message. */
export async function revokeAction(
  context: ListenerContext,
  { replyTo, value, requestId }: ButtonClick,
): Promise<void> {
  const { slackUserId } = replyTo;
  const { accountId, keyId } = readKeyButton(value);
  const revoking =
    keyId === undefined
      ? revokeServiceAccount(context.ports, { slackUserId, accountId, requestId })
      : revokeShownKey(context.ports, { slackUserId, accountId, keyId, requestId });
  const result = await withProgressMessage(context, replyTo, revoking);
  if (result.kind === 'key_outdated') {
    await context.reply.replace(
      replyTo,
      shownKeyMessage(result.key, {
        requestId,
        page: pageOf(context, result.key.account),
        lead: NOTHING_CHANGED,
      }),
    );
    return;
  }
  if (result.kind === 'key_only') {
    const text = keyRevokedText(result.revoked);
    if (result.revoked.kind === 'revoked' || result.revoked.kind === 'already_revoked') {
      await context.reply.replace(replyTo, notice(text));
    } else await context.reply.ephemeral(replyTo, notice(text, requestId));
    return;
  }
  const isOnServer = context.ports.backend.administeredIn === 'wandb';
  const text = revocationText(result, isOnServer);
  // If nothing was revoked the key still works, so its message stays.
  const isRevoked = result.kind === 'revoked' || result.kind === 'already_revoked';
  const wasNotified = isRevoked
    ? await context.reply.replace(replyTo, notice(text))
    : await context.reply.ephemeral(replyTo, notice(text, requestId));
  if (result.kind === 'revoked') await endNotification(context.ports, result.notice, { wasNotified });
}

/** *Keep*: removes the question. */
export async function dismissAction(context: ListenerContext, { replyTo }: ButtonClick): Promise<void> {
  await context.reply.remove(replyTo);
}

/** *Collect key*: creates the key now and delivers it in response to this click. */
export async function collectAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId, isOnOwnMessage, blockId = '' } = click;
  const { slackUserId, responseUrl = '', channelId = slackUserId } = replyTo;
  const nowMs = context.ports.now();
  const isOnServer = context.ports.backend.administeredIn === 'wandb';
  const route = chooseRoute({ responseUrl, openedAtMs: nowMs, channelId, slackUserId }, context, nowMs);
  const result = await context.work.track(
    collectKey(context.ports, { slackUserId, collectionId: value, route, requestId }),
  );
  if (result.kind !== 'collected') {
    const message = notice(notCollectedText(result, isOnServer), requestId);
    // A direct message whose button never works again is replaced.
    if (isOnOwnMessage && isNoLongerCollectable(result)) await context.reply.replace(replyTo, message);
    else {
      const wasNotified = await context.reply.ephemeral(replyTo, message);
      if (result.kind === 'not_created') await endNotification(context.ports, result.notice, { wasNotified });
    }
    return;
  }
  const { account, collection, key } = result;
  if (key.kind !== 'delivered') {
    const text = keyNotDeliveredText(account, key, isOnServer, collection);
    await context.reply.ephemeral(replyTo, notice(text, requestId));
    return;
  }
  // The direct message is no longer needed. The list, or the account, stays.
  if (!isOnOwnMessage) return refreshMessage(context, { blockId, slackUserId, responseUrl }, requestId);
  const text = `:white_check_mark: Collected the key for ${code(account.name)} in ${code(account.teamName)}.`;
  await context.reply.replace(replyTo, notice(text));
}

/** Whether the button never works again. A collected key has already replaced its direct message. */
function isNoLongerCollectable(result: CollectKeyResult): boolean {
  if (result.kind === 'no_key_shown') return true;
  return (
    result.kind === 'not_collectable' &&
    ['expired', 'account_revoked', 'being_revoked'].includes(result.reason)
  );
}
