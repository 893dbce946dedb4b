import { checkMessage } from './block-kit/message.ts';
import type { ResponseUrl } from './response-urls.ts';
import type { SlackState } from './slack-state.ts';

export type ReplyOutcome = { ok: true } | { ok: false; error: string };

/**
 * A message that answers a command or a click, in the body of the acknowledgement or at a response URL: ephemeral
 * unless `response_type` is `in_channel`, wherever the app is a member or not.
 */
export function postReply(
  { log, workspace }: SlackState,
  { conversation, personId, original }: ResponseUrl,
  reply: Record<string, unknown>,
): ReplyOutcome {
  const current = original && log.find(original.conversation, original.ts, personId);
  if (isTrue(reply.delete_original) && original) {
    if (!current) return { ok: false, error: 'message_not_found' };
    log.remove(current);
    if (reply.text === undefined && reply.blocks === undefined) return { ok: true };
  }
  const message = checkMessage(reply);
  if (!message.ok) return { ok: false, error: message.error };
  if (isTrue(reply.replace_original) && original) {
    if (!current) return { ok: false, error: 'message_not_found' };
    log.replace(current, message.content);
    return { ok: true };
  }
  const isPublic = reply.response_type === 'in_channel';
  log.post({
    conversation,
    user: workspace.app.botUserId,
    ...message.content,
    ...(!isPublic && { ephemeralFor: personId }),
  });
  return { ok: true };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
