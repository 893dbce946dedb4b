import { acceptNearMatch, ignoreNearMatch } from '../../../application/care/near-matches.ts';
import { notice } from '../../messages/blocks.ts';
import { nearMatchText } from '../../messages/care/near-match-message.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';

/** *Use this subject*: its card changes in place, so that only something else needs a reply. */
export async function acceptSubjectAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: nearMatchId, requestId } = click;
  const { slackUserId } = replyTo;
  const result = await acceptNearMatch(context.ports, { slackUserId, nearMatchId, requestId });
  if (result.kind === 'used') return;
  await context.reply.ephemeral(replyTo, notice(nearMatchText(result), requestId));
}

/** *Ignore*: its card changes in place. */
export async function ignoreSubjectAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: nearMatchId, requestId } = click;
  const { slackUserId } = replyTo;
  const result = await ignoreNearMatch(context.ports, { slackUserId, nearMatchId, requestId });
  if (result.kind === 'ignored') return;
  await context.reply.ephemeral(replyTo, notice(nearMatchText(result), requestId));
}
