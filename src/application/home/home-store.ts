import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { EffectivePolicy } from '../../domain/organization/policy.ts';
import type { AccessRequest } from '../requests/access-request.ts';
import type { DirectMessageKind } from './direct-messages.ts';

/** What the Home tab of one person is about. */
export interface HomeScope {
  email: string;
  slackUserId: string;
  /** The names of the teams that the person administers, or all teams. */
  administered: readonly string[] | 'all';
  /** The names of the teams whose accounts the person may see. */
  visible: readonly string[] | 'all';
}

/** The first items, and how many there are: at most one more than {@link COUNTED_ITEMS}, which means more than that. */
export interface Few<Item> {
  items: Item[];
  total: number;
}

export const COUNTED_ITEMS = 100;

/** How many items of each list the Home tab shows. */
export const SHOWN_ITEMS = 5;

interface AccountOnHome {
  accountId: string;
  name: string;
  teamName: string;
  scope: ServiceAccount['scope'];
}

export interface KeyOnHome extends AccountOnHome {
  keyId: string;
  keyName: string;
}

/**
 * What needs the care of a person: of the teams that they administer, and of the accounts whose contact they are and that they may see.
 * Only organization admins look after accounts for all teams.
 */
export interface HomeCare {
  /** Keys that expire soon and aren't being replaced, the first to expire first. */
  expiring: Few<KeyOnHome & { expiresAtMs: number }>;
  /** Rotations in progress, the first to end first. `keyId`: of the old key. */
  rotations: Few<KeyOnHome & { rotationId: string; overlapUntilMs: number }>;
  /** Accounts whose contact left, the oldest first. */
  unowned: Few<AccountOnHome & { sinceMs: number }>;
  /** Keys that Keysmith verifies and that nobody uses. Of many accounts, only keys of those that are unused as a whole. */
  unused: Few<KeyOnHome & { lastUsedAtMs: number | undefined }>;
  /** Requests that the person may decide now, the oldest first. */
  requests: Few<RequestOnHome>;
  /** The person's own requests that wait for a decision, the oldest first. */
  ownRequests: Few<RequestOnHome>;
}

/** `policy`: of its team. */
export interface RequestOnHome {
  request: AccessRequest;
  policy: EffectivePolicy;
}

/** What the Home tab reads and stores. */
export interface HomeStore {
  /** `expiresBeforeMs`: which keys expire soon. Each list has at most `limit` items. */
  homeCare(
    scope: HomeScope,
    options: { nowMs: number; expiresBeforeMs: number; limit: number },
  ): Promise<HomeCare>;
  /** Records that the person has opened the Home tab, which is then published after their actions. */
  recordHomeOpened(slackUserId: string): Promise<void>;
  hasOpenedHome(slackUserId: string): Promise<boolean>;
  /** Returns the kinds of direct messages that the person doesn't want. */
  mutedMessages(slackUserId: string): Promise<DirectMessageKind[]>;
  /** Returns false, and writes nothing, if nothing changes. */
  muteMessages(
    slackUserId: string,
    muted: readonly DirectMessageKind[],
    auditEvent: AuditEvent,
  ): Promise<boolean>;
}
