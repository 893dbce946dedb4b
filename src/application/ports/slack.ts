import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { SlackProfile, SlackWorkspace } from '../../domain/organization/person.ts';
import type { IssuedKey } from './backend.ts';
import type { DueNotification } from './notifications.ts';

/** Slack's users. Methods throw {@link DirectoryUnavailableError} when Slack doesn't return them. */
export interface Directory {
  readonly workspace: SlackWorkspace;
  /** Reads a profile from Slack unless `maxAgeMs` allows a cached one. Returns undefined for an unknown user. */
  profile(slackUserId: string, options?: { maxAgeMs: number }): Promise<SlackProfile | undefined>;
  /** Returns the user ID of an email address, possibly some minutes old; undefined when unknown. */
  findByEmail(email: string): Promise<string | undefined>;
}

export class DirectoryUnavailableError extends Error {
  override name = 'DirectoryUnavailableError';
  readonly failure: SlackFailure;

  constructor(message: string, options: { cause?: unknown; failure?: SlackFailure } = {}) {
    super(message, options);
    this.failure = options.failure ?? { reason: 'slack_unavailable' };
  }
}

/** Why a call to Slack failed. */
export type SlackFailure =
  // The next attempt may succeed. `unexpected_response`: something else responded, such as a proxy.
  | { reason: 'timeout' | 'connection_lost' | 'slack_unavailable' | 'unexpected_response' }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  // Every attempt fails until someone changes something. `not_allowed`: a rule of the workspace. `request_rejected`: Keysmith
  // calls Slack in a way that Slack no longer supports. `code` is Slack's.
  | { reason: 'token_rejected' | 'not_allowed' | 'request_rejected'; code: string }
  | { reason: 'scope_missing' };

/** How to send one person an ephemeral message in one conversation. */
export type Route =
  | { kind: 'response_url'; url: Secret }
  | { kind: 'post_ephemeral'; channelId: string; slackUserId: string };

export type DeliveryAttempt = { outcome: 'accepted' } | FailedDelivery;

/**
 * `rejected`: Slack refused the message, which didn't arrive. `unknown`: it may have arrived (a timeout, a dropped connection,
 * a 5xx, a redirect). `cause` is Slack's error code or the transport's, for the record; `failure` is for the person.
 */
export interface FailedDelivery {
  outcome: 'rejected' | 'unknown';
  cause: string;
  failure: DeliveryFailure;
}

/** Why a message with a credential didn't arrive, or may not have. */
export type DeliveryFailure = TemporaryDeliveryFailure | PermanentDeliveryFailure;

/** The next attempt may succeed. */
type TemporaryDeliveryFailure =
  | { reason: 'timeout' }
  | { reason: 'connection_lost' }
  /** A 5xx, or one of Slack's error codes for an internal error. */
  | { reason: 'slack_unavailable' }
  | { reason: 'rate_limited'; retryAfterSeconds?: number }
  /** Slack accepted the message after the delivery's lease, when the key was already revoked. */
  | { reason: 'confirmed_too_late' };

/** Every attempt fails until someone changes something. */
type PermanentDeliveryFailure =
  | { reason: 'app_not_in_conversation'; channelId: string }
  | { reason: 'person_not_in_conversation'; channelId: string }
  | { reason: 'conversation_archived'; channelId: string }
  | { reason: 'response_url_expired' }
  /** Slack accepts five messages at a response URL. */
  | { reason: 'response_url_used_up' }
  /** The token, its scopes, or a rule of the workspace. */
  | { reason: 'app_not_permitted' }
  | { reason: 'message_rejected' }
  /** A redirect, or a response that Slack doesn't send: something else responded. */
  | { reason: 'unexpected_response' }
  /** A bug: the attempt ended with an exception. */
  | { reason: 'internal_error' };

/** Sends new credentials, in a single attempt each. */
export interface Delivery {
  deliverKey(issued: IssuedKey, route: Route): Promise<DeliveryAttempt>;
  deliverFederatedAccount(account: ServiceAccount, route: Route): Promise<DeliveryAttempt>;
}

/** Whether the app is still installed in the workspace. */
export interface Installation {
  /** Returns whether Slack rejected the bot token the last time, as after the app was uninstalled. */
  isUninstalled(): boolean;
  /** Returns whether messages have to wait. False again some minutes after the last rejection, so that one can try. */
  isPaused(): boolean;
  /** Notes the error of a call to Slack. Any other than a rejected token has no effect. */
  noteFailure(error: unknown): void;
  noteSuccess(): void;
  /** Asks Slack whether it accepts the token. Throws if Slack doesn't say. */
  check(): Promise<void>;
}

/** Sends direct messages from the app. Methods return false when Slack didn't accept the message. */
export interface Notifications {
  send(slackUserId: string, notification: DueNotification): Promise<boolean>;
}
