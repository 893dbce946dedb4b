import type { AppRequests } from '../to-app/app-requests.ts';
import type { SendEvent } from '../to-app/event-deliveries.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { createBlockActions, createOptionsRequests } from './block-actions.ts';
import { createAppHomeOpenings, createShortcuts, createSlashCommands } from './slash-commands.ts';
import { createViewClosings, createViewSubmissions } from './view-submissions.ts';

/** Everything that a person does in Slack and an app hears of; the page's API and the test driver both go through it. */
export function createPersonActions(state: SlackState, appRequests: AppRequests, sendEvent: SendEvent) {
  return {
    command: createSlashCommands(state, appRequests),
    use: createBlockActions(state, appRequests),
    options: createOptionsRequests(state, appRequests),
    submit: createViewSubmissions(state, appRequests),
    shortcut: createShortcuts(state, appRequests),
    openHome: createAppHomeOpenings(state, sendEvent),
    close: createViewClosings(state, appRequests),
  };
}

export type PersonActions = ReturnType<typeof createPersonActions>;
