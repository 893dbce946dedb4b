import {
  type AccountChoice,
  readAccountChoice,
  readEarlierChoice,
} from '../../messages/accounts/account-menu.ts';
import { notice } from '../../messages/blocks.ts';
import { openForm } from '../keys/key-forms.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { openEditModal } from './edit-account.ts';
import { openRevokeModal } from './revoke-account.ts';
import { showAction } from './show-account.ts';

/** An option of the menu of an account. */
export async function accountMenuAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const chosen = readAccountChoice(click.value);
  if (chosen !== undefined) return OPENERS[chosen.choice](context, click, chosen);
  const { replyTo, requestId } = click;
  const { slackUserId } = replyTo;
  const text = await refuseInteraction(context, { slackUserId, reason: 'action_unknown', requestId });
  await context.reply.ephemeral(replyTo, notice(text, requestId));
}

const OPENERS: Record<
  AccountChoice,
  (context: ListenerContext, click: ButtonClick, reference: { accountId: string }) => Promise<void>
> = {
  show: showAction,
  rotate: (context, click, { accountId }) => openForm(context, 'rotate', { ...click, value: accountId }),
  edit: openEditModal,
  revoke: openRevokeModal,
};

/** *Revoke* in the menu of a list from an earlier version. */
export async function earlierMenuAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  await openRevokeModal(context, click, readEarlierChoice(click.value));
}

/** *Edit* below an account without a contact. */
export async function editAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  await openEditModal(context, click, { accountId: click.value });
}
