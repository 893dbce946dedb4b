import type { Block, PageEvent, PageMessage } from '../protocol/page-protocol.ts';
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
}

type MessageDraft = Omit<StoredMessage, 'ts' | 'edited'>;

/** The messages of all conversations. */
export interface ConversationLog {
  post(draft: MessageDraft): StoredMessage;
  replace(message: StoredMessage, content: MessageContent): void;
  remove(message: StoredMessage): void;
  /** Finds an ephemeral message only for the person who sees it. */
  find(conversationId: string, ts: string, personId?: string): StoredMessage | undefined;
  /** Returns the messages, oldest first, without other people's ephemeral ones. */
  visibleTo(personId: string, conversationId: string): PageMessage[];
}

export function createConversationLog(parts: {
  workspace: Workspace;
  events: PersonEvents;
  nextTimestamp: () => string;
}): ConversationLog {
  const messages = new Map<string, StoredMessage[]>();
  const of = (conversationId: string) => messages.get(conversationId) ?? [];
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
    visibleTo: (personId, conversationId) =>
      of(conversationId)
        .filter((message) => canSee(message, personId))
        .map(pageMessage),
  };
}

function pageMessage(message: StoredMessage): PageMessage {
  const { conversation, ts, user, text, blocks, ephemeralFor, edited } = message;
  return structuredClone({
    conversation,
    ts,
    user,
    text,
    blocks,
    ephemeral: ephemeralFor !== undefined,
    edited,
  });
}
