import type { CardKind } from '../cards/card.ts';
import type { Backend } from '../ports/backend.ts';
import type { DueNotification } from '../ports/notifications.ts';

/** The kinds of direct messages that a person can turn off. Stored: add kinds, never change one. */
const DIRECT_MESSAGE_KINDS = [
  'expiry',
  'rotation',
  'unused',
  'unowned',
  'near_match',
  'review',
  'team_changes',
] as const;
export type DirectMessageKind = (typeof DIRECT_MESSAGE_KINDS)[number];

export function isDirectMessageKind(kind: string): kind is DirectMessageKind {
  return (DIRECT_MESSAGE_KINDS as readonly string[]).includes(kind);
}

const SENT: Record<Backend['administeredIn'], readonly DirectMessageKind[]> = {
  teams_file: ['expiry', 'rotation', 'unused', 'unowned', 'near_match'],
  // Keys and JWTs are the W&B server's.
  wandb: ['unowned', 'review', 'team_changes'],
};

/** Returns the kinds that Keysmith sends with this backend. */
export function sentKinds({ administeredIn }: Pick<Backend, 'administeredIn'>): readonly DirectMessageKind[] {
  return SENT[administeredIn];
}

type DirectMessage = DueNotification['message'] | CardKind;

/**
 * The kind of each notification and card. `always`: about what the person did themselves, a decision that waits for them, an account
 * they became responsible for, or a credential or workload in danger.
 */
const KINDS: Record<DirectMessage, DirectMessageKind | 'always'> = {
  key_expiring: 'expiry',
  rotation: 'rotation',
  unused_review: 'unused',
  unowned: 'unowned',
  near_match: 'near_match',
  review_due: 'review',
  team_changes: 'team_changes',
  access_request: 'always',
  account_not_created: 'always',
  account_revoked: 'always',
  account_without_key_created: 'always',
  audit_head: 'always',
  contact_assigned: 'always',
  federated_account_created: 'always',
  key_collectable: 'always',
  key_leaked: 'always',
  key_not_collectable: 'always',
  key_reported: 'always',
  key_revoked: 'always',
  keys_to_delete: 'always',
  old_key_used: 'always',
  request_changed: 'always',
  rotation_ending: 'always',
  runs_interrupted: 'always',
  server_account_problem: 'always',
  upstream_rejected: 'always',
};

interface MessageSettings {
  mutedMessages(slackUserId: string): Promise<DirectMessageKind[]>;
}

/** Returns whether the person turned this direct message off. */
export async function isMuted(
  settings: MessageSettings,
  slackUserId: string,
  message: DirectMessage,
): Promise<boolean> {
  const kind = KINDS[message];
  return kind !== 'always' && (await settings.mutedMessages(slackUserId)).includes(kind);
}
