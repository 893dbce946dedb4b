import { letKeyExpire } from '../../../application/care/expiry-notices.ts';
import { notice } from '../../messages/blocks.ts';
import { letExpireText } from '../../messages/care/expiry-message.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';

/** *Let it expire* below a notice: the outcome replaces it. */
export async function letExpireAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId, isOnOwnMessage } = click;
  const result = await letKeyExpire(context.ports, {
    slackUserId: replyTo.slackUserId,
    keyId: value,
    requestId,
  });
  const text = letExpireText(result);
  const isOver = result.kind !== 'refused';
  if (isOver && isOnOwnMessage) await context.reply.replace(replyTo, notice(text));
  else await context.reply.ephemeral(replyTo, notice(text, requestId));
}
