import type { Message } from './message.ts';

const COMMANDS = [
  ['new [name] [--team T]', 'make a service account: a form opens'],
  ['list [--team T]', 'see the accounts of your teams, and revoke one'],
  ['revoke NAME [--team T]', 'cut an account and its key off at once'],
] as const;

/** How Keysmith is used: the answer to `help`, and to whatever was not understood. */
export function helpMessage(): Message {
  const lines = COMMANDS.map(([usage, what]) => `• \`/wandb service-account ${usage}\`: ${what}`);
  const markup = [
    '*Keysmith* makes the service accounts of your W&B teams.',
    ...lines,
    '`sa` is short for `service-account`. Everything here is shown only to you.',
  ].join('\n');
  return {
    text: 'How to use Keysmith.',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: markup } }],
  };
}
