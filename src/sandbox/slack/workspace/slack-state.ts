import type { ActionRequest, Block, Shortcut } from '../protocol/page-protocol.ts';
import { createTimestamps } from '../protocol/slack-ids.ts';
import {
  type ConversationLog,
  createConversationLog,
  createPersonEvents,
  type PersonEvents,
  type StoredMessage,
} from './conversation-log.ts';
import { createMessageInputs, type FormInput, type MessageInputs } from './form-state.ts';
import { createResponseUrls, createTriggers, type ResponseUrls, type Triggers } from './triggers.ts';
import { createHomeTabs, createOpenViews, type HomeTabs, type OpenViews, type ViewRecord } from './views.ts';
import { type ConversationRecord, createWorkspace, type Workspace } from './workspace.ts';
import type { WorkspaceSeed } from './workspace-seed.ts';

/** The app as it is installed in the workspace. */
export interface InstalledApp {
  name: string;
  botToken: string;
  signingSecret: string;
  /** `xapp-…`, for Socket Mode. */
  appToken?: string;
  /** The scopes of the bot token. */
  scopes: string[];
  commands: { command: string; description: string; usageHint: string }[];
  /** `features.app_home.home_tab_enabled` of the manifest; default false. */
  homeTabEnabled?: boolean;
  /** `features.app_home.messages_tab_read_only_enabled` of the manifest; default false. */
  messagesTabReadOnly?: boolean;
  /** `features.shortcuts` of the manifest, each with its own `callbackId`; default none. */
  shortcuts?: Shortcut[];
  /** `settings.event_subscriptions.bot_events` of the manifest; default none. */
  eventSubscriptions?: string[];
  /** Set after an admin has uninstalled the app. */
  uninstalled?: boolean;
}

/** Everything that the local Slack stores. */
export interface SlackState {
  now: () => number;
  app: InstalledApp;
  workspace: Workspace;
  events: PersonEvents;
  log: ConversationLog;
  views: OpenViews;
  homes: HomeTabs;
  messageInputs: MessageInputs;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  nextTimestamp: () => string;
}

export function createSlackState(parts: {
  app: InstalledApp;
  seed: WorkspaceSeed;
  now: () => number;
  triggerClock: () => number;
  /** The server's own address, known once it listens. */
  origin: () => string;
}): SlackState {
  const { app, now } = parts;
  const workspace = createWorkspace(parts.seed, app.name);
  const events = createPersonEvents();
  const nextTimestamp = createTimestamps(now);
  return {
    now,
    app,
    workspace,
    events,
    log: createConversationLog({ workspace, events, nextTimestamp }),
    views: createOpenViews({ events, now }),
    homes: createHomeTabs({ events, now }),
    messageInputs: createMessageInputs(),
    triggers: createTriggers(parts.triggerClock),
    responseUrls: createResponseUrls({ now, origin: parts.origin, teamId: workspace.team.id }),
    nextTimestamp,
  };
}

/** Adds the app to a conversation, or removes it. Open pages of the members reload the workspace. */
export function setAppMembership(
  { workspace, events }: SlackState,
  conversationId: string,
  isMember: boolean,
): void {
  const conversation = workspace.conversation(conversationId);
  if (!conversation) throw new Error(`Unknown conversation: ${conversationId}`);
  if (conversation.hasApp === isMember) return;
  conversation.hasApp = isMember;
  events.emit(conversation.members, { type: 'workspace' });
}

/** A message or view with the elements that one person can use, and what they have entered. */
export type Surface = { blocks: Block[]; formInput: FormInput } & (
  | { kind: 'view'; view: ViewRecord }
  | { kind: 'message'; message: StoredMessage; conversation: ConversationRecord }
);

/** Finds what the person can reach: the topmost modal, their Home tab, or a message in one of their conversations. */
export function findSurface(
  state: SlackState,
  personId: string,
  container: ActionRequest['container'],
): Surface | undefined {
  if ('view' in container) {
    const reachable = [state.views.stackOf(personId).at(-1), state.homes.of(personId)];
    const view = reachable.find((record) => record?.id === container.view);
    return view && { kind: 'view', view, blocks: view.view.blocks, formInput: view };
  }
  const conversation = state.workspace.conversation(container.conversation);
  if (!conversation?.members.includes(personId)) return undefined;
  const message = state.log.find(conversation.id, container.ts, personId);
  if (!message) return undefined;
  const formInput = state.messageInputs.of(message, personId);
  return { kind: 'message', message, conversation, blocks: message.blocks, formInput };
}
