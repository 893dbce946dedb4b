import type { Conversation, ShownMessage } from '../../slack/protocol/page-protocol.ts';

/** What came in a conversation since it was last looked at. */
interface Unread {
  /** Those that concern the person: direct messages and mentions. */
  mentions: number;
}

export type UnreadConversations = ReadonlyMap<string, Unread>;

export function countUnread(
  unread: UnreadConversations,
  message: ShownMessage,
  conversation: Conversation | undefined,
  me: string,
): UnreadConversations {
  if (message.user === me) return unread;
  const isDirect = conversation?.kind === 'app_dm' || conversation?.kind === 'person_dm';
  const before = unread.get(message.conversation)?.mentions ?? 0;
  const mentions = before + (isDirect || doesMention(message, me) ? 1 : 0);
  return new Map(unread).set(message.conversation, { mentions });
}

export function markRead(unread: UnreadConversations, conversation: string): UnreadConversations {
  if (!unread.has(conversation)) return unread;
  const rest = new Map(unread);
  rest.delete(conversation);
  return rest;
}

function doesMention({ text, blocks }: ShownMessage, me: string): boolean {
  const written = text + JSON.stringify(blocks);
  return written.includes(`<@${me}>`) || written.includes(`"user_id":"${me}"`);
}
