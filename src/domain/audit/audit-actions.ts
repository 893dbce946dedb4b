/** The names that new events are written with, as `noun.verb`. Programs read them: add names, never change one. */
export const AUDIT_ACTIONS = [
  'organization.created',
  'organization.changed',
  'organization_admin.added',
  'organization_admin.removed',
  'issuer.added',
  'issuer.changed',
  'issuer.removed',
  'team.created',
  'team.changed',
  'team.moved',
  'team.edit_refused',
  'team.archived',
  'team.restored',
  'team_member.added',
  'team_member.changed',
  'team_member.removed',
  'service_account.created',
  'service_account.create_refused',
  'service_account.creation_started',
  'service_account.creation_abandoned',
  'service_account.creation_failed',
  'service_account.creation_unknown',
  'service_account.deletion_started',
  'service_account.deletion_failed',
  'service_account.reconciliation_stalled',
  'service_account.appeared_late',
  'service_account.revoked',
  'service_account.revoke_refused',
  'service_account.edited',
  'service_account.edit_refused',
  'service_account.list_refused',
  'service_account.subject_changed',
  'service_account.unowned',
  'service_account.owned_again',
  'service_account.taken_over',
  'service_account.take_over_refused',
  'service_account.subject_ignored',
  'service_account.subject_refused',
  'service_account.show_refused',
  'server_account.deleted',
  'server_account.needs_admin',
  'server_account.keys_deleted',
  'server_account.confirm_refused',
  'service_account.adopted',
  'service_account.adopt_refused',
  'outside_change.recorded',
  'outside_change.limit_reached',
  'api_key.created',
  'api_key.delivered',
  'api_key.delivery_failed',
  'api_key.collection_started',
  'api_key.collection_refused',
  'api_key.stored',
  'api_key.create_refused',
  'api_key.renamed',
  'api_key.rename_refused',
  'api_key.revoked',
  'api_key.revoke_refused',
  'api_key.rotation_started',
  'api_key.rotation_extended',
  'api_key.rotation_finished',
  'api_key.rotate_refused',
  'access_request.opened',
  'access_request.granted',
  'access_request.approval_recorded',
  'access_request.approved',
  'access_request.confirmed',
  'access_request.denied',
  'access_request.withdrawn',
  'access_request.reminded',
  'access_request.lapsed',
  'access_request.open_refused',
  'access_request.decide_refused',
  'api_key.expiry_accepted',
  'api_key.kept',
  'api_key.keep_refused',
  'api_key.expiry_refused',
  'interaction.refused',
  'person.messages_chosen',
  'api_key.reported',
  'api_key.report_refused',
  'api_key.leak_reported',
  'interaction.refused',
  'jwt.check_refused',
  'audit.read_refused',
  'signing_key.created',
  'signing_key.retired',
  'upstream_credential.added',
  'upstream_credential.replaced',
  'upstream_credential.removed',
  'upstream_credential.rejected',
  'upstream_credential.recovered',
] as const;

/** A name that a new event may have. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/**
 * Names that earlier versions wrote, with the current name of each. Stored events keep the old name, which their hash
 * covers; only what people read is translated.
 */
export const RENAMED_ACTIONS = {
  'service_account.creation_unclear': 'service_account.creation_unknown',
  'service_account.removal_started': 'service_account.deletion_started',
  'service_account.removal_failed': 'service_account.deletion_failed',
  'service_account.settlement_stalled': 'service_account.reconciliation_stalled',
} as const satisfies Record<string, AuditAction>;

/** A name that a stored event may have: a current one, or one of an earlier version. */
export type RecordedAction = AuditAction | keyof typeof RENAMED_ACTIONS;

/** Returns the current name of a stored action. Verify a chain with the stored names instead. */
export function currentAction(stored: RecordedAction): AuditAction {
  return isRenamed(stored) ? RENAMED_ACTIONS[stored] : stored;
}

function isRenamed(action: RecordedAction): action is keyof typeof RENAMED_ACTIONS {
  return Object.hasOwn(RENAMED_ACTIONS, action);
}
