import { containsCredential } from '../../../domain/keys/pasted-credential.ts';
import { type Message, notice } from '../../messages/blocks.ts';
import { credentialText, helpMessage, mistakeMessage } from '../../messages/command-text.ts';
import type { ReplyTo } from '../../web/reply.ts';
import { openEditModal } from '../accounts/edit-account.ts';
import { listMessage } from '../accounts/list-accounts.ts';
import { openRevokeModal } from '../accounts/revoke-account.ts';
import { shownMessage } from '../accounts/show-account.ts';
import { auditMessageOf } from '../audit/audit-pages.ts';
import { openJwtForm } from '../jwt/check-jwt.ts';
import { rotateCommand } from '../keys/rotate-command.ts';
import { type ListenerContext, withProgressMessage } from '../listener-context.ts';
import type { SlashCommandPayload } from '../payloads.ts';
import { openNewTeam, teamsMessage } from '../teams/team-listeners.ts';
import { openNewAccountForm } from '../views/open-account-form.ts';
import { type Command, parseCommand } from './parse-command.ts';

/** The slash command `/wandb`. */
export async function wandbCommand(
  context: ListenerContext,
  payload: SlashCommandPayload,
  requestId: string,
): Promise<void> {
  const replyTo: ReplyTo = {
    responseUrl: payload.response_url,
    channelId: payload.channel_id,
    slackUserId: payload.user_id,
  };
  // Before anything else: arguments are looked up, and recorded when they are refused.
  if (containsCredential(payload.text)) {
    const isOnServer = context.ports.backend.administeredIn === 'wandb';
    await context.reply.ephemeral(replyTo, notice(credentialText(isOnServer), requestId));
    return;
  }
  const command = parseCommand(payload.text);
  switch (command.kind) {
    case 'new': {
      const { name, teamName } = command;
      return openNewAccountForm(context, { command: payload, replyTo, requestId, name, teamName });
    }
    case 'team_new':
      return openNewTeam(context, { command: payload, replyTo, requestId, name: command.name });
    case 'rotate':
      return rotateCommand(context, { replyTo, triggerId: payload.trigger_id, requestId }, command);
    case 'audit': {
      const filter = { teamName: command.teamName, accountName: command.accountName, since: command.since };
      const reading = auditMessageOf(context, { slackUserId: payload.user_id, filter, requestId });
      await context.reply.ephemeral(replyTo, await withProgressMessage(context, replyTo, reading));
      return;
    }
    case 'check': {
      const message = await openJwtForm(context, payload, requestId);
      if (message !== undefined) await context.reply.ephemeral(replyTo, message);
      return;
    }
    case 'edit':
      return openEditModal(context, { replyTo, triggerId: payload.trigger_id, requestId }, command);
    case 'revoke':
      return openRevokeModal(context, { replyTo, triggerId: payload.trigger_id, requestId }, command);
    default: {
      const responding = responseTo(context, command, payload.user_id, requestId);
      await context.reply.ephemeral(replyTo, await withProgressMessage(context, replyTo, responding));
    }
  }
}

/** The commands that open a form, or have a progress message of their own. */
type OpeningKind = 'new' | 'check' | 'audit' | 'team_new' | 'rotate' | 'edit' | 'revoke';

async function responseTo(
  context: ListenerContext,
  command: Exclude<Command, { kind: OpeningKind }>,
  slackUserId: string,
  requestId: string,
): Promise<Message> {
  switch (command.kind) {
    case 'help':
      return helpMessage(context.ports.backend.administeredIn === 'wandb');
    case 'list': {
      const { teamName, status, query } = command;
      const page = {
        ...(teamName !== undefined && { teamName }),
        ...(status !== undefined && { status }),
        ...(query !== undefined && { namePart: query }),
      };
      return listMessage(context, { slackUserId, page, requestId }, teamName);
    }
    case 'team_list':
    case 'team_show':
      return teamsMessage(context, command, { slackUserId, requestId });
    case 'show':
      return shownMessage(context, { slackUserId, reference: command, requestId });
    case 'not_understood':
    case 'unknown_status':
    case 'name_missing':
    case 'value_missing':
    case 'too_much':
      return mistakeMessage(command);
  }
}
