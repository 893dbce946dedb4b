import { acknowledgementError, connectionTrouble, done, fault } from '../protocol/app-response.ts';
import type { OpenHomeRequest, Outcome, ShortcutRequest } from '../protocol/page-protocol.ts';
import type { AppRequests } from '../to-app/app-requests.ts';
import type { SendEvent } from '../to-app/events.ts';
import {
  channelName,
  type InteractionPayload,
  interactionFields,
  wireMessage,
} from '../to-app/interaction-payloads.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { viewPayload } from '../workspace/views.ts';
import type { PersonSeed } from '../workspace/workspace-seed.ts';
import { createBlockActions, createOptionsRequests } from './block-actions.ts';
import { createSlashCommands } from './slash-commands.ts';
import { createViewClosings, createViewSubmissions } from './view-submissions.ts';

/** Creates the actions of people that reach the app, for the page's API and the test driver alike. */
export function createPersonActions(state: SlackState, allRequests: AppRequests, sendEvent: SendEvent) {
  const appRequests: AppRequests = {
    ...allRequests,
    send: async (request) =>
      state.app.uninstalled
        ? { kind: 'unreachable', reason: 'the app is not installed' }
        : allRequests.send(request),
  };
  return {
    command: createSlashCommands(state, appRequests),
    use: createBlockActions(state, appRequests),
    options: createOptionsRequests(state, appRequests),
    submit: createViewSubmissions(state, appRequests),
    close: createViewClosings(state, appRequests),
    shortcut: createShortcuts(state, appRequests),
    openHome: createHomeOpenings(state, sendEvent),
  };
}

export type PersonActions = ReturnType<typeof createPersonActions>;

/** A person uses a global shortcut, or one on a message that isn't ephemeral. */
function createShortcuts(state: SlackState, appRequests: AppRequests) {
  return async (request: ShortcutRequest): Promise<Outcome> => {
    const person = state.workspace.person(request.as);
    const shortcut = state.app.shortcuts?.find(({ callbackId }) => callbackId === request.callback_id);
    const isRightType = shortcut?.type === (request.message ? 'message' : 'global');
    if (!person || !isRightType || state.app.uninstalled) return fault('not_found', 'No such shortcut.');
    const payload = request.message
      ? messageShortcutPayload(state, person, request.callback_id, request.message)
      : { type: 'shortcut', ...shortcutFields(state, person, request.callback_id) };
    if (!payload) return fault('not_found', 'No such message.');
    const response = await appRequests.send({ kind: 'interaction', payload });
    const error = acknowledgementError(response);
    return error ? connectionTrouble(error) : done;
  };
}

/** @see https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
function shortcutFields(state: SlackState, person: PersonSeed, callback_id: string) {
  const { api_app_id: _, ...fields } = interactionFields(state, person);
  return {
    ...fields,
    action_ts: state.nextTimestamp(),
    callback_id,
    trigger_id: state.triggers.issue({ personId: person.id }),
  };
}

function messageShortcutPayload(
  state: SlackState,
  person: PersonSeed,
  callbackId: string,
  where: { conversation: string; ts: string },
): InteractionPayload | undefined {
  const conversation = state.workspace.conversation(where.conversation);
  if (!conversation?.members.includes(person.id)) return undefined;
  // Without a person the log finds no ephemeral messages: Slack offers no shortcuts on them.
  const message = state.log.find(conversation.id, where.ts);
  if (!message) return undefined;
  return {
    type: 'message_action',
    ...shortcutFields(state, person, callbackId),
    channel: { id: conversation.id, name: channelName(conversation) },
    message_ts: message.ts,
    message: wireMessage(state, message),
    response_url: state.responseUrls.issue('app', { conversation: conversation.id, personId: person.id }),
  };
}

/**
 * A person opens the app's Home or Messages tab.
 * @see https://docs.slack.dev/reference/events/app_home_opened
 */
function createHomeOpenings(state: SlackState, sendEvent: SendEvent) {
  return async ({ as, tab }: OpenHomeRequest): Promise<Outcome> => {
    const { workspace, app, homes } = state;
    const person = workspace.person(as);
    const directMessage = person && workspace.directMessageWithApp(person.id);
    const { messagesTabEnabled = true } = workspace.app;
    const isInstalled = app.uninstalled !== true;
    const hasTab = tab === 'home' ? app.homeTabEnabled === true : messagesTabEnabled;
    if (!person || !directMessage || !hasTab || !isInstalled) return fault('not_found', 'No such tab.');
    const home = tab === 'home' ? homes.of(person.id) : undefined;
    sendEvent({
      type: 'app_home_opened',
      user: person.id,
      channel: directMessage.id,
      tab,
      ...(home && { view: viewPayload(workspace, home) }),
      event_ts: state.nextTimestamp(),
    });
    return done;
  };
}
