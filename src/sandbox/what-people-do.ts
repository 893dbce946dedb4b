import { createAppHomeOpenings } from './app-home-openings.ts';
import type { AppRequests } from './app-requests.ts';
import { createBlockActions } from './block-actions.ts';
import type { TellApp } from './event-deliveries.ts';
import { createOptionsRequests } from './options-requests.ts';
import { createShortcuts } from './shortcuts.ts';
import type { SlackState } from './slack-state.ts';
import { createSlashCommands } from './slash-commands.ts';
import { createViewClosings, createViewSubmissions } from './view-submissions.ts';

/** Everything that a person does in Slack and an app hears of; the page's API and the test driver both go through it. */
export function createWhatPeopleDo(state: SlackState, appRequests: AppRequests, tellApp: TellApp) {
  return {
    command: createSlashCommands(state, appRequests),
    use: createBlockActions(state, appRequests),
    options: createOptionsRequests(state, appRequests),
    submit: createViewSubmissions(state, appRequests),
    shortcut: createShortcuts(state, appRequests),
    openHome: createAppHomeOpenings(state, tellApp),
    close: createViewClosings(state, appRequests),
  };
}

export type WhatPeopleDo = ReturnType<typeof createWhatPeopleDo>;
