import type { CollectKeyResult } from '../../../application/accounts/collect-key.ts';
import type { CreateServiceAccountResult } from '../../../application/accounts/create-service-account.ts';
import type { DeliverKeyResult } from '../../../application/accounts/deliver-key.ts';
import type { EarlierSubmission } from '../../../application/ports/account-records.ts';
import type { CollectionOrigin } from '../../../application/ports/notifications.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { code, moment, teamOption } from '../blocks.ts';
import {
  backendFailureText,
  CONTACT,
  outcomeCauseText,
  teamPageText,
} from '../failures/backend-failure-text.ts';
import { deliveryFailureText } from '../failures/delivery-failure-text.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { createdWithoutKeyText, endedText } from './server-account-text.ts';

type Created = Extract<
  CreateServiceAccountResult,
  { kind: 'created' | 'created_federated' | 'created_without_key' }
>;

/** Returns how the creation of an account ended, for the view that had its form. Markup. */
export function createdText(result: Created, isOnServer: boolean): string {
  const account = nameOf(result.account);
  switch (result.kind) {
    case 'created':
      return result.key.kind === 'delivered'
        ? `:white_check_mark: Created ${account}. Its key is in a message only you can see.`
        : notDeliveredText(result.account, result.key, {
            subject: `${account} was created, but its key`,
            isOnServer,
          });
    case 'created_without_key':
      return `${createdWithoutKeyText(result.account, result)}\nThese steps are also in a direct message from Keysmith.`;
    case 'created_federated':
      return createdFederatedText(result);
  }
}

function createdFederatedText(result: Extract<Created, { kind: 'created_federated' }>): string {
  const account = nameOf(result.account);
  switch (result.announced) {
    case 'in_conversation':
      return `:white_check_mark: Created ${account}. Setup instructions are in a message only you can see.`;
    case 'in_direct_message':
      return `:white_check_mark: Created ${account}. Setup instructions are in a direct message from Keysmith.`;
    case 'not':
      return `:warning: ${account} was created, but its setup instructions weren’t delivered: ${deliveryFailureText(result.failure).cause} Keysmith keeps trying to send them in a direct message; until then, run \`/wandb service-account list\` to see its issuer and subject.`;
  }
}

/**
 * Returns that a new key wasn't delivered, and what to do. Markup.
 *
 * @param collection of a key that was created by *Collect key*
 */
export function keyNotDeliveredText(
  account: ServiceAccount,
  key: NotDelivered,
  isOnServer: boolean,
  collection?: CollectionOrigin,
): string {
  return notDeliveredText(account, key, {
    subject: `The key for ${nameOf(account)}`,
    isOnServer,
    collection,
  });
}

type NotDelivered = Exclude<DeliverKeyResult, { kind: 'delivered' }>;

interface UndeliveredKey {
  /** The key, as the subject of a sentence. */
  subject: string;
  isOnServer: boolean;
  collection?: CollectionOrigin | undefined;
}

function notDeliveredText(account: ServiceAccount, key: NotDelivered, undelivered: UndeliveredKey): string {
  const { subject } = undelivered;
  switch (key.kind) {
    case 'not_collectable':
      return notCollectableKeyText(account, key.reason, undelivered);
    case 'unsettled': {
      const reason = key.works ? 'Keysmith will delete the W&B account it belongs to' : 'it doesn’t work';
      return `:warning: ${subject} may not have been delivered: Keysmith couldn’t record the delivery in its database. If you see the key, don’t use it: ${reason}, and a direct message with *Collect key* follows once the database works again. If no message arrives, ${CONTACT}.`;
    }
    case 'collect': {
      const { cause, toChange } = deliveryFailureText(key.failure);
      const fate = key.onServer
        ? 'Don’t use that key, as Keysmith is deleting the W&B account it belongs to'
        : 'The key was revoked';
      const place = key.notified
        ? 'open the direct message from Keysmith'
        : 'Slack didn’t accept a direct message either, so run `/wandb service-account list`';
      const retry = toChange === undefined ? ' to try again' : '';
      const until = key.untilMs === undefined ? '' : ` (until ${moment(key.untilMs)})`;
      const change = toChange === undefined ? '' : ` ${toChange}`;
      return `:warning: ${subject} wasn’t delivered: ${cause} ${fate}; ${place} and press *Collect key*${retry}${until}.${change}`;
    }
  }
}

function notCollectableKeyText(
  account: ServiceAccount,
  reason: Extract<DeliverKeyResult, { kind: 'not_collectable' }>['reason'],
  { subject, isOnServer, collection = {} }: UndeliveredKey,
): string {
  if (reason === 'account_revoked') {
    // Slack may have accepted the message before the account was revoked.
    const fate = isOnServer ? 'Don’t use that key.' : 'That key no longer works.';
    return `:warning: ${nameOf(account)} was ${endedText(isOnServer)} while its key was being delivered. ${fate}`;
  }
  const fate = isOnServer ? ', so don’t use it' : ' and was revoked';
  const deletion =
    isOnServer && reason === 'expired' ? ': Keysmith is deleting the W&B account it belongs to' : '';
  return `:warning: ${subject} wasn’t delivered${fate}${deletion}. ${notCollectableText({ reason, account, collection }, isOnServer)}`;
}

/** Returns the outcome of a form that was submitted before, without its key. Markup. */
export function alreadySubmittedText(
  { account, keyId, delivery }: EarlierSubmission,
  isOnServer: boolean,
): string {
  if (delivery === 'provisioning') {
    return `This form was already submitted, and we don’t know yet whether ${nameOf(account)} was created. Keysmith will message you with the result.`;
  }
  if (account.state === 'failed') {
    return `This form was already submitted, and ${nameOf(account)} wasn’t created. To try again, run \`/wandb service-account new\`.`;
  }
  const created = `${nameOf(account)} was already created from this form, so nothing new was created.`;
  if (account.state !== 'active') {
    const since =
      account.state === 'revoking'
        ? 'Keysmith is deleting it from W&B.'
        : `It has since been ${endedText(isOnServer)}.`;
    return `${created} ${since} To create another account, run \`/wandb service-account new\`.`;
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

type NotCreated = Extract<CreateServiceAccountResult, { kind: 'not_created' | 'outcome_unknown' }>;

/** Returns why there's no account, or why that isn't known yet. Markup. */
export function notCreatedText(result: NotCreated): string {
  if (result.kind === 'not_created') {
    return `The account wasn’t created: ${backendFailureText(result.failure, result.link)}`;
  }
  const { account, cause, collectUntilMs, link: page } = result;
  if (collectUntilMs === undefined) {
    return `We don’t know yet whether ${nameOf(account)} was created: ${outcomeCauseText(cause)} Keysmith will message you with the result; don’t try again before that.${teamPageText(page)}`;
  }
  return `:warning: ${nameOf(account)} has no key yet: ${outcomeCauseText(cause)} Open the direct message from Keysmith and press *Collect key* to create it (until ${moment(collectUntilMs)}).`;
}

type NotCollected = Exclude<CollectKeyResult, { kind: 'collected' }>;

/** Returns why there's no key to collect. Markup. */
export function notCollectedText(result: NotCollected, isOnServer: boolean): string {
  switch (result.kind) {
    case 'not_found':
      return 'You don’t have a key to collect here.';
    case 'refused':
      return refusalText(result.refusal);
    case 'not_collectable':
      return notCollectableText(result, isOnServer);
    case 'not_created':
      return keyNotCreatedText(result);
    case 'no_key_shown':
      return createdWithoutKeyText(result.account, result);
  }
}

function keyNotCreatedText({
  account,
  failure,
  link: teamPage,
}: Extract<NotCollected, { kind: 'not_created' }>): string {
  const cause =
    failure.reason === 'not_recorded' ? outcomeCauseText(failure) : backendFailureText(failure, teamPage);
  return `No key was created for ${code(account.name)}, and *Collect key* still works: ${cause}`;
}

function notCollectableText(
  {
    reason,
    account,
    collection,
  }: Pick<Extract<CollectKeyResult, { kind: 'not_collectable' }>, 'reason' | 'account'> & {
    collection: CollectionOrigin;
  },
  isOnServer: boolean,
): string {
  switch (reason) {
    case 'expired':
      return collectionOverText(account, collection, isOnServer);
    case 'already_collected': {
      const again =
        collection.accessRequestId !== undefined
          ? 'ask an admin of the team for another one'
          : anotherKeyText(account, collection, isOnServer);
      return `This key was already collected, and a key is shown only once. If you lost it, ${again}.`;
    }
    case 'account_revoked':
      return `The account was ${endedText(isOnServer)}, so there’s no key to collect.`;
    case 'being_revoked':
      return 'The account is being deleted from W&B, so no keys can be created for it. To create another account, run `/wandb service-account new`.';
    case 'under_way':
      return 'This key is on its way to you or was already collected.';
  }
}

/** Returns that the time to collect a key is over, what became of it, and how to get another one. Markup. */
export function collectionOverText(
  account: Pick<ServiceAccount, 'name' | 'teamName'>,
  collection: CollectionOrigin,
  isOnServer: boolean,
): string {
  if (collection.accessRequestId !== undefined) {
    return 'The 24 hours to collect the key have passed. Run `/wandb service-account new` to ask for the account again.';
  }
  const another = anotherKeyText(account, collection, isOnServer);
  if (collection.rotationId !== undefined) {
    return `The 24 hours to collect the new key have passed, so the rotation was canceled. The old key still works as before. To start again, ${another}.`;
  }
  return isOnServer
    ? 'The 24 hours to collect the key have passed. Delete the account and create a new one.'
    : `The 24 hours to collect the key have passed. To get another key, ${another}.`;
}

function anotherKeyText(
  { name, teamName }: Pick<ServiceAccount, 'name' | 'teamName'>,
  { rotationId }: CollectionOrigin,
  isOnServer: boolean,
): string {
  if (isOnServer) return 'delete the account and create a new one';
  const command = (verb: string) => code(`/wandb service-account ${verb} ${name} ${teamOption(teamName)}`);
  return rotationId === undefined
    ? `run ${command('show')} and press *Create key*`
    : `run ${command('rotate')}`;
}

function nameOf({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}
