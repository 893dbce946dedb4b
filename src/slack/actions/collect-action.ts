import { collectKey } from '../../application/collect-key.ts';
import type { ButtonUsed } from '../button.ts';
import { chooseRoute } from '../choose-route.ts';
import type { SlackEdge } from '../edge.ts';
import { notice } from '../messages/message.ts';
import { deliveredWords, notCollectedWords } from '../messages/outcome-words.ts';
import { code } from '../messages/text.ts';

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
  if (result.kind === 'collected' && result.key.kind === 'delivered') {
    const words = `:white_check_mark: The key of ${code(result.account.name)} in ${code(result.account.teamName)} was collected.`;
    // The offer in the direct message has done its work; the list is an ephemeral message and stays.
    if (isOnOwnMessage) await edge.reply.replace(replyTo, notice(words));
    return;
  }
  const words = result.kind === 'collected' ? deliveredWords(result.key) : notCollectedWords(result);
  await edge.reply.ephemeral(replyTo, notice(words, requestId));
}
