import { newSlackId } from '../protocol/slack-ids.ts';
import type { ConversationSeed, PersonSeed, WorkspaceSeed } from './workspace-seed.ts';

export interface ConversationRecord extends ConversationSeed {
  hasApp: boolean;
  archived: boolean;
}

/** The people and conversations of the workspace. */
export interface Workspace {
  team: WorkspaceSeed['team'];
  app: WorkspaceSeed['app'];
  people: PersonSeed[];
  /** Finds a person by user ID or handle. */
  person(nameOrId: string): PersonSeed | undefined;
  conversations: readonly ConversationRecord[];
  conversation(id: string): ConversationRecord | undefined;
  conversationsOf(personId: string): ConversationRecord[];
  directMessageWithApp(personId: string): ConversationRecord | undefined;
  /** Returns the name that a person sees: the channel's, or in a direct message the other person's. */
  nameFor(personId: string, conversation: ConversationRecord): string;
}

export function createWorkspace(seed: WorkspaceSeed, appName: string): Workspace {
  const people = seed.people.map((person) => ({ ...person }));
  const conversations = seed.conversations.map(
    (conversation): ConversationRecord => ({
      ...conversation,
      members: [...conversation.members],
      hasApp: conversation.kind === 'app_dm' || (conversation.hasApp ?? false),
      archived: conversation.archived ?? false,
    }),
  );
  const directMessageWithApp = (personId: string) =>
    conversations.find(({ kind, members }) => kind === 'app_dm' && members.includes(personId));
  for (const { id, bot } of people) {
    if (!bot && !directMessageWithApp(id)) conversations.push(newDirectMessage(id));
  }
  return {
    team: seed.team,
    app: seed.app,
    people,
    person: (nameOrId) => people.find(({ id, name }) => id === nameOrId || name === nameOrId.toLowerCase()),
    conversations,
    conversation: (id) => conversations.find((conversation) => conversation.id === id),
    conversationsOf: (personId) => conversations.filter(({ members }) => members.includes(personId)),
    directMessageWithApp,
    nameFor: (personId, { kind, name, members, id }) => {
      if (kind === 'app_dm') return appName;
      if (kind !== 'person_dm') return name ?? id;
      const other = members.find((member) => member !== personId) ?? personId;
      return people.find((person) => person.id === other)?.name ?? other;
    },
  };
}

function newDirectMessage(personId: string): ConversationRecord {
  return { id: newSlackId('D'), kind: 'app_dm', members: [personId], hasApp: true, archived: false };
}
