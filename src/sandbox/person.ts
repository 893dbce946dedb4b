import { findClickTarget } from './clicking.ts';
import type { Conversation } from './page-protocol.ts';
import { click, createPersonForm } from './person-form.ts';
import { createPersonWaits } from './person-waits.ts';
import { shownWorkspace } from './shown-workspace.ts';
import type { SlackPerson } from './slack-person.ts';
import type { SlackState } from './slack-state.ts';
import type { WhatPeopleDo } from './what-people-do.ts';

export type { SlackPerson } from './slack-person.ts';

/** The driver of one person, over the same functions as the page's API. */
export function createSlackPerson(parts: {
  state: SlackState;
  people: WhatPeopleDo;
  personNameOrId: string;
}): SlackPerson {
  const { state, people } = parts;
  const person = state.workspace.person(parts.personNameOrId);
  if (!person) throw new Error(`There is no person ${parts.personNameOrId}`);
  const { id: as, name } = person;
  const conversations = () => shownWorkspace(state, as).conversations;
  const conversation = (nameOrId: string) => findConversation(conversations(), name, nameOrId);
  const messages = (where: string) => state.log.shownTo(as, conversation(where).id);
  const conversationId = (where: string) => conversation(where).id;
  return {
    id: as,
    name,
    conversations,
    conversation,
    command: async (where, line) => people.command({ as, conversation: conversationId(where), line }),
    messages,
    views: () => state.views.shownTo(as),
    view: () => state.views.shownTo(as).at(-1),
    click: async (message, wanted, how = {}) => {
      const target = findClickTarget(message.blocks, wanted, how);
      return click({ people, as }, { conversation: message.conversation, ts: message.ts }, target, how);
    },
    ...createPersonForm({ state, people, as, name, conversationId }),
    ...createPersonWaits({ state, as, name, messages }),
  };
}

function findConversation(all: Conversation[], personName: string, nameOrId: string): Conversation {
  const wanted = nameOrId.replace(/^#/, '').toLowerCase();
  const found = all.find(({ id, name }) => id === nameOrId || name.toLowerCase() === wanted);
  if (found) return found;
  const names = all.map(({ name }) => name).join(', ');
  throw new Error(`${personName} is not in a conversation ${nameOrId}, but in: ${names}`);
}
