import { ACCOUNT_STATUSES } from '../../domain/accounts/account-status.ts';
import { ACCOUNT_NAME_LENGTH, proposeAccountName } from '../../domain/accounts/names.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import { type Message, plainNotice, quoted, shortened, suggestion, teamOption } from './blocks.ts';

/** Every command, with what it does. `onServer`: with a W&B server, which keeps the keys of deleted accounts. */
const COMMANDS: readonly { usage: string; does: string; onServer?: string }[] = [
  { usage: 'service-account new [name] [--team T]', does: 'create a service account, or request one' },
  {
    usage: 'service-account list [--team T] [--status S] [--name TEXT]',
    does: 'see your teams’ accounts',
  },
  { usage: 'service-account show NAME [--team T]', does: 'see an account, its keys and its history' },
  { usage: 'service-account rotate NAME [--team T]', does: 'replace a key while the old one still works' },
  { usage: 'service-account edit NAME [--team T]', does: 'change what an account is for and whom to ask' },
  {
    usage: 'service-account revoke NAME [--team T]',
    does: 'revoke an account and its keys immediately',
    onServer: 'delete an account from W&B',
  },
  { usage: 'service-account check', does: 'find out why a JWT is rejected' },
  { usage: 'team list | show NAME | new [NAME]', does: 'manage teams, as an organization admin' },
  { usage: 'audit [--team T] [--account NAME] [--since DATE]', does: 'see who did what, as a team admin' },
];

/** W&B's keys are deleted in W&B. */
export function credentialText(isOnServer: boolean): string {
  const next = isOnServer
    ? 'If it’s real, delete it: a W&B key in W&B, anything else where it’s from.'
    : 'If it’s real, revoke it; for a key from Keysmith, run `/wandb service-account list`.';
  return `Nothing was changed: your command contains a key or token, which Slack has now seen. ${next} Use names in commands, never keys.`;
}

/** Returns the usage. */
export function helpMessage(isOnServer: boolean): Message {
  const lines = COMMANDS.map(
    ({ usage, does, onServer }) => `• \`/wandb ${usage}\`: ${isOnServer ? (onServer ?? does) : does}`,
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

/** A command that Keysmith doesn’t understand, as `parseCommand` returns it. */
export type CommandMistake =
  | { kind: 'not_understood'; word: string; didYouMean: string | undefined }
  | { kind: 'unknown_status'; word: string; didYouMean: string | undefined }
  | { kind: 'name_missing'; usage: string }
  | { kind: 'value_missing'; option: string }
  | { kind: 'too_much'; word: string; instead: { name: string } | { teamName: string } | undefined };

/** Returns what is wrong with a command. The text may contain what the person typed, as it is never shown as markup. */
export function mistakeMessage(mistake: CommandMistake): Message {
  return plainNotice(`${mistakeText(mistake)} To see all commands, run /wandb help.`);
}

function mistakeText(mistake: CommandMistake): string {
  switch (mistake.kind) {
    case 'not_understood': {
      const noun = mistake.word.startsWith('-') ? 'option' : 'command';
      return `Unknown ${noun} ${quoted(mistake.word)}.${hint(mistake.didYouMean, commandText)}`;
    }
    case 'unknown_status':
      return `Unknown status ${quoted(mistake.word)}.${hint(mistake.didYouMean, (status) => `--status ${status}`)} The statuses are ${ACCOUNT_STATUSES.join(', ')}.`;
    case 'name_missing':
      return `Add the name: /wandb ${mistake.usage}.`;
    case 'value_missing':
      return `Add a value after --${mistake.option}: ${EXAMPLES[mistake.option] ?? `--${mistake.option} VALUE`}.`;
    case 'too_much':
      return tooMuchText(mistake);
  }
}

const EXAMPLES: Record<string, string> = {
  team: '--team NAME',
  status: '--status unused',
  name: '--name eval',
  account: '--account NAME',
  since: '--since 2026-11-01',
};

function hint(nearest: string | undefined, textOf: (nearest: string) => string): string {
  return nearest === undefined ? '' : ` Did you mean ${textOf(nearest)}?`;
}

function tooMuchText({ word, instead }: Extract<CommandMistake, { kind: 'too_much' }>): string {
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

/** @param verb of the command that named the account, for the suggestion of the nearest name */
export function accountNotFoundMessage(
  verb: string,
  { name, teamName, nearest }: { name: string; teamName: string | undefined; nearest: string | undefined },
): Message {
  const where = teamName === undefined ? 'None of your teams has an' : `${quoted(teamName)} has no`;
  const message = plainNotice(
    `${where} account named ${quoted(name)}. Run /wandb service-account list to see your accounts.`,
  );
  if (nearest === undefined) return message;
  const team = teamName === undefined ? '' : ` ${teamOption(teamName)}`;
  const command = `/wandb service-account ${verb} ${nearest}${team}`;
  return { ...message, blocks: [...message.blocks, suggestion(nearest, command)] };
}
