import {
  type Block,
  isForPerson,
  type PageEvent,
  type PageMessage,
  type Unread,
} from '../protocol/page-protocol.ts';
import type { Workspace } from './workspace.ts';

/** The events that one person can see: they feed the page's event stream and the waits of the test driver. */
export interface PersonEvents {
  emit(personIds: Iterable<string>, event: PageEvent): void;
  /** Returns a function that ends the subscription. */
  subscribe(personId: string, listener: (event: PageEvent) => void): () => void;
}

export function createPersonEvents(): PersonEvents {
  const listeners = new Map<string, Set<(event: PageEvent) => void>>();
  return {
    emit(personIds, event) {
      for (const personId of personIds) {
        for (const listener of [...(listeners.get(personId) ?? [])]) listener(event);
      }
    },
    subscribe(personId, listener) {
      const ofPerson = listeners.get(personId) ?? new Set();
      listeners.set(personId, ofPerson.add(listener));
      return () => void ofPerson.delete(listener);
    },
  };
}

export interface MessageContent {
  text: string;
  blocks: Block[];
}

export interface StoredMessage extends MessageContent {
  conversation: string;
  ts: string;
  user: string;
  edited: boolean;
  /** The only person who sees the message. */
  ephemeralFor?: string;
  /** The `ts` of the message to which this one is a reply. */
  threadTs?: string;
}

type MessageDraft = Omit<StoredMessage, 'ts' | 'edited'>;

/** The messages of all conversations. */
export interface ConversationLog {
  post(draft: MessageDraft): StoredMessage;
  replace(message: StoredMessage, content: MessageContent): void;
  remove(message: StoredMessage): void;
  /** Finds an ephemeral message only for the person who sees it. */
  find(conversationId: string, ts: string, personId?: string): StoredMessage | undefined;
  /** Returns the replies to a message, oldest first. */
  repliesTo(message: StoredMessage): StoredMessage[];
  /** Returns the messages and replies, oldest first, without other people's ephemeral ones. */
  visibleTo(personId: string, conversationId: string): PageMessage[];
  /** Marks everything in the conversation as read by the person. */
  markRead(personId: string, conversationId: string): void;
  /** Returns what others wrote since the person last read each conversation, without ephemeral messages. */
  unreadOf(personId: string): Record<string, Unread>;
}

export function createConversationLog(parts: {
  workspace: Workspace;
  events: PersonEvents;
  nextTimestamp: () => string;
}): ConversationLog {
  const messages = new Map<string, StoredMessage[]>();
  const of = (conversationId: string) => messages.get(conversationId) ?? [];
  /** Person and conversation → the timestamp of the last message that was read. */
  const lastRead = new Map<string, number>();
  const readKey = (personId: string, conversationId: string) => `${personId} ${conversationId}`;
  const emit = (message: StoredMessage, event: PageEvent) => {
    const members = parts.workspace.conversation(message.conversation)?.members ?? [];
    parts.events.emit(message.ephemeralFor ? [message.ephemeralFor] : members, event);
  };
  const canSee = (message: StoredMessage, personId: string | undefined) =>
    message.ephemeralFor === undefined || message.ephemeralFor === personId;
  return {
    post(draft) {
      const message: StoredMessage = { ...draft, ts: parts.nextTimestamp(), edited: false };
      messages.set(message.conversation, [...of(message.conversation), message]);
      emit(message, { type: 'message', message: pageMessage(message) });
      return message;
    },
    replace(message, content) {
      // Slack marks a message as edited only when the new content has no blocks.
      const edited = message.ephemeralFor === undefined && content.blocks.length === 0;
      Object.assign(message, content, { edited });
      emit(message, { type: 'message_changed', message: pageMessage(message) });
    },
    remove(message) {
      const { conversation, ts } = message;
      messages.set(
        conversation,
        of(conversation).filter((other) => other !== message),
      );
      emit(message, { type: 'message_deleted', conversation, ts });
    },
    find: (conversationId, ts, personId) =>
      of(conversationId).find((message) => message.ts === ts && canSee(message, personId)),
    repliesTo: ({ conversation, ts }) => of(conversation).filter(({ threadTs }) => threadTs === ts),
    visibleTo: (personId, conversationId) =>
      of(conversationId)
        .filter((message) => canSee(message, personId))
        .map(pageMessage),
    markRead(personId, conversationId) {
      const last = of(conversationId).at(-1);
      if (last) lastRead.set(readKey(personId, conversationId), Number(last.ts));
    },
    unreadOf(personId) {
      const unread: Record<string, Unread> = {};
      for (const conversation of parts.workspace.conversationsOf(personId)) {
        const readUntil = lastRead.get(readKey(personId, conversation.id)) ?? 0;
        const isMention = (message: StoredMessage) => isForPerson(message, conversation, personId);
        const arrived = of(conversation.id).filter(
          (message) =>
            Number(message.ts) > readUntil &&
            message.user !== personId &&
            message.ephemeralFor === undefined &&
            (message.threadTs === undefined || isMention(message)),
        );
        if (arrived.length === 0) continue;
        const mentions = arrived.filter(isMention).length;
        unread[conversation.id] = { mentions };
      }
      return unread;
    },
  };
}

function pageMessage(message: StoredMessage): PageMessage {
  const { conversation, ts, user, text, blocks, ephemeralFor, edited, threadTs } = message;
  return structuredClone({
    conversation,
    ts,
    user,
    text,
    blocks,
    ephemeral: ephemeralFor !== undefined,
    edited,
    ...(threadTs !== undefined && { thread: threadTs }),
  });
}
