import type {
  DueAccountNotification,
  DueNotification,
  DueUpstreamNotification,
} from '../../application/ports/notifications.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { collectButton } from './accounts/collect-button.ts';
import { type CredentialSetup, federatedAccountMessage, jobBlocks } from './accounts/key-message.ts';
import { collectionOverText } from './accounts/outcome-text.ts';
import { interruptedRunsText, revokedText } from './accounts/revoke-message.ts';
import {
  createdWithoutKeyText,
  endedText,
  type ServerPage,
  serverProblemText,
} from './accounts/server-account-text.ts';
import {
  code,
  escapeMarkup,
  type Message,
  moment,
  namesText,
  notice,
  shellWord,
  teamOption,
} from './blocks.ts';
import { expiryMessage } from './care/expiry-message.ts';
import { creationCauseText } from './failures/backend-failure-text.ts';
import { keyText } from './keys/key-outcome-text.ts';
import { lateUseText, rotationEndingMessage } from './keys/rotation-text.ts';
import { keyLeakedMessage } from './leaks/key-leaked-message.ts';
import { keyReminderMessage, reviewMessage } from './outside/key-reminder-message.ts';
import { teamChangesMessage } from './outside/team-changes-message.ts';
import { keyReportedMessage } from './reported-keys/key-reported-message.ts';
import { requestNotificationMessage } from './requests/request-notification.ts';

/** Returns the direct message about an effect whose request didn't notify the person. */
export function notificationMessage(notification: DueNotification, setup: CredentialSetup): Message {
  if (notification.message === 'upstream_rejected') return notice(upstreamRejectedText(notification));
  if (notification.message === 'team_changes') return teamChangesMessage(notification);
  if (notification.message === 'request_changed') return requestNotificationMessage(notification);
  if (notification.message === 'review_due') return reviewMessage(notification);
  if (notification.message === 'keys_to_delete') return keyReminderMessage(notification);
  if (notification.message === 'rotation_ending') return rotationEndingMessage(notification.rotation);
  if (notification.message === 'old_key_used') {
    return notice(lateUseText(notification.rotation, notification.use));
  }
  if (notification.message === 'key_expiring') return expiryMessage(notification);
  if (notification.message === 'key_reported') return keyReportedMessage(notification);
  if (notification.message === 'key_leaked') return keyLeakedMessage(notification);
  if (notification.message === 'key_collectable') return collectionMessage(notification);
  const { message, account } = notification;
  if (message === 'federated_account_created' && account.state === 'active') {
    const instructions = federatedAccountMessage(account, setup);
    const lead = notice(`:white_check_mark: Created ${nameOf(account)}.`);
    return { ...instructions, blocks: [...lead.blocks, ...instructions.blocks] };
  }
  if (notification.message === 'account_without_key_created' && account.state === 'active') {
    const steps = notice(createdWithoutKeyText(account, notification));
    return { ...steps, blocks: [...steps.blocks, ...jobBlocks(account, setup)] };
  }
  return notice(notificationText(notification), notification.requestId ?? undefined);
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
  return `:rotating_light: W&B has rejected Keysmith’s identity tokens for ${teams.length} teams ${since}: ${namesText(teams.map(({ teamName }) => code(teamName)))}. Their workloads can’t log or read runs through Keysmith until W&B accepts them again. Ask your Keysmith administrator to run ${command('upstream check')}, which says what to change in W&B.`;
}

function command(words: string, teamName?: string): string {
  return code(`npm run keysmith -- ${words}${teamName === undefined ? '' : ` ${shellWord(teamName)}`}`);
}

function notificationText(
  notification: Exclude<
    DueAccountNotification,
    {
      message:
        | 'key_collectable'
        | 'key_expiring'
        | 'review_due'
        | 'keys_to_delete'
        | 'rotation_ending'
        | 'key_leaked'
        | 'old_key_used'
        | 'key_reported';
    }
  >,
): string {
  const { account, link: page } = notification;
  const name = nameOf(account);
  switch (notification.message) {
    case 'federated_account_created':
    case 'account_without_key_created':
      return createdAndEndedText(notification);
    case 'account_not_created':
      return `:warning: ${name} wasn’t created: ${creationCauseText(notification.cause)}`;
    case 'key_revoked': {
      const { keyName: name, keyId, revokedBy } = notification;
      return `:no_entry: <@${revokedBy}> revoked ${keyText({ name, keyId })} of ${nameOf(account)}. You’re the contact of this account. Workloads that used the key need another one.`;
    }
    case 'contact_assigned':
      return contactAssignedText(notification, notification.assignedBy);
    case 'account_revoked':
      return `${revokedText(account, { page, runs: notification.runs })}${notification.runs ? '\n' : ' '}Run \`/wandb service-account list\` to see your other accounts.`;
    case 'runs_interrupted':
      return `:no_entry: <@${notification.revokedBy}> revoked ${name}, and you’re its contact. ${interruptedRunsText(notification.runs)}`;
    case 'server_account_problem':
      return serverProblemText(account, notification.problem, notification);
    case 'key_not_collectable':
      return keyNotCollectableText(notification);
  }
}

/** Keys of an account on a W&B server don't expire. */
function contactAssignedText({ account, link: page }: DueAccountNotification, assignedBy: string): string {
  const isNotified = account.method === 'api_key' && page === undefined;
  const duties = `People may ask you about it${isNotified ? ', and Keysmith tells you before its keys expire' : ''}.`;
  const show = code(`/wandb service-account show ${account.name} ${teamOption(account.teamName)}`);
  return `<@${assignedBy}> made you the contact of ${nameOf(account)}. ${duties} To see it, run ${show}.`;
}

function createdAndEndedText({ account, link: page }: DueAccountNotification): string {
  const ended =
    account.state === 'revoking'
      ? 'is being deleted from W&B'
      : `has since been ${endedText(page !== undefined)}`;
  return `:no_entry: ${nameOf(account)} was created as you asked, but ${ended}. Run \`/wandb service-account new\` to create another account.`;
}

function keyNotCollectableText({
  account,
  keyId,
  collection = {},
  link: page,
}: Extract<DueAccountNotification, { message: 'key_not_collectable' }>): string {
  const unconfirmed =
    keyId === null
      ? `:warning: No key was created for ${nameOf(account)}: Keysmith didn’t receive one from the W&B server.`
      : page === undefined
        ? `:warning: Key ${code(keyId)} of ${nameOf(account)} was revoked: Slack didn’t confirm that it reached you.`
        : `:warning: Slack didn’t confirm that key ${code(keyId)} of ${nameOf(account)} reached you, so don’t use it: Keysmith is deleting the W&B account it belongs to.`;
  switch (account.state) {
    case 'revoked':
      return `${unconfirmed} The account has been ${endedText(page !== undefined)} too.`;
    case 'revoking':
      return unconfirmed;
    default:
      return `${unconfirmed} ${collectionOverText(account, collection, page !== undefined)}`;
  }
}

function nameOf({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}

type CollectableKey = Extract<DueAccountNotification, { message: 'key_collectable' }>;

/** Returns the direct message with the *Collect key* button; the key is created at the click. */
function collectionMessage({ account, collection, keyId, link: page }: CollectableKey): Message {
  const text = [
    `:key: *Collect the key for ${code(account.name)}* in ${code(account.teamName)}`,
    keyId === null && collection.accessRequestId !== undefined
      ? 'Your request for this account was approved.'
      : lostKeyText({ keyId, collection, page }),
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

/** Returns what happened to the key before. Markup. */
function lostKeyText({
  keyId,
  collection: { rotationId },
  page,
}: Pick<CollectableKey, 'keyId' | 'collection'> & { page: ServerPage }): string {
  const kept = rotationId === undefined ? '' : ' The key it replaces still works.';
  // Offered again, on the Home tab.
  if (keyId === null && page === undefined) {
    return `Slack didn’t confirm that the last key reached you, so Keysmith revoked it.${kept}`;
  }
  if (keyId === null) return 'Keysmith didn’t receive a key from the W&B server, so none was sent.';
  const unconfirmed = `Slack didn’t confirm that key ${code(keyId)} reached you`;
  return page === undefined
    ? `${unconfirmed}, so Keysmith revoked it.${kept}`
    : `${unconfirmed}, so don’t use it: Keysmith is deleting the W&B account it belongs to.`;
}
