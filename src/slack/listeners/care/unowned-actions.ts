import { takeOver } from '../../../application/care/unowned-accounts.ts';
import { notice } from '../../messages/blocks.ts';
import { takeOverText } from '../../messages/care/unowned-message.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';

/** *Take over* below an unowned account: its card changes in place, and the person learns the outcome. */
export async function takeOverAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: accountId, requestId } = click;
  const { slackUserId } = replyTo;
  const taking = takeOver(context.ports, { slackUserId, accountId, requestId });
  const result = await withProgressMessage(context, replyTo, taking);
  const reference = result.kind === 'taken' ? undefined : requestId;
  await context.reply.ephemeral(replyTo, notice(takeOverText(result), reference));
}
