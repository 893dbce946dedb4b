import { confirmKeysDeleted } from '../../../application/outside-changes/confirm-keys-deleted.ts';
import { notice } from '../../messages/blocks.ts';
import { keysDeletedText } from '../../messages/outside/key-reminder-message.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';

/** *All keys deleted* below a reminder: the outcome replaces it. */
export async function keysDeletedAction(
  context: ListenerContext,
  { replyTo, value, requestId, isOnOwnMessage }: ButtonClick,
): Promise<void> {
  const { slackUserId } = replyTo;
  const confirming = confirmKeysDeleted(context.ports, { slackUserId, serverAccountId: value, requestId });
  const result = await withProgressMessage(context, replyTo, confirming);
  const text = keysDeletedText(result);
  const isConfirmed = result.kind === 'confirmed' || result.kind === 'already_confirmed';
  if (isConfirmed && isOnOwnMessage) await context.reply.replace(replyTo, notice(text));
  else await context.reply.ephemeral(replyTo, notice(text, requestId));
}
