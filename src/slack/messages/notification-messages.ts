import type { Button } from '@slack/types';
import type { Collection } from '../../application/ports/account-records.ts';
import type {
  DueAccountNotification,
  DueNotification,
  DueUpstreamNotification,
} from '../../application/ports/notifications.ts';
import type { OperationEnding } from '../../application/ports/slack.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { immutableOwnerPattern } from '../../domain/federation/subject.ts';
import { manualStepsText, teamPageText } from './backend-failure-text.ts';
import {
  code,
  escapeMarkup,
  link,
  type Message,
  moment,
  notice,
  plainText,
  shellWord,
  teamOption,
} from './blocks.ts';
import { type CredentialSetup, federatedAccountMessage, preformatted } from './key-message.ts';
import { interruptedRunsText, revokedText } from './revoke-message.ts';

/** Returns the direct message with an outcome that was unclear, or that the person hasn't seen. */
export function endingMessage(ending: OperationEnding): Message {
  return notice(endingText(ending), ending.requestId ?? undefined);
}

/** Returns the direct message about an effect whose request didn't tell the person. */
export function notificationMessage(notification: DueNotification, setup: CredentialSetup): Message {
  if (notification.message === 'upstream_rejected') return notice(upstreamRejectedText(notification));
  const { message, account } = notification;
  if (message === 'federated_account_created' && account.status === 'active') {
    const instructions = federatedAccountMessage(account, setup);
    const lead = notice(`:white_check_mark: Created ${nameOf(account)}.`);
    return { ...instructions, blocks: [...lead.blocks, ...instructions.blocks] };
  }
  if (notification.message === 'subject_changed') return subjectChangedMessage(account, notification.subject);
  return notice(notificationText(notification), notification.requestId ?? undefined);
}

/** Shows the subjects in full and unchanged, to be copied. */
function subjectChangedMessage(account: ServiceAccount, presented: string): Message {
  const registered = account.externalIdentity?.subject ?? '';
  const lead = notice(
    account.status === 'revoked'
      ? `:warning: Keysmith refused a workload of ${nameOf(account)} before the account was revoked: the subject of its JWT differs from the registered one.`
      : `:warning: Keysmith refused a workload of ${nameOf(account)}: the subject of its JWT differs from the registered one in GitHub’s IDs.`,
  );
  const pattern = immutableOwnerPattern(presented);
  const permission =
    pattern === undefined
      ? ''
      : ` If the form refuses the new subject, ask an organization admin to add ${code(pattern)} to the team’s subjects.`;
  const next = notice(
    `GitHub adds these IDs when a repository is created, renamed or transferred. If the repository is yours, create an account with the new subject and revoke ${code(account.name)}.${permission}`,
  );
  return {
    ...lead,
    blocks: [
      ...lead.blocks,
      preformatted(`registered   ${registered}\nin the JWT   ${presented}`),
      ...next.blocks,
    ],
  };
}

/** Says what stopped, since when, and the command that fixes it. */
function upstreamRejectedText({ kind, teams }: DueUpstreamNotification): string {
  const [{ teamName }, ...others] = teams;
  const since = `since ${moment(Math.min(...teams.map(({ sinceMs }) => sinceMs)))}`;
  if (kind === 'team_key') {
    return `:rotating_light: The stored W&B API key of team ${code(teamName)} hasn’t worked ${since}: W&B rejects it, or Keysmith can’t unseal it. Until another key is stored, the team’s workloads can’t log or read runs through Keysmith. Create one in W&B, and ask your Keysmith administrator to run ${command('upstream add', teamName)}.`;
  }
  if (others.length === 0) {
    return `:rotating_light: W&B has rejected Keysmith’s identity token for team ${code(teamName)} ${since}. The team’s workloads can’t log or read runs through Keysmith until W&B accepts it again. Ask your Keysmith administrator to run ${command('upstream check', teamName)}, which says what to change in W&B.`;
  }
  return `:rotating_light: W&B has rejected Keysmith’s identity tokens for ${teams.length} teams ${since}: ${teamsText(teams)}. Their workloads can’t log or read runs through Keysmith until W&B accepts them again. Ask your Keysmith administrator to run ${command('upstream check')}, which says what to change in W&B.`;
}

const MAX_LISTED_TEAMS = 20;

function teamsText(teams: DueUpstreamNotification['teams']): string {
  const names = teams.slice(0, MAX_LISTED_TEAMS).map(({ teamName }) => code(teamName));
  const more = teams.length - MAX_LISTED_TEAMS;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

function command(words: string, teamName?: string): string {
  return code(`npm run keysmith -- ${words}${teamName === undefined ? '' : ` ${shellWord(teamName)}`}`);
}

function notificationText(
  notification: Exclude<DueAccountNotification, { message: 'subject_changed' }>,
): string {
  const { account } = notification;
  const name = nameOf(account);
  switch (notification.message) {
    case 'federated_account_created':
      return `:no_entry: ${name} was created as you asked, but has since been revoked. Run \`/wandb service-account new\` to create another account.`;
    case 'account_revoked':
      return `${revokedText(account, notification.runs)}${notification.runs ? '\n' : ' '}Run \`/wandb service-account list\` to see your other accounts.`;
    case 'runs_interrupted':
      return `:no_entry: <@${notification.revokedBy}> revoked ${name}, and you’re its contact. ${interruptedRunsText(notification.runs)}`;
    case 'key_not_collectable': {
      const revoked = `:warning: Key ${code(notification.keyId)} of ${name} was revoked: Slack didn’t confirm that it reached you.`;
      return account.status === 'revoked'
        ? `${revoked} The account has been revoked too.`
        : `${revoked} The 24 hours to collect another key have passed, so revoke the account and create a new one.`;
    }
  }
}

function nameOf({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}

const KEEPS_TRYING = 'Keysmith keeps trying and will message you when it’s done.';

const RISK: Record<ServiceAccount['method'], string> = {
  api_key: 'it may have an active API key without an owner',
  federated: 'its workloads may still sign in',
};

function endingText({ kind, account, link: teamPage }: OperationEnding): string {
  const name = `${code(account.name)} in ${code(account.teamName)}`;
  const mustDelete = `a team admin should delete it manually${teamPage === undefined ? '' : ` (${link(teamPage)})`}`;
  switch (kind) {
    case 'created_late':
      return `:white_check_mark: Created ${name} after all: the W&B server confirmed it late. Run \`/wandb service-account list\` to see it.`;
    case 'not_made':
      return `:warning: ${name} wasn’t created: the W&B server didn’t complete the request. Nothing was left behind; run \`/wandb service-account new\` to try again.`;
    case 'removed_again':
      return `:warning: ${name} was removed because its key couldn’t be delivered. No active key is left; run \`/wandb service-account new\` to try again.`;
    case 'several_candidates':
      return `:warning: ${name} may have been created: W&B shows several new accounts with this name, so Keysmith changed none of them. Delete the ones your team doesn’t recognize.${teamPageText(teamPage)}`;
    case 'revoked_late':
      return `:no_entry: Revoked ${name}: the W&B server has now confirmed it.`;
    case 'not_revoked':
      return `:warning: ${name} *wasn’t* revoked: the W&B server didn’t complete the request, and the account’s credentials still work. Try ${code(`/wandb service-account revoke ${account.name} ${teamOption(account.teamName)}`)} again.${manualStepsText(teamPage)}`;
    case 'still_there':
      return `:rotating_light: ${name} still exists in W&B after more than an hour of attempts to delete it, and ${RISK[account.method]}. To be safe, ${mustDelete}. ${KEEPS_TRYING}`;
    case 'still_unclear':
      return `:warning: We don’t know yet whether ${name} was created: the W&B server hasn’t shown the team to Keysmith for more than an hour. If the account exists, it may have credentials without an owner, and ${mustDelete}. ${KEEPS_TRYING}`;
    case 'still_not_revoked':
      return `:rotating_light: ${name} *isn’t* confirmed as revoked after more than an hour of attempts, and the account’s credentials may still work. To be safe, ${mustDelete}. ${KEEPS_TRYING}`;
    case 'appeared_late':
      return `:rotating_light: ${name} now exists in W&B. If nobody on your team created it there, it was created late for Keysmith and has credentials without an owner: ${mustDelete}.`;
  }
}

export const COLLECT_ACTION = 'collect_key';

/** Returns the direct message with the *Collect key* button; the key is created at the click. */
export function collectionMessage(
  collection: Collection,
  account: ServiceAccount,
  revokedKeyId: string | undefined,
): Message {
  const text = [
    `:key: *Collect the key for ${code(account.name)}* in ${code(account.teamName)}`,
    revokedKeyId === undefined
      ? 'Its key wasn’t sent: the W&B server returned it too late, so Keysmith deleted it. No key is active.'
      : `Slack didn’t confirm that key ${code(revokedKeyId)} reached you, so Keysmith revoked it.`,
    `Press *Collect key* to create a new key, shown once and only to you, until ${moment(collection.expiresAtMs)}.`,
  ].join('\n');
  return {
    text: `Collect the key for ${account.name} in ${escapeMarkup(account.teamName)}.`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'actions', elements: [collectButton(collection)] },
    ],
  };
}

export function collectButton(collection: Collection): Button {
  return {
    type: 'button',
    action_id: COLLECT_ACTION,
    style: 'primary',
    text: plainText('Collect key'),
    value: collection.id,
  };
}
