import { type ListPage, listServiceAccounts } from '../../../application/accounts/list-service-accounts.ts';
import { accountListMessage, notListedMessage } from '../../messages/accounts/account-list-message.ts';
import { readListPage } from '../../messages/accounts/list-page-value.ts';
import type { Message } from '../../messages/blocks.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';

/** Returns a page of `/wandb service-account list`. `typedTeam`: the team as the person typed it, for a refusal. */
export async function listMessage(
  { ports }: ListenerContext,
  request: { slackUserId: string; page: ListPage; requestId: string },
  typedTeam?: string,
): Promise<Message> {
  const listed = await listServiceAccounts(ports, request);
  return listed.ok
    ? accountListMessage(listed, ports.now())
    : notListedMessage(listed.refusal, request.requestId, typedTeam);
}

/** *Previous* and *Next* below the list: the other page replaces it. */
export async function turnPageAction(
  context: ListenerContext,
  { replyTo, value, requestId }: ButtonClick,
): Promise<void> {
  const { slackUserId } = replyTo;
  const listing = listMessage(context, { slackUserId, page: readListPage(value), requestId });
  await context.reply.replace(replyTo, await withProgressMessage(context, replyTo, listing));
}
