import type { TeamChanges } from '../../domain/accounts/outside-change.ts';
import type { AdminProblem } from '../../domain/accounts/reconciliation.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { NoticeDays } from '../../domain/care/expiry-notice.ts';
import type { Rotation } from '../keys/rotation.ts';
import type { LeakOutcome } from '../leaks/leak-store.ts';
import type { AccessRequest } from '../requests/access-request.ts';
import type { InterruptedRuns } from './gateway.ts';
import type { UpstreamRejection } from './upstream-store.ts';

/** Who is notified. An email address is looked up in Slack when the message is sent. */
export type Recipient = { slackUserId: string } | { email: string };

/**
 * What a person is notified of. Holds only what the database doesn't: the handler reads the rest when it sends the message,
 * so that the message tells the state of that moment.
 */
type NotificationMessage = AccountMessage | UpstreamMessage | TeamChangesMessage | RequestMessage;

/** About an account. */
export type AccountMessage =
  /** The request that created the federated account didn't send its setup instructions. */
  | { message: 'federated_account_created'; accountId: string }
  /** The W&B server has the account, which was created without a key, and the request didn't notify the person. */
  | { message: 'account_without_key_created'; accountId: string; serverAccountId: string }
  /** The W&B server didn't create the account, and the request didn't notify the person. */
  | { message: 'account_not_created'; accountId: string; cause: string }
  /** A key can be collected. `keyId`: the one that was revoked because its delivery failed; null when none was sent. */
  | { message: 'key_collectable'; accountId: string; collectionId: string; keyId: string | null }
  /** An admin has to act on the W&B server. */
  | { message: 'server_account_problem'; accountId: string; serverAccountId: string; problem: AdminProblem }
  /** The request that revoked the account didn't notify the person. */
  | { message: 'account_revoked'; accountId: string; runs?: InterruptedRuns }
  /** For the account's contact: someone else revoked the account while it was writing runs. */
  | { message: 'runs_interrupted'; accountId: string; runs: InterruptedRuns; revokedBy: string }
  /** For the account's new contact: someone else chose them. */
  | { message: 'contact_assigned'; accountId: string; assignedBy: string }
  /** For the account's contact: the old key of a rotation is still used, and its time is nearly over. */
  | { message: 'rotation_ending'; accountId: string; rotationId: string }
  /** For the account's contact: the old key of a finished rotation was used. `use`: the last one. */
  | {
      message: 'old_key_used';
      accountId: string;
      rotationId: string;
      use: { atMs: number; address: string | null; userAgent: string | null };
    }
  /** For the account's contact: someone else revoked a key. */
  | { message: 'key_revoked'; accountId: string; keyId: string; keyName: string; revokedBy: string }
  /**
   * A key was revoked because Slack didn't confirm it, or none was created (null), and another one can't be collected. `collectionId`:
   * of the collection that is over, if it is known.
   */
  | {
      message: 'key_not_collectable';
      accountId: string;
      keyId: string | null;
      collectionId?: string | undefined;
    }
  /** For the admins of the team and the contact: the review of an adopted account is due. */
  | { message: 'review_due'; accountId: string }
  /** For the contact, or the admins of the team: a key expires soon. */
  | { message: 'key_expiring'; accountId: string; keyId: string; daysBefore: NoticeDays }
  /** For the contact and the admins of the team: someone found a key in a Slack message. `channelId`: its conversation. */
  | {
      message: 'key_reported';
      accountId: string;
      keyId: string;
      reportedBy: string;
      channelId?: string;
      messageUrl?: string;
    }
  /** For the contact and the admins of the team: a key was found in public. `place`: as `leakPlace` returns it. */
  | {
      message: 'key_leaked';
      accountId: string;
      keyId: string;
      keyName: string;
      place: string;
      outcome: LeakOutcome;
    }
  /** For the admins of the team: the native keys of a deleted account may still work. */
  | { message: 'keys_to_delete'; accountId: string; serverAccountId: string };

/** For the person who made a request: what became of it. */
export interface RequestMessage {
  message: 'request_changed';
  accessRequestId: string;
  change:
    | 'reminded'
    /** By one person, and another one has to approve or confirm it too. */
    | 'approved_once'
    | 'approved'
    | 'confirmed'
    | 'denied'
    | 'lapsed'
    | 'not_collected';
}

/** For the admins of a team: what others changed there on the W&B server, recorded in the day from `sinceMs`. */
type TeamChangesMessage = { message: 'team_changes'; teamName: string; sinceMs: number };

/** For the admins of the organization: W&B rejects the credential with which Keysmith forwards requests to a team. */
type UpstreamMessage = { message: 'upstream_rejected' } & (
  | { kind: 'team_key'; teamName: string }
  /** About every team whose identity token W&B rejects when the message is sent: they often have one cause. */
  | { kind: 'access_token' }
);

/** What people are reminded of at a time. Whom it concerns is found out when it is due. */
export type Reminder =
  | TeamChangesMessage
  | Extract<AccountMessage, { message: 'review_due' | 'keys_to_delete' | 'key_reported' | 'key_leaked' }>;

/** A notification as it is stored. Contains no secret. */
export type NotificationPayload = NotificationMessage & {
  to: Recipient;
  /** The ID of the request that had the effect; null without one. */
  requestId: string | null;
};

/** A notification with what its text needs. */
export type DueNotification =
  | DueAccountNotification
  | DueUpstreamNotification
  | DueTeamChanges
  | DueRequestNotification;
/** What a collection is for: a key of an account that the person requested, or one that replaces another. */
export interface CollectionOrigin {
  accessRequestId?: string | undefined;
  rotationId?: string | undefined;
}
export type DueAccountNotification = AccountMessage & {
  account: ServiceAccount;
  requestId: string | null;
  /** The team's page on the W&B server, if there is one. */
  link: string | undefined;
} & (
    | {
        message: 'key_collectable';
        collection: CollectionOrigin & { id: string; expiresAtMs: number };
      }
    | { message: 'key_not_collectable'; collection: CollectionOrigin | undefined }
    | { message: RotationMessage; rotation: Rotation }
    /** `serverName`: the account's name on the W&B server. */
    | { message: ServerMessage; serverName: string }
    | { message: 'key_expiring'; keyName: string; expiresAtMs: number }
    | {
        message: Exclude<
          AccountMessage['message'],
          'key_collectable' | 'key_not_collectable' | 'key_expiring' | ServerMessage | RotationMessage
        >;
      }
  );
type RotationMessage = 'rotation_ending' | 'old_key_used';
type ServerMessage = 'server_account_problem' | 'account_without_key_created' | 'keys_to_delete';
export type DueRequestNotification = RequestMessage & {
  request: AccessRequest;
  /** The key that the requester can collect now. */
  collection: { id: string; expiresAtMs: number } | undefined;
  isAccountActive: boolean;
  /** The team's page on the W&B server, if there is one. */
  link: string | undefined;
};
export type DueTeamChanges = TeamChangesMessage & TeamChanges & { link: string | undefined };
export type DueUpstreamNotification = Pick<UpstreamMessage, 'message' | 'kind'> & {
  /** One for a team key. */
  teams: readonly [RejectedTeam, ...RejectedTeam[]];
};

type RejectedTeam = Pick<UpstreamRejection, 'teamName' | 'sinceMs'>;

/** Returns the subject under which a notification is stored: while one is pending, the same one isn't queued again. */
export function notificationSubject(payload: NotificationPayload): string {
  const { to } = payload;
  const recipient = 'email' in to ? to.email : to.slackUserId;
  return `${payload.message}:${aboutOf(payload)}:${recipient}`;
}

export function reminderSubject(reminder: Reminder): string {
  return `${reminder.message}:${aboutOf(reminder)}`;
}

function aboutOf(message: NotificationMessage): string {
  switch (message.message) {
    case 'upstream_rejected':
      return message.kind === 'team_key' ? `${message.kind}:${message.teamName}` : message.kind;
    case 'team_changes':
      return `${message.teamName}:${message.sinceMs}`;
    case 'request_changed':
      return `${message.accessRequestId}:${message.change}`;
    case 'keys_to_delete':
      return message.serverAccountId;
    case 'rotation_ending':
    case 'old_key_used':
      return message.rotationId;
    case 'key_leaked':
      return `${message.keyId}:${message.place}`;
    case 'key_reported':
      return message.keyId;
    case 'key_revoked':
    case 'key_not_collectable':
      return `${message.accountId}:${message.keyId ?? 'none'}`;
    case 'key_collectable':
      return `${message.collectionId}:${message.keyId ?? 'none'}`;
    case 'key_expiring':
      return `${message.keyId}:${message.daysBefore}`;
    case 'server_account_problem':
      return `${message.serverAccountId}:${message.problem}`;
    default:
      return message.accountId;
  }
}
