import type { CollectKeyResult } from '../../application/accounts/collect-key.ts';
import type { CreateServiceAccountResult } from '../../application/accounts/create-service-account.ts';
import type { DeliverKeyResult } from '../../application/accounts/deliver-key.ts';
import type { EarlierSubmission } from '../../application/ports/account-records.ts';
import type { UnknownOutcomeCause } from '../../application/ports/backend.ts';
import {
  backendFailureWords,
  byHandWords,
  teamPageWords,
  unclearCauseWords,
} from './backend-failure-text.ts';
import { code, moment } from './blocks.ts';
import { refusalWords } from './refusal-text.ts';

type Created = Extract<CreateServiceAccountResult, { kind: 'created' | 'created_federated' }>;

/** How the making of an account ended, for the place where its form was. Markup. */
export function createdWords(result: Created): string {
  const account = `${code(result.account.name)} in ${code(result.account.teamName)}`;
  if (result.kind === 'created')
    return `:white_check_mark: ${account} is there. ${deliveredWords(result.key)}`;
  switch (result.announced) {
    case 'in_conversation':
      return `:white_check_mark: ${account} is there. What its workloads need stands in the message that only you see.`;
    case 'in_direct_message':
      return `:white_check_mark: ${account} is there. What its workloads need stands in a direct message from Keysmith.`;
    case 'not':
      return `:white_check_mark: ${account} is there, but Slack did not take the message with what its workloads need: \`/wandb service-account list\` shows it.`;
  }
}

/** What became of a key. Markup. */
export function deliveredWords(key: DeliverKeyResult): string {
  switch (key.kind) {
    case 'delivered':
      return 'Its key stands in the message that only you see. It is shown once.';
    case 'over':
      return key.reason === 'account_revoked'
        ? 'It was revoked while its key was on the way; the key is dead.'
        : `Its key did not reach you and is dead. ${overWords(key.reason)}`;
    case 'revocation_pending': {
      const what =
        key.attempt === 'rejected'
          ? 'Slack did not take the message with its key'
          : 'Slack did not confirm the message with its key';
      return `${what}, and that key is not cut off yet: ${unclearCauseWords(key.failure)} If you see it somewhere, do not use it. Keysmith tries until it is dead, and then tells you in a direct message how to go on.${byHandWords(key.link)}`;
    }
    case 'unsettled':
      return 'Keysmith’s database did not record whether its key reached you. If you see that key, do not use it: it is cut off within two minutes, and a direct message with *Collect key* follows. Tell whoever runs Keysmith, with the reference below.';
    case 'collect': {
      const what =
        key.attempt === 'rejected'
          ? 'Slack did not take the message with its key'
          : 'Slack did not confirm the message with its key';
      const until = key.untilMs === undefined ? '; it says until when' : `, until ${moment(key.untilMs)}`;
      const where = key.notified
        ? `Click *Collect key* in the direct message from Keysmith${until}.`
        : `Slack did not take a direct message either: \`/wandb service-account list\` has a *Collect key* button${until}.`;
      return `${what}, so that key was cut off: if you see it somewhere, it is dead. ${where}`;
    }
  }
}

/** The same form, submitted again: the same outcome, without the secret. Markup. */
export function submittedBeforeWords({ account, keyId, delivery }: EarlierSubmission): string {
  if (delivery === 'creating') {
    return `${code(account.name)} in ${code(account.teamName)} was asked for by this form already, and nobody can say yet whether it was made. Keysmith tells you in a direct message how it ended.`;
  }
  const made = `${code(account.name)} in ${code(account.teamName)} was made by this form already; it was not made twice.`;
  switch (delivery) {
    case 'none':
      return made;
    case 'sending':
      return `${made} Its key${keyId ? ` (${code(keyId)})` : ''} is on its way to you.`;
    case 'delivered':
      return `${made} Its key${keyId ? ` (${code(keyId)})` : ''} was sent to you, once.`;
    case 'failed':
      return `${made} Its key did not reach you: click *Collect key* in the direct message from Keysmith, or in \`/wandb service-account list\`.`;
  }
}

type Unmade = Extract<
  CreateServiceAccountResult,
  { kind: 'not_created' | 'no_key_shown' | 'outcome_unknown' }
>;

/** Why there is no account, or why nobody can say yet. Markup. */
export function unmadeWords(result: Unmade): string {
  switch (result.kind) {
    case 'not_created': {
      const { failure, link: teamPage } = result;
      return `The account was not made: ${backendFailureWords(failure, { effect: 'Nothing was made.', teamPage })}`;
    }
    case 'no_key_shown':
      return noKeyShownWords(result);
    case 'outcome_unknown':
      return unclearWords('whether the account was made', result);
  }
}

function noKeyShownWords({ removed, link }: { removed: boolean; link: string | undefined }): string {
  const made = removed
    ? 'What was made was removed again'
    : 'What was made will be removed again, and a direct message says when it is';
  return `The W&B server keeps new API keys to itself, so Keysmith has none to hand over. ${made}.${byHandWords(link)}`;
}

function unclearWords(
  what: string,
  { cause, link }: { cause: UnknownOutcomeCause; link: string | undefined },
): string {
  return `Nobody can say yet ${what}: ${unclearCauseWords(cause)} Keysmith finds out, and tells you in a direct message how it ended. Do not try again before that.${teamPageWords(link)}`;
}

type NotCollected = Exclude<CollectKeyResult, { kind: 'collected' }>;

/** Why there is no key to collect. Markup. */
export function notCollectedWords(result: NotCollected): string {
  switch (result.kind) {
    case 'unknown':
      return 'There is no key here for you to collect.';
    case 'refused':
      return refusalWords(result.refusal);
    case 'over':
      return overWords(result.reason);
    case 'not_created':
      return notMintedWords(result);
    case 'no_key_shown':
      return noKeyShownWords(result);
    case 'outcome_unknown':
      return unclearWords('whether a key was made', result);
  }
}

function notMintedWords({
  account,
  failure,
  link: teamPage,
}: Extract<NotCollected, { kind: 'not_created' }>) {
  const name = code(account.name);
  if (failure.reason === 'name_taken') {
    return `No key was made: ${code(account.teamName)} has another account named ${name} by now, made outside Keysmith. Once that one has another name or is gone, *Collect key* works again.${byHandWords(teamPage)}`;
  }
  const effect = 'Nothing was made, and *Collect key* still works.';
  return `No key of ${name} was made: ${backendFailureWords(failure, { effect, teamPage })}`;
}

function overWords(reason: Extract<CollectKeyResult, { kind: 'over' }>['reason']): string {
  switch (reason) {
    case 'expired':
      return 'The 24 hours to collect this key are over. Revoke the account and make a new one.';
    case 'already_collected':
      return 'This key was collected already; it is shown once. If it got lost, revoke the account and make a new one.';
    case 'account_revoked':
      return 'This account was revoked: there is no key to collect any more.';
    case 'being_revoked':
      return 'Somebody is revoking this account, and the W&B server has not confirmed it yet: no key of it is made meanwhile. Should it not be revoked after all, Keysmith tells you in a direct message.';
    case 'under_way':
      return 'This key is on its way to you, or was collected already.';
  }
}
