import { acknowledgementError, done, fault, readResponseBody } from '../protocol/app-response.ts';
import type { CommandRequest, Outcome } from '../protocol/page-protocol.ts';
import type { AppRequests } from '../to-app/app-requests.ts';
import { commandFields } from '../to-app/interaction-payloads.ts';
import { postReply } from '../web-api/chat.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { ConversationRecord } from '../workspace/workspace.ts';
import type { PersonSeed } from '../workspace/workspace-seed.ts';

/** A person sends a line: a command goes to the app, anything else is posted as a message. */
export function createSlashCommands(state: SlackState, appRequests: AppRequests) {
  return async (request: CommandRequest): Promise<Outcome> => {
    const { as, conversation: conversationId, line, thread } = request;
    const person = state.workspace.person(as);
    const conversation = state.workspace.conversation(conversationId);
    if (!person || !conversation?.members.includes(person.id)) {
      return fault('not_found', 'No such conversation.');
    }
    if (conversation.kind === 'app_dm' && state.app.messagesTabReadOnly) {
      return fault('not_allowed', 'Sending messages to this app has been turned off.');
    }
    if (!line.startsWith('/')) {
      if (line.trim() === '') return fault('invalid_request', 'The message is empty.');
      return postLine(person, conversation, line, thread);
    }
    const [, command = '', text = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
    const isKnown = state.app.commands.some((known) => known.command === command);
    if (!isKnown || state.app.uninstalled) {
      return {
        ok: false,
        error: 'invalid_command',
        message: `${command} is not a valid command.`,
      };
    }
    if (thread !== undefined) {
      const message = `${command} is not supported in threads. Sorry!`;
      return { ok: false, error: 'not_supported_in_threads', message };
    }
    return runCommand(person, conversation, { command, text: text.trimEnd() });
  };

  function postLine(
    { id: user }: PersonSeed,
    { id }: ConversationRecord,
    text: string,
    thread: string | undefined,
  ): Outcome {
    const parent = thread === undefined ? undefined : state.log.find(id, thread);
    if (thread !== undefined && (!parent || parent.threadTs !== undefined)) {
      return fault('not_found', 'No such thread.');
    }
    state.log.post({
      conversation: id,
      user,
      text,
      blocks: [],
      ...(thread !== undefined && { threadTs: thread }),
    });
    return done;
  }

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
    const response = await appRequests.send({ kind: 'slash_command', fields });
    const error = acknowledgementError(response);
    if (error || response.kind !== 'responded') return failed(error ?? 'dispatch_failed');
    const body = readResponseBody(response);
    if (body.kind === 'empty') return done;
    const reply = body.kind === 'text' ? { text: body.text } : (body.value as Record<string, unknown>);
    const posted = postReply(state, { conversation: conversation.id, personId: person.id }, reply);
    return posted.ok ? done : failed('dispatch_failed');
  }
}
