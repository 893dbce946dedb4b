import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { SlackProfile, SlackWorkspace } from '../../domain/organization/person.ts';
import type { Collection } from './account-records.ts';
import type { IssuedKey } from './backend.ts';
import type { EndingKind } from './operation-store.ts';

/** Who is who in Slack. Methods throw {@link DirectoryUnavailableError} where Slack does not say. */
export interface Directory {
  readonly workspace: SlackWorkspace;
  /** Read afresh unless `maxAgeMs` allows an older answer; undefined where Slack knows no such user. */
  profile(slackUserId: string, options?: { maxAgeMs: number }): Promise<SlackProfile | undefined>;
  /** The Slack user ID behind an e-mail address, may be some minutes old; undefined where unknown or not to be had. */
  findByEmail(email: string): Promise<string | undefined>;
}

export class DirectoryUnavailableError extends Error {
  override name = 'DirectoryUnavailableError';
}

/** A way to answer one person in one conversation with a message only they see. */
export type Route =
  | { kind: 'response_url'; url: Secret }
  | { kind: 'post_ephemeral'; channelId: string; slackUserId: string };

export type DeliveryAttempt =
  | { outcome: 'accepted' }
  /** Slack said no: the message did not arrive. `cause` is its error code. */
  | { outcome: 'rejected'; cause: string }
  /** Nobody can say: a time-out, a dropped connection, a 5xx, a redirect. */
  | { outcome: 'unknown'; cause: string };

/** Passes a new credential on: one attempt, never repeated by itself. */
export interface Delivery {
  deliverKey(issued: IssuedKey, route: Route): Promise<DeliveryAttempt>;
  deliverFederatedAccount(account: ServiceAccount, route: Route): Promise<DeliveryAttempt>;
}

/** Direct messages from the app. False where Slack did not take the message. */
export interface Notifications {
  /** `revokedKeyId`: the key that was cut off because nobody can say whether it arrived; undefined where none was sent. */
  offerCollection(
    collection: Collection,
    account: ServiceAccount,
    revokedKeyId: string | undefined,
  ): Promise<boolean>;
  announceFederatedAccount(account: ServiceAccount, slackUserId: string): Promise<boolean>;
  reportEnding(ending: OperationEnding): Promise<boolean>;
}

/** How something ended on the backend whose outcome a person did not hear, or heard to be unclear. */
export interface OperationEnding {
  kind: EndingKind;
  account: ServiceAccount;
  /** Who asked for it, and is told. */
  slackUserId: string;
  /** The team's page on the server; undefined where there is none. */
  link: string | undefined;
  /** Of the request that began it. */
  requestId: string | null;
}
