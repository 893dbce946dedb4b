import type { ReplyTo } from '../../web/reply.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { GlobalShortcutPayload } from '../payloads.ts';
import { openNewAccountForm } from '../views/open-account-form.ts';

/** *New service account* on the Home tab: opens the form. */
export function newAccountAction(
  context: ListenerContext,
  { replyTo, triggerId = '', requestId }: ButtonClick,
): Promise<void> {
  return openForm(context, replyTo, { triggerId, requestId });
}

/** The shortcut *New service account*: opens the form, over any conversation. */
export function newAccountShortcut(
  context: ListenerContext,
  { user, trigger_id: triggerId }: GlobalShortcutPayload,
  requestId: string,
): Promise<void> {
  const replyTo = { responseUrl: undefined, channelId: undefined, slackUserId: user.id };
  return openForm(context, replyTo, { triggerId, requestId });
}

function openForm(
  context: ListenerContext,
  replyTo: ReplyTo,
  { triggerId, requestId }: { triggerId: string; requestId: string },
): Promise<void> {
  const nowhere = { channel_id: '', channel_name: '', response_url: '' };
  const command = { ...nowhere, user_id: replyTo.slackUserId, trigger_id: triggerId };
  return openNewAccountForm(context, { command, replyTo, requestId, name: undefined, teamName: undefined });
}
