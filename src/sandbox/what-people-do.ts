import type { AppRequests } from './app-requests.ts';
import { createBlockActions } from './block-actions.ts';
import { createOptionsRequests } from './options-requests.ts';
import type { SlackState } from './slack-state.ts';
import { createSlashCommands } from './slash-commands.ts';
import { createViewClosings, createViewSubmissions } from './view-submissions.ts';

/** Everything that a person does in Slack and an app hears of; the page's API and the test driver both go through it. */
export function createWhatPeopleDo(state: SlackState, appRequests: AppRequests) {
  return {
    command: createSlashCommands(state, appRequests),
    use: createBlockActions(state, appRequests),
    options: createOptionsRequests(state, appRequests),
    submit: createViewSubmissions(state, appRequests),
    close: createViewClosings(state, appRequests),
  };
}

export type WhatPeopleDo = ReturnType<typeof createWhatPeopleDo>;
