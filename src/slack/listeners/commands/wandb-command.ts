import { listServiceAccounts } from '../../../application/accounts/list-service-accounts.ts';
import { findAccountToRevoke } from '../../../application/accounts/revoke-service-account.ts';
import { ACCOUNT_NAME_LENGTH, proposeAccountName } from '../../../domain/accounts/names.ts';
import { containsCredential } from '../../../domain/keys/pasted-credential.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../domain/organization/team-name.ts';
import { accountListMessage } from '../../messages/account-list-message.ts';
import {
  code,
  type Message,
  notice,
  plainNotice,
  quoted,
  shortened,
  suggestion,
  teamOption,
} from '../../messages/blocks.ts';
import { refusalMessage } from '../../messages/refusal-text.ts';
import { revokeMessage } from '../../messages/revoke-message.ts';
import { endVerb } from '../../messages/server-account-text.ts';
import type { ReplyTo } from '../../web/reply.ts';
import { type ListenerContext, withProgressMessage } from '../listener-context.ts';
import type { SlashCommandPayload } from '../payloads.ts';
import { openNewAccountForm } from '../views/open-account-form.ts';
import { type Command, parseCommand } from './parse-command.ts';

const COMMANDS = [
  ['new [name] [--team T]', 'create a service account'],
  ['list [--team T]', 'see your teams’ accounts, and revoke one'],
  ['revoke NAME [--team T]', 'revoke an account and its key immediately'],
] as const;

/** W&B keeps the keys of deleted accounts. */
const COMMANDS_ON_SERVER = [
  COMMANDS[0],
  ['list [--team T]', 'see your teams’ accounts, and delete one'],
  ['revoke NAME [--team T]', 'delete an account from W&B'],
] as const;

/** W&B's keys are deleted in W&B. */
function credentialText(isOnServer: boolean): string {
  const next = isOnServer
    ? 'If it’s real, delete it: a W&B key in W&B, anything else where it’s from.'
    : 'If it’s real, revoke it; for a key from Keysmith, run `/wandb service-account list`.';
  return `Nothing was changed: your command contains a key or token, which Slack has now seen. ${next} Use names in commands, never keys.`;
}

/** Returns the usage. */
function helpMessage(isOnServer: boolean): Message {
  const lines = (isOnServer ? COMMANDS_ON_SERVER : COMMANDS).map(
    ([usage, description]) => `• \`/wandb service-account ${usage}\`: ${description}`,
  );
  const markup = [
    '*Keysmith* creates and manages service accounts for your W&B teams.',
    ...lines,
    '`sa` is short for `service-account`. Only you can see these messages.',
  ].join('\n');
  return {
    text: 'How to use Keysmith.',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: markup } }],
  };
}

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
  if (command.kind === 'new') {
    const { name, teamName } = command;
    await openNewAccountForm(context, {
      command: payload,
      replyTo,
      requestId,
      name,
      teamName,
    });
    return;
  }
  const responding = responseTo(context, command, payload.user_id, requestId);
  await context.reply.ephemeral(replyTo, await withProgressMessage(context, replyTo, responding));
}

async function responseTo(
  context: ListenerContext,
  command: Exclude<Command, { kind: 'new' }>,
  slackUserId: string,
  requestId: string,
): Promise<Message> {
  switch (command.kind) {
    case 'help':
      return helpMessage(context.ports.backend.administeredIn === 'wandb');
    case 'list': {
      const listed = await listServiceAccounts(context.ports, {
        slackUserId,
        page: { teamName: command.teamName, offset: 0 },
        requestId,
      });
      return listed.ok
        ? accountListMessage(listed, context.ports.now())
        : refusalMessage(listed.refusal, requestId, command.teamName);
    }
    case 'revoke':
      return askToRevoke(context, command, slackUserId, requestId);
    case 'incomplete':
      return mistakeMessage(
        command.missing === 'name_to_revoke'
          ? `Name the account to ${endVerb(context.ports.backend.administeredIn === 'wandb').toLowerCase()}: /wandb service-account revoke NAME.`
          : 'Name a team after --team: --team NAME.',
      );
    case 'too_much':
      return mistakeMessage(tooMuchText(command));
    case 'not_understood': {
      const hint =
        command.didYouMean === undefined ? '' : ` Did you mean ${commandText(command.didYouMean)}?`;
      return mistakeMessage(
        `Unknown ${command.word.startsWith('-') ? 'option' : 'command'} ${quoted(command.word)}.${hint}`,
      );
    }
  }
}

function tooMuchText({ word, instead }: Extract<Command, { kind: 'too_much' }>): string {
  const unexpected = `Unexpected ${quoted(word)}.`;
  if (instead === undefined) return unexpected;
  if ('name' in instead) {
    const name = proposeAccountName(instead.name) ?? instead.name;
    return `${unexpected} Names can’t contain spaces; try ${shortened(name, ACCOUNT_NAME_LENGTH.max)}.`;
  }
  return `${unexpected} To name one team, use ${shortened(teamOption(instead.teamName), TEAM_NAME_MAX_LENGTH)}.`;
}

function commandText(nearest: string): string {
  return nearest.startsWith('--') ? nearest : `/wandb ${nearest}`;
}

async function askToRevoke(
  context: ListenerContext,
  { name, teamName }: Extract<Command, { kind: 'revoke' }>,
  slackUserId: string,
  requestId: string,
): Promise<Message> {
  const found = await findAccountToRevoke(context.ports, {
    slackUserId,
    name,
    teamName,
    requestId,
  });
  switch (found.kind) {
    case 'found':
      return revokeMessage(found.account, context.ports.backend.teamPage(found.account.teamName));
    case 'ambiguous': {
      const teams = found.teamNames.map(code).join(', ');
      return notice(
        `Several of your teams have an account named ${code(name)}: ${teams}. Name the team: ${code(`/wandb service-account revoke ${name} --team NAME`)}`,
        requestId,
      );
    }
    case 'not_found':
      return accountNotFound(name, teamName, found.nearest);
    case 'refused':
      return refusalMessage(found.refusal, requestId, teamName);
  }
}

function accountNotFound(name: string, teamName: string | undefined, nearest: string | undefined): Message {
  const where = teamName === undefined ? 'None of your teams has an' : `${quoted(teamName)} has no`;
  const message = plainNotice(
    `${where} account named ${quoted(name)}. Run /wandb service-account list to see your accounts.`,
  );
  if (nearest === undefined) return message;
  const team = teamName === undefined ? '' : ` ${teamOption(teamName)}`;
  const command = `/wandb service-account revoke ${nearest}${team}`;
  return { ...message, blocks: [...message.blocks, suggestion(nearest, command)] };
}

/** @param text may contain what the person typed, as it is never shown as markup */
function mistakeMessage(text: string): Message {
  return plainNotice(`${text} To see all commands, run /wandb help.`);
}
