import { pageWorkspace } from '../../src/sandbox/slack/page-server/page-api.ts';
import type { PersonActions } from '../../src/sandbox/slack/people/person-actions.ts';
import type { Conversation, PageMessage } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackState } from '../../src/sandbox/slack/workspace/slack-state.ts';
import { createPersonForm, createPersonHome, createPersonSurfaces } from './person-surfaces.ts';
import { createPersonWaits } from './person-waits.ts';
import type { SlackPerson } from './slack-person.ts';

export type { SlackPerson } from './slack-person.ts';

/** The driver of one person, over the same functions as the page's API. */
export function createSlackPerson(parts: {
  state: SlackState;
  people: PersonActions;
  personNameOrId: string;
}): SlackPerson {
  const { state, people } = parts;
  const found = state.workspace.person(parts.personNameOrId);
  if (!found) throw new Error(`There is no person ${parts.personNameOrId}`);
  const { id: as, name } = found;
  const conversations = () => pageWorkspace(state, as).conversations;
  const conversation = (nameOrId: string) => findConversation(conversations(), name, nameOrId);
  const messages = (where: string) => state.log.visibleTo(as, conversation(where).id);
  const conversationId = (where: string) => conversation(where).id;
  const person = { state, people, as, name, conversationId };
  const surfaces = createPersonSurfaces(person);
  return {
    id: as,
    name,
    conversations,
    conversation,
    command: async (where, line) => people.command({ as, conversation: conversationId(where), line }),
    messages,
    views: () => state.views.visibleTo(as),
    view: () => state.views.visibleTo(as).at(-1),
    shortcut: async (callback_id, message) =>
      people.shortcut({ as, callback_id, ...(message && { message: placeOf(message) }) }),
    click: async (message, wanted, how) => surfaces.click(placeOf(message), message.blocks, wanted, how),
    fillInMessage: async (message, blockId, value, how) =>
      surfaces.fill(placeOf(message), blockId, value, how),
    optionsInMessage: async (message, blockId, query) => surfaces.options(placeOf(message), blockId, query),
    ...createPersonForm(person, surfaces),
    ...createPersonHome(person, surfaces),
    ...createPersonWaits({ state, as, name, messages }),
  };
}

function placeOf({ conversation, ts }: PageMessage) {
  return { conversation, ts };
}

function findConversation(all: Conversation[], personName: string, nameOrId: string): Conversation {
  const wanted = nameOrId.replace(/^#/, '').toLowerCase();
  const found = all.find(({ id, name }) => id === nameOrId || name.toLowerCase() === wanted);
  if (found) return found;
  const names = all.map(({ name }) => name).join(', ');
  throw new Error(`${personName} is not in a conversation ${nameOrId}, but in: ${names}`);
}
