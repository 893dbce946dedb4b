import {
  type LocalSlack,
  type LocalSlackOptions,
  type SlackParts,
  startLocalSlack,
} from '../../src/sandbox/slack/local-slack.ts';
import { pageWorkspace } from '../../src/sandbox/slack/page-server/page-api.ts';
import type { AppResponse } from '../../src/sandbox/slack/protocol/app-response.ts';
import type { Failures } from '../../src/sandbox/slack/protocol/failures.ts';
import type { Conversation, PageMessage } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';
import { setAppMembership } from '../../src/sandbox/slack/workspace/slack-state.ts';
import type { PersonSeed } from '../../src/sandbox/slack/workspace/workspace-seed.ts';
import { type Deliverable, type Delivery, deliver } from './deliver.ts';
import { createPersonForm, createPersonHome, createPersonSurfaces } from './person-surfaces.ts';
import { createPersonWaits } from './person-waits.ts';
import type { SlackPerson } from './slack-person.ts';

/** A local Slack whose people a test can drive. */
export interface DrivenSlack extends LocalSlack {
  /** Returns one person of the workspace, by name or ID. Throws for an unknown one. */
  as(personNameOrId: string): SlackPerson;
  /** Sends the app any request, including those that Slack would never send. */
  deliver(request: Deliverable, delivery?: Delivery): Promise<AppResponse>;
  failures: Failures;
  /** The last 1000 requests in both directions, unmasked. */
  traffic: TrafficRecord[];
  /** Adds the app to a conversation, or removes it. */
  setAppMembership(conversationId: string, isMember: boolean): void;
  /** Changes a person: deactivates them, makes them a guest, changes their address, … */
  changePerson(personNameOrId: string, changes: Partial<PersonSeed>): void;
  /** Uninstalls the app, which sends `app_uninstalled`. */
  uninstallApp(): void;
  /** Installs the app again, with the same tokens. */
  installApp(): void;
  /** Changes the time to acknowledge, for the requests from now on. */
  acknowledgeWithin(ms: number): void;
  disconnectSockets(reason?: 'warning' | 'refresh_requested' | 'link_disabled'): void;
}

export async function startDrivenSlack(options: LocalSlackOptions): Promise<DrivenSlack> {
  const slack = await startLocalSlack(options);
  const { state, appRequests, socketMode, failures, traffic, controlsChanged, admin } = slack.internals;
  return {
    ...slack,
    as: (personNameOrId) => createSlackPerson(slack.internals, personNameOrId),
    deliver: (request, delivery) => deliver(slack.internals, request, delivery),
    failures,
    traffic: traffic.records,
    setAppMembership(conversationId, isMember) {
      setAppMembership(state, conversationId, isMember);
      controlsChanged.emit();
    },
    changePerson(personNameOrId, changes) {
      const person = state.workspace.person(personNameOrId);
      if (!person) throw new Error(`No such person: ${personNameOrId}`);
      Object.assign(person, changes);
    },
    uninstallApp: admin.uninstallApp,
    installApp: admin.installApp,
    acknowledgeWithin: appRequests.acknowledgeWithin,
    disconnectSockets: (reason = 'refresh_requested') => socketMode.disconnect(reason),
  };
}

/** Creates the driver of one person, on top of the same functions as the page's API. */
function createSlackPerson(
  { state, people }: Pick<SlackParts, 'state' | 'people'>,
  nameOrId: string,
): SlackPerson {
  const found = state.workspace.person(nameOrId);
  if (!found) throw new Error(`No such person: ${nameOrId}`);
  const { id: as, name } = found;
  const conversations = () => pageWorkspace(state, as).conversations;
  const conversation = (where: string) => findConversation(conversations(), name, where);
  const visible = (where: string) => state.log.visibleTo(as, conversation(where).id);
  const messages = (where: string) => visible(where).filter(({ thread }) => thread === undefined);
  const thread = (message: PageMessage) =>
    visible(message.conversation).filter((reply) => reply.thread === message.ts);
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
    thread,
    reply: async ({ conversation: id, ts }, line) =>
      people.command({ as, conversation: id, line, thread: ts }),
    views: () => state.views.visibleTo(as),
    view: () => state.views.visibleTo(as).at(-1),
    shortcut: async (callback_id, message) =>
      people.shortcut({ as, callback_id, ...(message && { message: containerOf(message) }) }),
    click: async (message, button, options) =>
      surfaces.click(containerOf(message), message.blocks, button, options),
    fillInMessage: async (message, blockId, value, options) =>
      surfaces.fill(containerOf(message), blockId, value, options),
    optionsInMessage: async (message, blockId, query) =>
      surfaces.options(containerOf(message), blockId, query),
    ...createPersonForm(person, surfaces),
    ...createPersonHome(person, surfaces),
    ...createPersonWaits({ state, as, name, messages, thread }),
  };
}

function containerOf({ conversation, ts }: PageMessage) {
  return { conversation, ts };
}

function findConversation(all: Conversation[], personName: string, nameOrId: string): Conversation {
  const lowerCaseName = nameOrId.replace(/^#/, '').toLowerCase();
  const found = all.find(({ id, name }) => id === nameOrId || name.toLowerCase() === lowerCaseName);
  if (found) return found;
  const names = all.map(({ name }) => name).join(', ');
  throw new Error(`${personName} is not in the conversation ${nameOrId}. Conversations: ${names}`);
}
