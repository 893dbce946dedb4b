import { type ReportedKeys, readContent } from '../../messages/accounts/message-content.ts';
import type { Message } from '../../messages/blocks.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refreshReportedKeys } from '../reported-keys/this-is-a-key.ts';
import type { MessageOrigin } from '../views/form-metadata.ts';
import { listMessage } from './list-accounts.ts';
import { shownMessage } from './show-account.ts';

/** Shows the present state in the message from which a submitted form was opened, if there is one. Never throws. */
export async function refreshOriginOf(
  context: ListenerContext,
  { view, user }: ViewSubmissionPayload,
  requestId: string,
): Promise<void> {
  const origin = await context.metadata.openOrigin(view, user.id);
  if (origin !== undefined) await refreshMessage(context, origin, requestId);
}

/** Shows the present state of an account, a list or reported keys in its message or modal, while Slack accepts that. Never throws. */
export async function refreshMessage(
  context: ListenerContext,
  { blockId, slackUserId, responseUrl, viewId }: MessageOrigin,
  requestId: string,
): Promise<void> {
  try {
    const content = readContent(blockId);
    if (content?.kind === 'keys') {
      await refreshReportedKeys(context, content, { slackUserId, viewId });
      return;
    }
    const building = messageFor(context, content, { slackUserId, requestId });
    const view = viewId === undefined ? undefined : { triggerId: '', viewId };
    if (building !== undefined) await context.reply.update({ responseUrl, view }, await building);
  } catch (error) {
    context.ports.logger.warn({ err: error }, 'message not refreshed');
  }
}

function messageFor(
  context: ListenerContext,
  content: Exclude<ReturnType<typeof readContent>, ReportedKeys>,
  by: { slackUserId: string; requestId: string },
): Promise<Message> | undefined {
  switch (content?.kind) {
    case 'account':
      return shownMessage(context, { ...by, reference: { accountId: content.accountId } });
    case 'list':
      return listMessage(context, { ...by, page: content.page });
    case undefined:
      return undefined;
  }
}
