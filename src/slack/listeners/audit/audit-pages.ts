import { type AuditFilter, readAudit } from '../../../application/audit/read-audit.ts';
import { AUDIT_PAGE_ACTIONS, auditMessage, readAuditButton } from '../../messages/audit/audit-message.ts';
import type { Message } from '../../messages/blocks.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';

/** `/wandb audit`: returns the newest page. */
export function auditMessageOf(
  context: ListenerContext,
  request: { slackUserId: string; filter: AuditFilter; before?: number | undefined; requestId: string },
): Promise<Message> {
  const { slackUserId, filter, before, requestId } = request;
  return readAudit(context.ports, { slackUserId, ...filter, before, requestId }).then((result) =>
    auditMessage(result, { filter, before }, requestId),
  );
}

/** *Older* and *Newest*: the page replaces the one before. */
async function turnAuditPage(
  context: ListenerContext,
  { replyTo, value, requestId }: ButtonClick,
): Promise<void> {
  const { slackUserId } = replyTo;
  const { filter, before } = readAuditButton(value);
  const reading = auditMessageOf(context, { slackUserId, filter, before, requestId });
  await context.reply.replace(replyTo, await withProgressMessage(context, replyTo, reading));
}

export const auditButtons = {
  [AUDIT_PAGE_ACTIONS.older]: turnAuditPage,
  [AUDIT_PAGE_ACTIONS.newest]: turnAuditPage,
};
