import type { Conversation, Person, Workspace } from '../page-protocol.ts';
import { writeAddress } from './address.ts';
import { drawAvatar } from './avatar.ts';
import type { Directory } from './directory.ts';
import { make, newId, unseen } from './dom.ts';
import { icon } from './icons.ts';

/** Workspace, conversations, and whose eyes the page looks through. Everything in it is a link, so that it can be kept. */
export function drawSidebar(
  workspace: Workspace,
  directory: Directory,
  shown: { conversation: string; unread: ReadonlySet<string> },
): HTMLElement[] {
  const channels = workspace.conversations.filter(({ kind }) => kind === 'public' || kind === 'private');
  const direct = workspace.conversations.filter(({ kind }) => kind === 'app_dm' || kind === 'person_dm');
  const link = (conversation: Conversation) => drawConversation(workspace, conversation, directory, shown);
  return [
    make(
      'div',
      { class: 'workspace' },
      make('span', { class: 'workspace-name' }, workspace.team.name),
      make('span', { class: 'workspace-note' }, 'Local sandbox'),
    ),
    make(
      'nav',
      { class: 'conversations', 'aria-label': 'Conversations' },
      make('h2', {}, 'Channels'),
      make('ul', {}, ...channels.map(link)),
      make('h2', {}, 'Direct messages'),
      make('ul', {}, ...direct.map(link)),
    ),
    make(
      'nav',
      { class: 'people', 'aria-label': 'People' },
      make('h2', {}, 'You are'),
      make(
        'ul',
        {},
        ...workspace.people.map((person) => drawPerson(person, workspace, directory, shown.conversation)),
      ),
    ),
  ];
}

/** `#` or a lock, as Slack marks its conversations; a key for the app's direct message. */
export function conversationMark({ kind }: Conversation): SVGElement {
  const names = {
    public: 'hash',
    private: 'lock',
    app_dm: 'key',
    person_dm: 'person',
  } as const;
  return icon(names[kind]);
}

function drawConversation(
  workspace: Workspace,
  conversation: Conversation,
  directory: Directory,
  { conversation: current, unread }: { conversation: string; unread: ReadonlySet<string> },
): HTMLElement {
  const { id, name, kind, hasApp } = conversation;
  const isApp = kind === 'app_dm';
  const app = workspace.app.name;
  const mark = isApp ? drawAvatar(directory.author(workspace.app.botUserId)) : conversationMark(conversation);
  const isInChannel = hasApp && !isApp;
  const attributes = {
    href: writeAddress({ as: workspace.me.id, in: id }),
    class: unread.has(id) ? 'unread' : undefined,
    'aria-current': id === current ? 'page' : undefined,
    title: isInChannel ? `${app} is in this channel` : undefined,
  };
  return make(
    'li',
    {},
    make(
      'a',
      attributes,
      mark,
      make('span', { class: 'name' }, name),
      kind === 'private' && unseen(', private'),
      unread.has(id) && unseen(', unread'),
      isApp && make('span', { class: 'app-badge' }, 'APP'),
      isInChannel && make('span', { class: 'has-app' }, icon('key')),
    ),
  );
}

function drawPerson(
  person: Person,
  workspace: Workspace,
  directory: Directory,
  conversation: string,
): HTMLElement {
  const isMe = person.id === workspace.me.id;
  const nameId = newId('name');
  const aboutId = newId('about');
  const attributes = {
    href: writeAddress({ as: person.id, in: conversation }),
    'aria-current': isMe ? 'true' : undefined,
    'aria-labelledby': nameId,
    'aria-describedby': aboutId,
  };
  return make(
    'li',
    {},
    make(
      'a',
      attributes,
      drawAvatar(directory.author(person.id)),
      make(
        'span',
        { class: 'person' },
        make('span', { class: 'name', id: nameId }, person.realName),
        make('span', { class: 'about', id: aboutId }, person.about),
      ),
    ),
  );
}
