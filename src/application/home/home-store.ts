import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { DirectMessageKind } from './direct-messages.ts';

/** What the Home tab of one person is about. */
export interface HomeScope {
  email: string;
  slackUserId: string;
  /** The names of the teams that the person administers, or all teams. */
  administered: readonly string[] | 'all';
}

/** The first items, and how many there are: at most one more than {@link COUNTED_ITEMS}, which means more than that. */
export interface Few<Item> {
  items: Item[];
  total: number;
}

export const COUNTED_ITEMS = 100;

export interface AccountOnHome {
  accountId: string;
  name: string;
  teamName: string;
}

export interface KeyOnHome extends AccountOnHome {
  keyId: string;
  keyName: string;
}

/** What needs the care of a person: of the teams that they administer, and of the accounts whose contact they are. */
export interface HomeCare {
  /** Keys that expire soon and aren't being replaced, the first to expire first. */
  expiring: Few<KeyOnHome & { expiresAtMs: number }>;
  /** Rotations in progress, the first to end first. `keyId`: of the old key. */
  rotations: Few<KeyOnHome & { rotationId: string; overlapUntilMs: number }>;
  /** Accounts whose contact left, the oldest first. */
  unowned: Few<AccountOnHome & { sinceMs: number }>;
  /** Keys that Keysmith verifies and that nobody uses. Not read for {@link HomeScope.administered} `all`. */
  unused: Few<KeyOnHome & { lastUsedAtMs: number | undefined }>;
  /** Requests that the person may decide now, the oldest first. */
  requests: Few<RequestOnHome>;
}

export interface RequestOnHome {
  requestId: string;
  teamName: string;
  name: string;
  slackUserId: string;
  createdAtMs: number;
}

/** What the Home tab reads and stores. */
export interface HomeStore {
  /** `expiresBeforeMs`: which keys expire soon. Each list has at most `limit` items. */
  homeCare(
    scope: HomeScope,
    options: { nowMs: number; expiresBeforeMs: number; limit: number },
  ): Promise<HomeCare>;
  /**
   * Finds accounts that haven't ended by a part of their name, those that begin with it first, in these active teams or in all.
   */
  accountsByPartOfName(
    teamNames: readonly string[] | 'all',
    options: { query: string; limit: number },
  ): Promise<AccountOnHome[]>;
  /** Returns the kinds of direct messages that the person doesn't want. */
  mutedMessages(slackUserId: string): Promise<DirectMessageKind[]>;
  /** Returns false, and writes nothing, if nothing changes. */
  muteMessages(
    slackUserId: string,
    muted: readonly DirectMessageKind[],
    auditEvent: AuditEvent,
  ): Promise<boolean>;
}
