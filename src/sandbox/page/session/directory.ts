import type { Conversation, PageWorkspace, Person } from '../../slack/protocol/page-protocol.ts';

/** Slack's own user, which posts command errors. */
export const SLACKBOT = 'USLACKBOT';

export interface Author {
  id: string;
  name: string;
  kind: 'person' | 'app' | 'slackbot';
}

interface Named {
  id: string;
  name: string;
}

/** Names for the IDs that messages mention. */
export interface Directory {
  me: string;
  people: Named[];
  /** The conversations that the person is in. */
  conversations: (Named & { kind: Conversation['kind'] })[];
  author(userId: string): Author;
  /** Returns undefined for a conversation that the person isn't in. */
  channelName(conversationId: string): string | undefined;
}

export function createDirectory(workspace: PageWorkspace): Directory {
  const people = new Map(
    [...workspace.people, ...workspace.former].map((person) => [person.id, person.realName]),
  );
  const channels = new Map(workspace.conversations.map(({ id, name }) => [id, name]));
  return {
    me: workspace.me.id,
    people: workspace.people.map(({ id, realName }) => ({
      id,
      name: realName,
    })),
    conversations: workspace.conversations.map(({ id, name, kind }) => ({ id, name, kind })),
    author: (id) => {
      if (id === workspace.app.botUserId) return { id, name: workspace.app.name, kind: 'app' };
      if (id === SLACKBOT) return { id, name: 'Slackbot', kind: 'slackbot' };
      return { id, name: people.get(id) ?? id, kind: 'person' };
    },
    channelName: (id) => channels.get(id),
  };
}

/** Returns the other person of a direct message, whose full name is its title. */
export function otherPerson(workspace: PageWorkspace, { kind, name }: Conversation): Person | undefined {
  return kind === 'person_dm'
    ? [...workspace.people, ...workspace.former].find((person) => person.name === name)
    : undefined;
}

/** Returns whether a conversation is with the app or with a person who isn't deactivated: it gets a green dot. */
export function isPresent(workspace: PageWorkspace, conversation: Conversation): boolean {
  const other = otherPerson(workspace, conversation);
  return conversation.kind === 'app_dm' || workspace.people.some(({ id }) => id === other?.id);
}

export function titleOf(workspace: PageWorkspace, conversation: Conversation): string {
  return otherPerson(workspace, conversation)?.realName ?? conversation.name;
}
