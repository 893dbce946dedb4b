import { readOwnKeys, reportKeys } from '../../../application/reported-keys/report-keys.ts';
import type { ReportedKeys } from '../../messages/accounts/message-content.ts';
import { notice } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import {
  LOOKING_VIEW,
  ownKeysView,
  reportedKeysView,
  reportedTextView,
} from '../../messages/reported-keys/reported-key-views.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { MessageShortcutPayload } from '../payloads.ts';
import { openView, updateView } from '../views/open-account-form.ts';

export const THIS_IS_A_KEY = 'this_is_a_key';

/** The shortcut *This is a key* on a message. The modal opens before anything is looked up: a trigger is valid for three seconds. */
export async function thisIsAKey(
  context: ListenerContext,
  payload: MessageShortcutPayload,
  requestId: string,
): Promise<void> {
  const { ports } = context;
  const { user, channel, message } = payload;
  const opened = await openView(context, payload.trigger_id, LOOKING_VIEW);
  if ('error' in opened) {
    const replyTo = { responseUrl: payload.response_url, channelId: channel?.id, slackUserId: user.id };
    const text =
      'The window didn’t open: Slack returned an error. Nothing was changed. Use the shortcut again.';
    await context.reply.ephemeral(replyTo, notice(text, requestId));
    return;
  }
  const show = (view: Parameters<typeof updateView>[2]) =>
    updateView(context, { viewId: opened.viewId }, view);
  try {
    const result = await reportKeys(ports, {
      slackUserId: user.id,
      texts: [message?.text ?? '', ...(message?.blocks ?? []), ...(message?.attachments ?? [])],
      channelId: channel?.id,
      messageUrl: messageUrl(payload),
      requestId,
    });
    await show(reportedKeysView(result, { nowMs: ports.now(), reference: requestId }));
    if ('notify' in result) await result.notify();
  } catch (error) {
    await show(reportedTextView(failureText(error), requestId));
    throw error;
  }
}

/** Shows the keys as they are now, below a form that was opened from one of them. */
export async function refreshReportedKeys(
  context: ListenerContext,
  { keyIds, ...others }: ReportedKeys,
  { slackUserId, viewId }: { slackUserId: string; viewId: string | undefined },
): Promise<void> {
  if (viewId === undefined) return;
  const keys = await readOwnKeys(context.ports, { slackUserId, keyIds });
  if (keys.length === 0) return;
  await updateView(context, { viewId }, ownKeysView({ keys, ...others }, context.ports.now()));
}

/** Slack's links have this form. Its payload has no link, and not every channel lets the app ask for one. */
function messageUrl({ team, channel, message_ts: ts }: MessageShortcutPayload): string | undefined {
  const isKnown =
    /^[a-z0-9-]{1,60}$/.test(team?.domain ?? '') &&
    /^[CDG][A-Z0-9]{5,20}$/.test(channel?.id ?? '') &&
    /^\d{1,20}\.\d{1,10}$/.test(ts ?? '');
  if (!isKnown) return undefined;
  return `https://${team?.domain}.slack.com/archives/${channel?.id}/p${ts?.replace('.', '')}`;
}
