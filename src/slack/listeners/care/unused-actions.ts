import { keepKey } from '../../../application/care/unused-reviews.ts';
import { notice } from '../../messages/blocks.ts';
import { keepKeyText, readKeepChoice } from '../../messages/care/unused-review-message.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';

/** *Keep* below an unused key: its card changes in place. */
export async function keepKeyAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId } = click;
  const { slackUserId } = replyTo;
  const result = await keepKey(context.ports, { slackUserId, ...readKeepChoice(value), requestId });
  if (result.kind === 'kept') return;
  await context.reply.ephemeral(replyTo, notice(keepKeyText(result), requestId));
}
