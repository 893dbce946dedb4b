import { collectKey } from '../../../application/accounts/collect-key.ts';

import { type ListPage, listServiceAccounts } from '../../../application/accounts/list-service-accounts.ts';
import { markKeyStored, revokeServiceAccount } from '../../../application/accounts/revoke-service-account.ts';
import { accountListMessage, readListButton } from '../../messages/account-list-message.ts';
import { code, type Message, notice } from '../../messages/blocks.ts';
import { keyNotDeliveredText, notCollectedText } from '../../messages/outcome-text.ts';
import { refusalText } from '../../messages/refusal-text.ts';
import { revocationText } from '../../messages/revoke-message.ts';
import { chooseRoute } from '../../web/response-url.ts';
import { type ButtonUsed, type SlackEdge, sayWhenSlow } from '../edge.ts';

/** *I've stored it*: removes the message with the key first, then records it. */
export async function storedAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  await edge.reply.remove(replyTo);
  const { slackUserId } = replyTo;
  if (await markKeyStored(edge.ports, { slackUserId, accountId: value, requestId })) return;
  await edge.reply.ephemeral(
    replyTo,
    notice('Nothing was recorded: none of your teams has this account.', requestId),
  );
}

/** *Revoke* below a key, or below the question of `revoke NAME`: the outcome takes the message's place, and the key's. */
export async function revokeAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  const { slackUserId } = replyTo;
  const revoking = revokeServiceAccount(edge.ports, { slackUserId, accountId: value, requestId });
  const result = await sayWhenSlow(edge, replyTo, revoking);
  const isDone = result.kind === 'revoked' || result.kind === 'already_revoked';
  const words = revocationText(result);
  // A message that holds a key stays where nothing was revoked: the key is still good.
  if (isDone) await edge.reply.replace(replyTo, notice(words));
  else await edge.reply.ephemeral(replyTo, notice(words, requestId));
}

/** *Keep*: nothing happens, and the question goes. */
export async function dismissAction(edge: SlackEdge, { replyTo }: ButtonUsed): Promise<void> {
  await edge.reply.remove(replyTo);
}

/** *Collect key*: the key is minted now and answered to this click. */
export async function collectAction(edge: SlackEdge, button: ButtonUsed): Promise<void> {
  const { replyTo, value, requestId, isOnOwnMessage } = button;
  const { slackUserId, responseUrl = '', channelId = slackUserId } = replyTo;
  const nowMs = edge.ports.now();
  const route = chooseRoute({ responseUrl, openedAtMs: nowMs, channelId, slackUserId }, edge, nowMs);
  const result = await edge.work.track(
    collectKey(edge.ports, {
      slackUserId,
      collectionId: value,
      route,
      requestId,
    }),
  );
  if (result.kind !== 'collected') {
    return edge.reply.ephemeral(replyTo, notice(notCollectedText(result), requestId));
  }
  const { account, key } = result;
  if (key.kind !== 'delivered') {
    return edge.reply.ephemeral(replyTo, notice(keyNotDeliveredText(account, key), requestId));
  }
  // The button in the direct message has done its work; the list is an ephemeral message and stays.
  if (!isOnOwnMessage) return;
  const text = `:white_check_mark: Collected the key for ${code(account.name)} in ${code(account.teamName)}.`;
  await edge.reply.replace(replyTo, notice(text));
}

/** *Revoke* in the list: the same page stays, without the account. */
export async function revokeListedAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  const { slackUserId } = replyTo;
  const { accountId, page } = readListButton(value);
  const revoking = revokeServiceAccount(edge.ports, { slackUserId, accountId, requestId });
  const result = await sayWhenSlow(edge, replyTo, revoking);
  const words = revocationText(result);
  // The revocation stands, whatever becomes of the list.
  const message = await listMessage(edge, { slackUserId, page, requestId }, words).catch(() =>
    notice(words, requestId),
  );
  await edge.reply.replace(replyTo, message);
}

/** *Previous* or *Next* below the list: that page takes its place. */
export async function turnPageAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  const { slackUserId } = replyTo;
  const { page } = readListButton(value);
  const listing = listMessage(edge, { slackUserId, page, requestId });
  await edge.reply.replace(replyTo, await sayWhenSlow(edge, replyTo, listing));
}

async function listMessage(
  edge: SlackEdge,
  request: { slackUserId: string; page: ListPage; requestId: string },
  lead?: string,
): Promise<Message> {
  const listed = await listServiceAccounts(edge.ports, request);
  if (!listed.ok) return notice(lead ?? refusalText(listed.refusal), request.requestId);
  return accountListMessage(listed, edge.ports.now(), lead);
}
