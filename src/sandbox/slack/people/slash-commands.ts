import { readAnswerBody } from '../protocol/app-answer.ts';
import type { CommandRequest, OpenHomeRequest, Outcome, ShortcutRequest } from '../protocol/page-protocol.ts';
import type { AppRequests } from '../to-app/app-requests.ts';
import type { SendEvent } from '../to-app/event-deliveries.ts';
import {
  channelName,
  commandFields,
  type InteractionPayload,
  interactionFields,
  wireMessage,
} from '../to-app/interaction-payloads.ts';
import { postReply } from '../web-api/chat.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { viewPayload } from '../workspace/views.ts';
import type { ConversationRecord } from '../workspace/workspace.ts';
import type { PersonSeed } from '../workspace/workspace-seed.ts';
import { acknowledgementError, done, fault, trouble } from './outcome.ts';

/** A person sends a line: a command goes to the app, anything else is a message. */
export function createSlashCommands(state: SlackState, appRequests: AppRequests) {
  return async ({ as, conversation: conversationId, line }: CommandRequest): Promise<Outcome> => {
    const person = state.workspace.person(as);
    const conversation = state.workspace.conversation(conversationId);
    if (!person || !conversation?.members.includes(person.id)) {
      return fault('not_found', 'There is no such conversation.');
    }
    if (!line.startsWith('/')) {
      if (line.trim() === '') return fault('invalid_request', 'There is nothing to send.');
      state.log.post({ conversation: conversation.id, user: person.id, text: line, blocks: [] });
      return done;
    }
    const [, command = '', text = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
    if (!state.app.commands.some((known) => known.command === command)) {
      return {
        ok: false,
        error: 'invalid_command',
        message: `${command} is not a valid command.`,
      };
    }
    return runCommand(person, conversation, { command, text: text.trimEnd() });
  };

  async function runCommand(
    person: PersonSeed,
    conversation: ConversationRecord,
    typed: { command: string; text: string },
  ): Promise<Outcome> {
    const fields = commandFields(state, person, conversation, typed);
    const failed = (error: string): Outcome => ({
      ok: false,
      error,
      message: `${typed.command} failed with the error "${error}"`,
    });
    const answer = await appRequests.send({ kind: 'slash_command', fields });
    const error = acknowledgementError(answer);
    if (error || answer.kind !== 'answered') return failed(error ?? 'dispatch_failed');
    const body = readAnswerBody(answer);
    if (body.kind === 'empty') return done;
    const reply = body.kind === 'text' ? { text: body.text } : (body.value as Record<string, unknown>);
    const posted = postReply(state, { conversation: conversation.id, personId: person.id }, reply);
    return posted.ok ? done : failed('dispatch_failed');
  }
}

/** A person uses a global shortcut, or one on a message that everybody in the conversation sees. */
export function createShortcuts(state: SlackState, appRequests: AppRequests) {
  return async (used: ShortcutRequest): Promise<Outcome> => {
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

/**
 * A person opens a tab of the app's own place in Slack.
 * @see https://docs.slack.dev/reference/events/app_home_opened
 */
export function createAppHomeOpenings(state: SlackState, tellApp: SendEvent) {
  return async ({ as, tab }: OpenHomeRequest): Promise<Outcome> => {
    const { workspace, app, homes } = state;
    const person = workspace.person(as);
    const directMessage = person && workspace.directMessageWithApp(person.id);
    const { messagesTabEnabled = true } = workspace.app;
    const hasTab = tab === 'home' ? app.homeTabEnabled === true : messagesTabEnabled;
    if (!person || !directMessage || !hasTab) return fault('not_found', 'There is no such tab.');
    const home = tab === 'home' ? homes.of(person.id) : undefined;
    tellApp({
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
