import type { ConversationRecord } from '../workspace/workspace.ts';
import { visibleToApp } from './conversations.ts';
import {
  type Arguments,
  invalidArguments,
  isTrue,
  type MethodContext,
  type MethodResponse,
  refused,
  text,
} from './method.ts';

type Thread = { ok: true; reply: { threadTs?: string } } | { ok: false; response: MethodResponse };

/** Finds the message to which a reply is posted, which must still exist and not be a reply itself. */
export function threadOf(args: Arguments, { log }: MethodContext, { id }: ConversationRecord): Thread {
  const threadTs = text(args, 'thread_ts');
  if (isTrue(args.reply_broadcast)) return { ok: false, response: unsupported('reply_broadcast') };
  if (threadTs === undefined) return { ok: true, reply: {} };
  if (!/^\d{10}\.\d{6}$/.test(threadTs)) {
    const messages = [`[ERROR] ${threadTs} is not a valid thread_ts`];
    return { ok: false, response: refused('invalid_thread_ts', { response_metadata: { messages } }) };
  }
  const parent = log.find(id, threadTs);
  if (!parent || parent.threadTs !== undefined) return { ok: false, response: refused('thread_not_found') };
  return { ok: true, reply: { threadTs } };
}

export function unsupported(argument: string): MethodResponse {
  return invalidArguments([`the sandbox does not support ${argument} [json-pointer:/${argument}]`]);
}

/** @see https://docs.slack.dev/reference/methods/chat.getPermalink */
export function getPermalink(args: Arguments, context: MethodContext): MethodResponse {
  const conversation = visibleToApp(context, text(args, 'channel') ?? '');
  if (!conversation) return refused('channel_not_found');
  const message = context.log.find(conversation.id, text(args, 'message_ts') ?? '');
  if (!message) return refused('message_not_found');
  const { id: channel } = conversation;
  const { ts, threadTs } = message;
  const inThread = threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel}`;
  const permalink = `${context.origin()}/archives/${channel}/p${ts.replace('.', '')}${inThread}`;
  return { ok: true, channel, permalink };
}
