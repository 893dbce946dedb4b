import type { Shortcut } from '../protocol/page-protocol.ts';
import { createTimestamps } from '../protocol/slack-ids.ts';
import {
  type ConversationLog,
  createConversationLog,
  createPersonEvents,
  type PersonEvents,
} from './conversation-log.ts';
import { createMessageInputs, type MessageInputs } from './form-input.ts';
import { createResponseUrls, createTriggers, type ResponseUrls, type Triggers } from './triggers.ts';
import { createHomeTabs, createOpenViews, type HomeTabs, type OpenViews } from './views.ts';
import { createWorkspace, type Workspace } from './workspace.ts';
import type { WorkspaceSeed } from './workspace-seed.ts';

/** The app as Slack knows it. */
export interface InstalledApp {
  name: string;
  botToken: string;
  signingSecret: string;
  /** `xapp-…`, for Socket Mode. */
  appToken?: string;
  /** The bot token's scopes. */
  scopes: string[];
  commands: { command: string; description: string; usageHint: string }[];
  /** `features.app_home.home_tab_enabled` of the manifest; default false. */
  homeTabEnabled?: boolean;
  /** `features.shortcuts` of the manifest; each `callbackId` once. Default none. */
  shortcuts?: Shortcut[];
  /** `settings.event_subscriptions.bot_events` of the manifest; default none. */
  eventSubscriptions?: string[];
}

/** Everything that Slack remembers. */
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
    triggers: createTriggers(now),
    responseUrls: createResponseUrls({ now, origin: parts.origin, teamId: workspace.team.id }),
    nextTimestamp,
  };
}
