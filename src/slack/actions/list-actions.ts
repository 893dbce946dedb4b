import { type ListPage, listServiceAccounts } from '../../application/list-service-accounts.ts';
import { revokeServiceAccount } from '../../application/revoke-service-account.ts';
import type { ButtonUsed } from '../button.ts';
import type { SlackEdge } from '../edge.ts';
import { accountListMessage, readListButton } from '../messages/account-list-message.ts';
import { type Message, notice } from '../messages/message.ts';
import { refusalWords } from '../messages/refusal-words.ts';
import { revocationWords } from '../messages/revocation-words.ts';
import { sayWhenSlow } from '../say-when-slow.ts';

/** *Revoke* in the list: the same page stays, without the account. */
export async function revokeListedAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  const { slackUserId } = replyTo;
  const { accountId, page } = readListButton(value);
  const revoking = revokeServiceAccount(edge.ports, { slackUserId, accountId, requestId });
  const result = await sayWhenSlow(edge, replyTo, revoking);
  const words = revocationWords(result);
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
  if (!listed.ok) return notice(lead ?? refusalWords(listed.refusal), request.requestId);
  return accountListMessage(listed, edge.ports.now(), lead);
}
