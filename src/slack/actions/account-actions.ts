import { markKeyStored } from '../../application/mark-key-stored.ts';
import { revokeServiceAccount } from '../../application/revoke-service-account.ts';
import type { ButtonUsed } from '../button.ts';
import type { SlackEdge } from '../edge.ts';
import { notice } from '../messages/message.ts';
import { revocationWords, UNKNOWN_ACCOUNT } from '../messages/revocation-words.ts';
import { sayWhenSlow } from '../say-when-slow.ts';

/** *I've stored it*: removes the message with the key first, then records it. */
export async function storedAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  await edge.reply.remove(replyTo);
  const { slackUserId } = replyTo;
  if (await markKeyStored(edge.ports, { slackUserId, accountId: value, requestId })) return;
  await edge.reply.ephemeral(replyTo, notice(`${UNKNOWN_ACCOUNT} Nothing was recorded.`, requestId));
}

/** *Revoke* below a key, or below the question of `revoke NAME`: the outcome takes the message's place, and the key's. */
export async function revokeAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  const { slackUserId } = replyTo;
  const revoking = revokeServiceAccount(edge.ports, { slackUserId, accountId: value, requestId });
  const result = await sayWhenSlow(edge, replyTo, revoking);
  const isDone = result.kind === 'revoked' || result.kind === 'revoked_before';
  const words = revocationWords(result);
  // A message that holds a key stays where nothing was revoked: the key is still good.
  if (isDone) await edge.reply.replace(replyTo, notice(words));
  else await edge.reply.ephemeral(replyTo, notice(words, requestId));
}

/** *Keep*: nothing happens, and the question goes. */
export async function dismissAction(edge: SlackEdge, { replyTo }: ButtonUsed): Promise<void> {
  await edge.reply.remove(replyTo);
}
