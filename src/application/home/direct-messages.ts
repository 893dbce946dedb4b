import type { DueNotification } from '../ports/notifications.ts';

/** The kinds of direct messages that a person can turn off. Stored: add kinds, never change one. */
export const DIRECT_MESSAGE_KINDS = ['expiry', 'near_match', 'review', 'team_changes'] as const;
export type DirectMessageKind = (typeof DIRECT_MESSAGE_KINDS)[number];

export function isDirectMessageKind(kind: string): kind is DirectMessageKind {
  return (DIRECT_MESSAGE_KINDS as readonly string[]).includes(kind);
}

/**
 * The kinds of messages. Every other message is always sent: it is about what the person did themselves, a decision that waits for
 * them, or a credential in danger.
 */
const KINDS: Partial<Record<DueNotification['message'], DirectMessageKind>> = {
  key_expiring: 'expiry',
  review_due: 'review',
  team_changes: 'team_changes',
};

/** Returns undefined for a message that can't be turned off. */
export function kindOfMessage(message: DueNotification['message']): DirectMessageKind | undefined {
  return KINDS[message];
}
