import {
  type Conversation,
  isForPerson,
  type PageEvent,
  type PageMessage,
  type Unread,
} from '../../slack/protocol/page-protocol.ts';
import { SLACKBOT } from './directory.ts';

type MessageEvent = Extract<PageEvent, { type: 'message' | 'message_changed' | 'message_deleted' }>;

/**
 * The messages that one person has received since the page was loaded. Ephemeral messages live only here: they
 * survive switching conversations but not a reload.
 */
export interface MessageStore {
  /** Oldest first. */
  of(conversation: string): PageMessage[];
  /** Whether the conversation's messages have been fetched. */
  isLoaded(conversation: string): boolean;
  /** Replaces the messages with the server's, except ephemeral ones, which the server doesn't keep. */
  load(conversation: string, messages: PageMessage[]): void;
  apply(event: MessageEvent): void;
  /** Adds an ephemeral message from Slackbot. */
  addSlackbotMessage(conversation: string, text: string): void;
}

export function createMessageStore(): MessageStore {
  const conversations = new Map<string, Map<string, PageMessage>>();
  const loaded = new Set<string>();
  const known = (conversation: string): Map<string, PageMessage> => {
    const messages = conversations.get(conversation) ?? new Map<string, PageMessage>();
    conversations.set(conversation, messages);
    return messages;
  };
  const put = (message: PageMessage) => known(message.conversation).set(message.ts, message);
  return {
    of: (conversation) => [...known(conversation).values()].sort((a, b) => Number(a.ts) - Number(b.ts)),
    isLoaded: (conversation) => loaded.has(conversation),
    load: (conversation, messages) => {
      const before = known(conversation);
      const ephemeral = [...before.values()].filter((message) => message.ephemeral);
      conversations.set(conversation, new Map());
      for (const message of [...messages, ...ephemeral]) put(reuseUnchanged(before.get(message.ts), message));
      loaded.add(conversation);
    },
    apply: (event) => {
      if (event.type === 'message_deleted') known(event.conversation).delete(event.ts);
      else put(event.message);
    },
    addSlackbotMessage: (conversation, text) => {
      const ts = (Date.now() / 1_000).toFixed(6);
      put({ conversation, ts, user: SLACKBOT, text, blocks: [], ephemeral: true, edited: false });
    },
  };
}

/** Keeps the object of an unchanged message, so that it isn't rendered again. */
function reuseUnchanged(before: PageMessage | undefined, now: PageMessage): PageMessage {
  return before && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

export type UnreadConversations = ReadonlyMap<string, Unread>;

export function countUnread(
  unread: UnreadConversations,
  message: PageMessage,
  conversation: Conversation | undefined,
  me: string,
): UnreadConversations {
  const isMention = isForPerson(message, conversation, me);
  if (message.user === me || (message.thread !== undefined && !isMention)) return unread;
  const before = unread.get(message.conversation)?.mentions ?? 0;
  const mentions = before + (isMention ? 1 : 0);
  return new Map(unread).set(message.conversation, { mentions });
}

export function markRead(unread: UnreadConversations, conversation: string): UnreadConversations {
  if (!unread.has(conversation)) return unread;
  const rest = new Map(unread);
  rest.delete(conversation);
  return rest;
}
