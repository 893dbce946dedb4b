import type { Conversation, Workspace } from '../page-protocol.ts';
import { make } from './dom.ts';
import { icon } from './icons.ts';
import { conversationMark } from './sidebar.ts';

export function drawConversationHeader(
  workspace: Workspace,
  conversation: Conversation,
  openSidebar: () => void,
): HTMLElement[] {
  const opener = make(
    'button',
    {
      type: 'button',
      class: 'icon-button open-sidebar',
      'aria-label': 'Show conversations',
    },
    icon('menu'),
  );
  opener.addEventListener('click', openSidebar);
  return [
    opener,
    make(
      'div',
      { class: 'conversation-title' },
      make('h1', {}, conversationMark(conversation), make('span', {}, conversation.name)),
      make('span', { class: 'membership' }, membership(workspace, conversation)),
    ),
  ];
}

function membership({ app }: Workspace, { kind, hasApp }: Conversation): string {
  if (kind === 'app_dm') return 'App';
  if (kind === 'person_dm') return '';
  return hasApp ? `${app.name} is in this channel` : `${app.name} is not in this channel`;
}
