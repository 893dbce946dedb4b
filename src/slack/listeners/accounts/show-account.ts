import type { AccountReference } from '../../../application/accounts/details/find-named-account.ts';
import { showServiceAccount } from '../../../application/accounts/details/show-service-account.ts';
import { accountMessage } from '../../messages/accounts/account-message.ts';
import { readContent } from '../../messages/accounts/message-content.ts';
import { notFoundMessage } from '../../messages/accounts/not-found-message.ts';
import type { Message } from '../../messages/blocks.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';

/** Returns the message of `/wandb service-account show NAME`. */
export async function shownMessage(
  { ports }: ListenerContext,
  request: { slackUserId: string; reference: AccountReference; requestId: string },
): Promise<Message> {
  const { reference, requestId } = request;
  const shown = await showServiceAccount(ports, request);
  return shown.kind === 'shown'
    ? accountMessage(shown, ports.now())
    : notFoundMessage(shown, { verb: 'show', reference, requestId });
}

/** *Show* in the menu of an account: a list stays above it, and a message or modal that shows the account changes in place. */
export async function showAction(
  context: ListenerContext,
  { replyTo, requestId, blockId = '' }: ButtonClick,
  reference: { accountId: string },
): Promise<void> {
  const { slackUserId } = replyTo;
  const showing = shownMessage(context, { slackUserId, reference, requestId });
  const message = await withProgressMessage(context, replyTo, showing);
  const isShown = readContent(blockId)?.kind === 'account';
  if (isShown && replyTo.view !== undefined) replyTo.view.viewId = replyTo.view.overViewId;
  await (isShown ? context.reply.replace(replyTo, message) : context.reply.ephemeral(replyTo, message));
}
