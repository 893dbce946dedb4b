import { findAccountToRotate } from '../../../application/keys/open-key-form.ts';
import { code, notice } from '../../messages/blocks.ts';
import { accountNotFoundMessage } from '../../messages/command-text.ts';
import { refusalMessage } from '../../messages/failures/refusal-text.ts';
import type { ReplyTo } from '../../web/reply.ts';
import type { ListenerContext } from '../listener-context.ts';
import { openForm } from './key-forms.ts';

/** `/wandb service-account rotate NAME`: opens the form *Rotate key*. */
export async function rotateCommand(
  context: ListenerContext,
  { replyTo, triggerId, requestId }: { replyTo: ReplyTo; triggerId: string; requestId: string },
  { name, teamName }: { name: string; teamName: string | undefined },
): Promise<void> {
  const { slackUserId } = replyTo;
  const found = await findAccountToRotate(context.ports, { slackUserId, name, teamName, requestId });
  switch (found.kind) {
    case 'found':
      return openForm(context, 'rotate', { replyTo, value: found.accountId, triggerId, requestId });
    case 'ambiguous': {
      const teams = found.teamNames.map(code).join(', ');
      const command = code(`/wandb service-account rotate ${name} --team NAME`);
      const text = `Several of your teams have an account named ${code(name)}: ${teams}. Name the team: ${command}`;
      await context.reply.ephemeral(replyTo, notice(text, requestId));
      return;
    }
    case 'not_found': {
      const { nearest } = found;
      await context.reply.ephemeral(replyTo, accountNotFoundMessage('rotate', { name, teamName, nearest }));
      return;
    }
    case 'refused':
      await context.reply.ephemeral(replyTo, refusalMessage(found.refusal, requestId, teamName));
  }
}
