import type { Block, PageEvent, PageMessage } from '../protocol/page-protocol.ts';
import type { Workspace } from './workspace.ts';

/** What happens before the eyes of one person: feeds the page's event stream and the waits of the test driver. */
export interface PersonEvents {
  emit(personIds: Iterable<string>, event: PageEvent): void;
  /** Returns what ends the subscription. */
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
  /** The one person who sees it. */
  ephemeralFor?: string;
}

type MessageDraft = Omit<StoredMessage, 'ts' | 'edited'>;

/** The messages of all conversations, and who sees which. */
export interface ConversationLog {
  post(draft: MessageDraft): StoredMessage;
  replace(message: StoredMessage, content: MessageContent): void;
  remove(message: StoredMessage): void;
  /** Ephemeral messages are found only for the person who sees them. */
  find(conversationId: string, ts: string, personId?: string): StoredMessage | undefined;
  /** Oldest first. Ephemeral ones of others never. */
  visibleTo(personId: string, conversationId: string): PageMessage[];
}

export function createConversationLog(parts: {
  workspace: Workspace;
  events: PersonEvents;
  nextTimestamp: () => string;
}): ConversationLog {
  const messages = new Map<string, StoredMessage[]>();
  const of = (conversationId: string) => messages.get(conversationId) ?? [];
  const tell = (message: StoredMessage, event: PageEvent) => {
    const members = parts.workspace.conversation(message.conversation)?.members ?? [];
    parts.events.emit(message.ephemeralFor ? [message.ephemeralFor] : members, event);
  };
  const seenBy = (message: StoredMessage, personId: string | undefined) =>
    message.ephemeralFor === undefined || message.ephemeralFor === personId;
  return {
    post(draft) {
      const message: StoredMessage = { ...draft, ts: parts.nextTimestamp(), edited: false };
      messages.set(message.conversation, [...of(message.conversation), message]);
      tell(message, { type: 'message', message: shown(message) });
      return message;
    },
    replace(message, content) {
      // Slack marks a message as edited only when it was changed without blocks.
      const edited = message.ephemeralFor === undefined && content.blocks.length === 0;
      Object.assign(message, content, { edited });
      tell(message, { type: 'message_changed', message: shown(message) });
    },
    remove(message) {
      const { conversation, ts } = message;
      messages.set(
        conversation,
        of(conversation).filter((other) => other !== message),
      );
      tell(message, { type: 'message_deleted', conversation, ts });
    },
    find: (conversationId, ts, personId) =>
      of(conversationId).find((message) => message.ts === ts && seenBy(message, personId)),
    visibleTo: (personId, conversationId) =>
      of(conversationId)
        .filter((message) => seenBy(message, personId))
        .map(shown),
  };
}

function shown({ conversation, ts, user, text, blocks, ephemeralFor, edited }: StoredMessage): PageMessage {
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
