import { blockList, normalizeBlocks } from '../block-kit/blocks.ts';
import { check } from '../block-kit/problems.ts';
import type { MessageContent, StoredMessage } from '../workspace/conversation-log.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { ResponseUrl } from '../workspace/triggers.ts';
import type { ConversationRecord } from '../workspace/workspace.ts';
import { visibleToApp } from './conversations.ts';
import {
  type Arguments,
  invalidArguments,
  isTrue,
  type Method,
  type MethodContext,
  type MethodResponse,
  refused,
  text,
} from './method.ts';
import { getPermalink, threadOf, unsupported } from './threads.ts';

const maximumTextLength = 40_000;
const messageBlocks = blockList(50);

type CheckedMessage =
  | { ok: true; content: MessageContent }
  | { ok: false; error: 'no_text' | 'msg_too_long' | 'invalid_blocks_format' }
  | {
      ok: false;
      error: 'invalid_blocks' | 'invalid_arguments';
      problems: string[];
    };

/** Checks a message against Slack's limits. It needs `text` or `blocks`. */
export function checkMessage(message: {
  text?: unknown;
  blocks?: unknown;
  attachments?: unknown;
}): CheckedMessage {
  const { text, blocks, attachments } = message;
  if (attachments !== undefined) {
    const problems = ['the sandbox does not support attachments [json-pointer:/attachments]'];
    return { ok: false, error: 'invalid_arguments', problems };
  }
  if (text !== undefined && typeof text !== 'string') {
    return {
      ok: false,
      error: 'invalid_arguments',
      problems: ['must provide a string [json-pointer:/text]'],
    };
  }
  if (blocks !== undefined && !Array.isArray(blocks)) return { ok: false, error: 'invalid_blocks_format' };
  if (!text && !blocks?.length) return { ok: false, error: 'no_text' };
  if (text && text.length > maximumTextLength) return { ok: false, error: 'msg_too_long' };
  const checked = check(messageBlocks, blocks ?? [], '/blocks');
  if (!checked.ok) return { ok: false, error: 'invalid_blocks', problems: checked.problems };
  return {
    ok: true,
    content: { text: text ?? '', blocks: normalizeBlocks(checked.value) },
  };
}

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': chatMethod(['channel'], postMessage),
  'chat.postEphemeral': chatMethod(['channel', 'user'], postEphemeral),
  'chat.update': chatMethod(['channel', 'ts'], update),
  'chat.delete': chatMethod(['channel', 'ts'], remove),
  'chat.getPermalink': { token: 'bot', scopes: [], required: ['channel', 'message_ts'], run: getPermalink },
};

function chatMethod(required: string[], run: Method['run']): Method {
  return { token: 'bot', scopes: ['chat:write'], required, run };
}

function postMessage(args: Arguments, context: MethodContext): MethodResponse {
  const channel = text(args, 'channel') ?? '';
  const directMessage = context.workspace.directMessageWithApp(channel);
  const destination = writable(context, directMessage?.id ?? channel);
  if (!destination.ok) return destination.response;
  const thread = threadOf(args, context, destination.conversation);
  if (!thread.ok) return thread.response;
  const message = checkMessage(args);
  if (!message.ok) return messageRefused(message);
  const posted = postByApp(context, destination.conversation, { ...message.content, ...thread.reply });
  return { ok: true, channel: posted.conversation, ts: posted.ts, message: messageObject(posted, context) };
}

function postEphemeral(args: Arguments, context: MethodContext): MethodResponse {
  if (args.thread_ts !== undefined) return unsupported('thread_ts');
  const destination = writable(context, text(args, 'channel') ?? '');
  if (!destination.ok) return destination.response;
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

function update(args: Arguments, context: MethodContext): MethodResponse {
  const found = ownMessage(args, context, 'cant_update_message');
  if (!found.ok) return found.response;
  const { text: before, blocks } = found.message;
  const updated = { text: before, blocks: args.text === undefined ? blocks : [], ...args };
  const message = checkMessage(updated);
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

function remove(args: Arguments, context: MethodContext): MethodResponse {
  const found = ownMessage(args, context, 'cant_delete_message');
  if (!found.ok) return found.response;
  context.log.remove(found.message);
  return { ok: true, channel: found.message.conversation, ts: found.message.ts };
}

type Destination = { ok: true; conversation: ConversationRecord } | { ok: false; response: MethodResponse };

/** Finds a conversation that the app may post to. */
function writable(context: MethodContext, channel: string): Destination {
  const conversation = visibleToApp(context, channel);
  const { messagesTabEnabled = true } = context.workspace.app;
  const refuse = (error: string): Destination => ({ ok: false, response: refused(error) });
  if (!conversation) return refuse('channel_not_found');
  if (conversation.archived) return refuse('is_archived');
  if (!conversation.hasApp) return refuse('not_in_channel');
  if (conversation.kind === 'app_dm' && !messagesTabEnabled) return refuse('messages_tab_disabled');
  return { ok: true, conversation };
}

/** Finds a message of the app. As at Slack, an ephemeral one can't be found. */
function ownMessage(
  args: Arguments,
  context: MethodContext,
  errorForOthers: string,
): { ok: true; message: StoredMessage } | { ok: false; response: MethodResponse } {
  const conversation = visibleToApp(context, text(args, 'channel') ?? '');
  if (!conversation) return { ok: false, response: refused('channel_not_found') };
  const message = context.log.find(conversation.id, text(args, 'ts') ?? '');
  if (!message) return { ok: false, response: refused('message_not_found') };
  if (message.user !== context.workspace.app.botUserId)
    return { ok: false, response: refused(errorForOthers) };
  return { ok: true, message };
}

function postByApp(
  { log, workspace }: MethodContext,
  conversation: ConversationRecord,
  content: MessageContent & { threadTs?: string },
  ephemeralFor?: string,
): StoredMessage {
  return log.post({
    conversation: conversation.id,
    user: workspace.app.botUserId,
    ...content,
    ...(ephemeralFor !== undefined && { ephemeralFor }),
  });
}

function messageRefused(message: CheckedMessage & { ok: false }): MethodResponse {
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
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    ...(message.edited && { edited: { user: message.user, ts: message.ts } }),
  };
}

type ReplyOutcome = { ok: true } | { ok: false; error: string };

/**
 * Posts the reply to a command or click, from the acknowledgement or a response URL. It is ephemeral unless
 * `response_type` is `in_channel`, and the app needn't be a member of the conversation.
 */
export function postReply(
  { log, workspace }: SlackState,
  { conversation, personId, original }: ResponseUrl,
  reply: Record<string, unknown>,
): ReplyOutcome {
  const current = original && log.find(original.conversation, original.ts, personId);
  if (isTrue(reply.delete_original) && original) {
    if (!current) return { ok: false, error: 'message_not_found' };
    log.remove(current);
    if (reply.text === undefined && reply.blocks === undefined) return { ok: true };
  }
  const message = checkMessage(reply);
  if (!message.ok) return { ok: false, error: message.error };
  if (isTrue(reply.replace_original) && original) {
    if (!current) return { ok: false, error: 'message_not_found' };
    log.replace(current, message.content);
    return { ok: true };
  }
  const isPublic = reply.response_type === 'in_channel';
  log.post({
    conversation,
    user: workspace.app.botUserId,
    ...message.content,
    ...(!isPublic && { ephemeralFor: personId }),
  });
  return { ok: true };
}
