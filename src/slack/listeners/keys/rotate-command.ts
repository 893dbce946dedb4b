import { findAccountAsContact } from '../../../application/accounts/details/find-named-account.ts';
import { notFoundMessage } from '../../messages/accounts/not-found-message.ts';
import type { ReplyTo } from '../../web/reply.ts';
import type { ListenerContext } from '../listener-context.ts';
import { openForm } from './key-forms.ts';

/** `/wandb service-account rotate NAME`: opens the form *Rotate key*. */
export async function rotateCommand(
  context: ListenerContext,
  { replyTo, triggerId, requestId }: { replyTo: ReplyTo; triggerId: string; requestId: string },
  reference: { name: string; teamName: string | undefined },
): Promise<void> {
  const { slackUserId } = replyTo;
  const attempt = { slackUserId, action: 'api_key.rotate_refused', requestId } as const;
  const found = await findAccountAsContact(context.ports, attempt, reference);
  if (found.kind === 'found') {
    await openForm(context, 'rotate', { replyTo, value: found.account.id, triggerId, requestId });
    return;
  }
  await context.reply.ephemeral(replyTo, notFoundMessage(found, { verb: 'rotate', reference, requestId }));
}
