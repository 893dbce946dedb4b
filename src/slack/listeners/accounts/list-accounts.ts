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
  const { start, ...filter } = request.page;
  const asked = await listServiceAccounts(ports, request);
  // The accounts of a page may have left the list since.
  const isLeft = asked.ok && start !== undefined && asked.accounts.length === 0;
  const listed = isLeft ? await listServiceAccounts(ports, { ...request, page: filter }) : asked;
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
