import type { Conversation, Workspace } from '../page-protocol.ts';
import { drawBeginning } from './beginning.ts';
import { type Composer, createComposer } from './composer.ts';
import type { Directory } from './directory.ts';
import { createMessageList, type MessageList } from './message-list.ts';
import type { MessageStore } from './message-store.ts';
import type { MessageActions } from './message-view.ts';

/** The conversation that the person is looking at. */
export interface OpenConversation {
  conversation: Conversation;
  list: MessageList;
  composer: Composer;
}

export function openConversation(
  conversation: Conversation,
  parts: {
    workspace: Workspace;
    directory: Directory;
    store: MessageStore;
    actions: MessageActions;
    send: (line: string) => Promise<void>;
  },
): OpenConversation {
  const { workspace, directory, store } = parts;
  const isDirect = conversation.kind === 'app_dm' || conversation.kind === 'person_dm';
  const composer = createComposer({
    personId: workspace.me.id,
    placeholder: `Message ${isDirect ? '' : '#'}${conversation.name}`,
    commands: workspace.commands,
    send: parts.send,
  });
  const list = createMessageList(conversation, directory, parts.actions, () =>
    drawBeginning(workspace, conversation, directory, {
      isEmpty: store.of(conversation.id).length === 0,
      tryCommand: composer.fill,
    }),
  );
  return { conversation, list, composer };
}
