import type { CollectKeyResult } from '../../application/accounts/collect-key.ts';
import type { CreateServiceAccountResult } from '../../application/accounts/create-service-account.ts';
import type { DeliverKeyResult } from '../../application/accounts/deliver-key.ts';
import type { EarlierSubmission } from '../../application/ports/account-records.ts';
import type { UnknownOutcomeCause } from '../../application/ports/backend.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import {
  backendFailureText,
  CONTACT,
  manualStepsText,
  outcomeCauseText,
  teamPageText,
} from './backend-failure-text.ts';
import { code, link, moment } from './blocks.ts';
import { deliveryFailureText } from './delivery-failure-text.ts';
import { refusalText } from './refusal-text.ts';

type Created = Extract<CreateServiceAccountResult, { kind: 'created' | 'created_federated' }>;

/** Returns how the creation of an account ended, for the view that had its form. Markup. */
export function createdText(result: Created): string {
  const account = nameOf(result.account);
  if (result.kind === 'created') {
    return result.key.kind === 'delivered'
      ? `:white_check_mark: Created ${account}. Its key is in a message only you can see.`
      : notDeliveredText(result.account, result.key, `${account} was created, but its key`);
  }
  switch (result.announced) {
    case 'in_conversation':
      return `:white_check_mark: Created ${account}. Setup instructions are in a message only you can see.`;
    case 'in_direct_message':
      return `:white_check_mark: Created ${account}. Setup instructions are in a direct message from Keysmith.`;
    case 'not':
      return `:warning: ${account} was created, but its setup instructions weren’t delivered: ${deliveryFailureText(result.failure).cause} Keysmith keeps trying to send them in a direct message; until then, run \`/wandb service-account list\` to see its issuer and subject.`;
  }
}

/** Returns how *Collect key* ended where the new key wasn't delivered either. Markup. */
export function keyNotDeliveredText(account: ServiceAccount, key: NotDelivered): string {
  return notDeliveredText(account, key, `The key for ${nameOf(account)}`);
}

type NotDelivered = Exclude<DeliverKeyResult, { kind: 'delivered' }>;

/** @param subject the key, as the subject of a sentence */
function notDeliveredText(account: ServiceAccount, key: NotDelivered, subject: string): string {
  switch (key.kind) {
    case 'not_collectable':
      // Slack may have accepted the message before the account was revoked.
      return key.reason === 'account_revoked'
        ? `:warning: ${nameOf(account)} was revoked while its key was being delivered. That key no longer works.`
        : `:warning: ${subject} wasn’t delivered and was revoked. ${notCollectableText(key.reason)}`;
    case 'revocation_pending':
      return `:warning: ${subject} wasn’t delivered: ${deliveryFailureText(key.failure).cause} It isn’t revoked yet: ${outcomeCauseText(key.revocationFailure)} Don’t use it: Keysmith keeps trying to revoke it and will message you${key.link === undefined ? '' : `, or a team admin can delete the account in W&B (${link(key.link)})`}.`;
    case 'unsettled': {
      const reason = key.works ? 'it will be revoked' : 'it doesn’t work';
      return `:warning: ${subject} may not have been delivered: Keysmith couldn’t record the delivery in its database. If you see the key, don’t use it: ${reason}, and a direct message with *Collect key* follows once the database works again. If no message arrives, ${CONTACT}.`;
    }
    case 'collect': {
      const { cause, toChange } = deliveryFailureText(key.failure);
      const place = key.notified
        ? 'open the direct message from Keysmith'
        : 'Slack didn’t accept a direct message either, so run `/wandb service-account list`';
      const retry = toChange === undefined ? ' to try again' : '';
      const until = key.untilMs === undefined ? '' : ` (until ${moment(key.untilMs)})`;
      const change = toChange === undefined ? '' : ` ${toChange}`;
      return `:warning: ${subject} wasn’t delivered: ${cause} The key was revoked; ${place} and press *Collect key*${retry}${until}.${change}`;
    }
  }
}

/** Returns the outcome of a form that was submitted before, without its key. Markup. */
export function alreadySubmittedText({ account, keyId, delivery }: EarlierSubmission): string {
  if (delivery === 'provisioning') {
    return `This form was already submitted, and we don’t know yet whether ${nameOf(account)} was created. Keysmith will message you with the result.`;
  }
  const created = `${nameOf(account)} was already created from this form, so nothing new was created.`;
  if (account.state !== 'active') {
    return `${created} It has since been revoked. To create another account, run \`/wandb service-account new\`.`;
  }
  const key = `Its key${keyId ? ` (${code(keyId)})` : ''}`;
  switch (delivery) {
    case 'none':
      return created;
    case 'sending':
      return `${created} ${key} is on its way to you.`;
    case 'delivered':
      return `${created} ${key} was already sent to you.`;
    case 'failed':
      return `${created} Its key wasn’t delivered: press *Collect key* in the direct message from Keysmith, or in \`/wandb service-account list\`.`;
  }
}

type NotCreated = Extract<
  CreateServiceAccountResult,
  { kind: 'not_created' | 'no_key_shown' | 'outcome_unknown' }
>;

/** Returns why there's no account, or why that isn't known yet. Markup. */
export function notCreatedText(result: NotCreated): string {
  switch (result.kind) {
    case 'not_created':
      return `The account wasn’t created: ${backendFailureText(result.failure, result.link)}`;
    case 'no_key_shown':
      return keyNotReturnedText('The account wasn’t created', result);
    case 'outcome_unknown':
      return unknownOutcomeText('the account was created', result);
  }
}

function keyNotReturnedText(
  outcome: string,
  { removed, link: teamPage }: { removed: boolean; link: string | undefined },
): string {
  const cleanUp = removed
    ? 'Keysmith removed the incomplete account.'
    : 'Keysmith will remove the incomplete account and message you when that’s done.';
  return `${outcome}: the W&B server doesn’t return new API keys. ${cleanUp}${manualStepsText(teamPage)}`;
}

function unknownOutcomeText(
  what: string,
  { cause, link: teamPage }: { cause: UnknownOutcomeCause; link: string | undefined },
): string {
  return `We don’t know yet whether ${what}: ${outcomeCauseText(cause)} Keysmith will message you with the result; don’t try again before that.${teamPageText(teamPage)}`;
}

type NotCollected = Exclude<CollectKeyResult, { kind: 'collected' }>;

/** Returns why there's no key to collect. Markup. */
export function notCollectedText(result: NotCollected): string {
  switch (result.kind) {
    case 'not_found':
      return 'You don’t have a key to collect here.';
    case 'refused':
      return refusalText(result.refusal);
    case 'not_collectable':
      return notCollectableText(result.reason);
    case 'not_created':
      return keyNotCreatedText(result);
    case 'no_key_shown':
      return keyNotReturnedText(`No key was created for ${code(result.account.name)}`, result);
    case 'outcome_unknown':
      return unknownOutcomeText('a key was created', result);
  }
}

function keyNotCreatedText({
  account,
  failure,
  link: teamPage,
}: Extract<NotCollected, { kind: 'not_created' }>): string {
  const name = code(account.name);
  if (failure.reason === 'name_taken') {
    return `No key was created: ${code(account.teamName)} now has another account named ${name}, created outside Keysmith. Rename or delete that one, then press *Collect key* again.${manualStepsText(teamPage)}`;
  }
  return `No key was created for ${name}, and *Collect key* still works: ${backendFailureText(failure, teamPage)}`;
}

function notCollectableText(
  reason: Extract<CollectKeyResult, { kind: 'not_collectable' }>['reason'],
): string {
  switch (reason) {
    case 'expired':
      return 'The 24 hours to collect a key have passed. Revoke the account and create a new one.';
    case 'already_collected':
      return 'This key was already collected, and a key is shown only once. If you lost it, revoke the account and create a new one.';
    case 'account_revoked':
      return 'The account was revoked, so there’s no key to collect.';
    case 'being_revoked':
      return 'The account is being revoked, and no keys can be created until that finishes. If the revocation fails, Keysmith will message you.';
    case 'under_way':
      return 'This key is on its way to you or was already collected.';
  }
}

function nameOf({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}
