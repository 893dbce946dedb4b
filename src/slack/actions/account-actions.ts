import { listServiceAccounts } from '../../application/list-service-accounts.ts';
import { markKeyStored } from '../../application/mark-key-stored.ts';
import {
  type RevokeServiceAccountResult,
  revokeServiceAccount,
} from '../../application/revoke-service-account.ts';
import type { ButtonUsed } from '../button.ts';
import type { SlackEdge } from '../edge.ts';
import { accountListMessage } from '../messages/account-list-message.ts';
import { notice } from '../messages/message.ts';
import { revokedWords } from '../messages/outcome-words.ts';
import { refusalWords } from '../messages/refusal-words.ts';

const UNKNOWN_ACCOUNT = 'There is no such account among those of your teams.';

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
  const result = await revokeServiceAccount(edge.ports, {
    slackUserId,
    accountId: value,
    requestId,
  });
  const isDone = result.kind === 'revoked' || result.kind === 'revoked_before';
  const words = revocationWords(result);
  // A message that holds a key stays where nothing was revoked: the key is still good.
  if (isDone) await edge.reply.replace(replyTo, notice(words));
  else await edge.reply.ephemeral(replyTo, notice(words, requestId));
}

/** *Revoke* in the list: the list stays, without the account. */
export async function revokeListedAction(
  edge: SlackEdge,
  { replyTo, value, requestId }: ButtonUsed,
): Promise<void> {
  const { slackUserId } = replyTo;
  const result = await revokeServiceAccount(edge.ports, {
    slackUserId,
    accountId: value,
    requestId,
  });
  const lead = revocationWords(result);
  const listed = await listServiceAccounts(edge.ports, {
    slackUserId,
    teamName: undefined,
    requestId,
  });
  const message = listed.ok ? accountListMessage(listed, edge.ports.now(), lead) : notice(lead, requestId);
  await edge.reply.replace(replyTo, message);
}

/** *Keep*: nothing happens, and the question goes. */
export async function dismissAction(edge: SlackEdge, { replyTo }: ButtonUsed): Promise<void> {
  await edge.reply.remove(replyTo);
}

function revocationWords(result: RevokeServiceAccountResult): string {
  switch (result.kind) {
    case 'revoked':
    case 'revoked_before':
      return revokedWords(result.account, result.kind);
    case 'unknown':
      return `${UNKNOWN_ACCOUNT} Nothing was revoked.`;
    case 'refused':
      return `Nothing was revoked. ${refusalWords(result.refusal)}`;
  }
}
