import { type CheckedMessage, checkMessage } from '../block-kit/message.ts';
import type { MessageContent, StoredMessage } from '../conversation-log.ts';
import type { ConversationRecord } from '../workspace.ts';
import { visibleToApp } from './conversations.ts';
import {
  type Arguments,
  invalidArguments,
  type Method,
  type MethodAnswer,
  type MethodContext,
  refused,
  text,
} from './method.ts';

type Destination = { ok: true; conversation: ConversationRecord } | { ok: false; answer: MethodAnswer };

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': chatMethod(['channel'], postMessage),
  'chat.postEphemeral': chatMethod(['channel', 'user'], postEphemeral),
  'chat.update': chatMethod(['channel', 'ts'], update),
  'chat.delete': chatMethod(['channel', 'ts'], remove),
};

function chatMethod(required: string[], run: Method['run']): Method {
  return { token: 'bot', scopes: ['chat:write'], required, run };
}

function postMessage(args: Arguments, context: MethodContext): MethodAnswer {
  const channel = text(args, 'channel') ?? '';
  const directMessage = context.workspace.directMessageWithApp(channel);
  const destination = writable(context, directMessage?.id ?? channel);
  if (!destination.ok) return destination.answer;
  const message = checkMessage(args);
  if (!message.ok) return messageRefused(message);
  const posted = postByApp(context, destination.conversation, message.content);
  return { ok: true, channel: posted.conversation, ts: posted.ts, message: messageObject(posted, context) };
}

function postEphemeral(args: Arguments, context: MethodContext): MethodAnswer {
  const destination = writable(context, text(args, 'channel') ?? '');
  if (!destination.ok) return destination.answer;
  const user = text(args, 'user') ?? '';
  const person = context.workspace.people.find(({ id }) => id === user);
  if (!person) return refused('user_not_found');
  if (person.deactivated || !destination.conversation.members.includes(user)) {
    return refused('user_not_in_channel');
  }
  const message = checkMessage(args);
  if (!message.ok) return messageRefused(message);
  const { ts } = postByApp(context, destination.conversation, message.content, user);
  return { ok: true, message_ts: ts };
}

function update(args: Arguments, context: MethodContext): MethodAnswer {
  const found = ownMessage(args, context, 'cant_update_message');
  if (!found.ok) return found.answer;
  const { text: before, blocks } = found.message;
  const asked = { text: before, blocks: args.text === undefined ? blocks : [], ...args };
  const message = checkMessage(asked);
  if (!message.ok) return messageRefused(message);
  context.log.replace(found.message, message.content);
  return {
    ok: true,
    channel: found.message.conversation,
    ts: found.message.ts,
    text: found.message.text,
    message: messageObject(found.message, context),
  };
}

function remove(args: Arguments, context: MethodContext): MethodAnswer {
  const found = ownMessage(args, context, 'cant_delete_message');
  if (!found.ok) return found.answer;
  context.log.remove(found.message);
  return { ok: true, channel: found.message.conversation, ts: found.message.ts };
}

/** A conversation that the app may write to: one that it is a member of. */
function writable(context: MethodContext, channel: string): Destination {
  const conversation = visibleToApp(context, channel);
  const { messagesTabEnabled = true } = context.workspace.app;
  const refuse = (error: string): Destination => ({ ok: false, answer: refused(error) });
  if (!conversation) return refuse('channel_not_found');
  if (conversation.archived) return refuse('is_archived');
  if (!conversation.hasApp) return refuse('not_in_channel');
  if (conversation.kind === 'app_dm' && !messagesTabEnabled) return refuse('messages_tab_disabled');
  return { ok: true, conversation };
}

/** Ephemeral messages can't be found by their time stamp. */
function ownMessage(
  args: Arguments,
  context: MethodContext,
  errorForOthers: string,
): { ok: true; message: StoredMessage } | { ok: false; answer: MethodAnswer } {
  const conversation = visibleToApp(context, text(args, 'channel') ?? '');
  if (!conversation) return { ok: false, answer: refused('channel_not_found') };
  const message = context.log.find(conversation.id, text(args, 'ts') ?? '');
  if (!message) return { ok: false, answer: refused('message_not_found') };
  if (message.user !== context.workspace.app.botUserId) return { ok: false, answer: refused(errorForOthers) };
  return { ok: true, message };
}

function postByApp(
  { log, workspace }: MethodContext,
  conversation: ConversationRecord,
  content: MessageContent,
  ephemeralFor?: string,
): StoredMessage {
  return log.post({
    conversation: conversation.id,
    user: workspace.app.botUserId,
    ...content,
    ...(ephemeralFor !== undefined && { ephemeralFor }),
  });
}

function messageRefused(message: CheckedMessage & { ok: false }): MethodAnswer {
  switch (message.error) {
    case 'invalid_blocks':
      return refused('invalid_blocks', {
        errors: message.problems,
        response_metadata: {
          messages: message.problems.map((problem) => `[ERROR] ${problem}`),
        },
      });
    case 'invalid_arguments':
      return invalidArguments(message.problems);
    default:
      return refused(message.error);
  }
}

function messageObject(message: StoredMessage, { workspace: { team, app: ids } }: MethodContext) {
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
    bot_id: ids.botId,
    app_id: ids.id,
    team: team.id,
    ...(message.edited && { edited: { user: message.user, ts: message.ts } }),
  };
}
