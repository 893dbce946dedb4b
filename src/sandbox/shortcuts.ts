import type { AppRequests } from './app-requests.ts';
import {
  channelName,
  type InteractionPayload,
  interactionFields,
  wireMessage,
} from './interaction-payloads.ts';
import { acknowledgementError, done, fault, trouble } from './outcome.ts';
import type { Outcome, ShortcutUsed } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';
import type { PersonSeed } from './workspace-seed.ts';

/** A person uses a global shortcut, or one on a message that everybody in the conversation sees. */
export function createShortcuts(state: SlackState, appRequests: AppRequests) {
  return async (used: ShortcutUsed): Promise<Outcome> => {
    const person = state.workspace.person(used.as);
    const shortcut = state.app.shortcuts?.find(({ callbackId }) => callbackId === used.callback_id);
    const isOfItsKind = shortcut?.type === (used.message ? 'message' : 'global');
    if (!person || !isOfItsKind) return fault('not_found', 'There is no such shortcut.');
    const payload = used.message
      ? messagePayload(state, person, used.callback_id, used.message)
      : { type: 'shortcut', ...sharedFields(state, person, used.callback_id) };
    if (!payload) return fault('not_found', 'There is no such message.');
    const answer = await appRequests.send({ kind: 'interaction', payload });
    const error = acknowledgementError(answer);
    return error ? trouble(error) : done;
  };
}

/** @see https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
function sharedFields(state: SlackState, person: PersonSeed, callback_id: string) {
  const { api_app_id: _, ...fields } = interactionFields(state, person);
  return {
    ...fields,
    action_ts: state.nextTimestamp(),
    callback_id,
    trigger_id: state.triggers.issue({ personId: person.id }),
  };
}

function messagePayload(
  state: SlackState,
  person: PersonSeed,
  callbackId: string,
  where: { conversation: string; ts: string },
): InteractionPayload | undefined {
  const conversation = state.workspace.conversation(where.conversation);
  if (!conversation?.members.includes(person.id)) return undefined;
  // Without a person, ephemeral messages are not found: Slack offers no shortcuts on them.
  const message = state.log.find(conversation.id, where.ts);
  if (!message) return undefined;
  return {
    type: 'message_action',
    ...sharedFields(state, person, callbackId),
    channel: { id: conversation.id, name: channelName(conversation) },
    message_ts: message.ts,
    message: wireMessage(state, message),
    response_url: state.responseUrls.issue('app', { conversation: conversation.id, personId: person.id }),
  };
}
