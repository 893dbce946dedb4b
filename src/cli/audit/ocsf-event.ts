import { currentAction } from '../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditRecord } from '../../domain/audit/audit-event.ts';
import { auditSentence, plainWords } from '../../slack/messages/audit/audit-sentence.ts';

/** Of the Open Cybersecurity Schema Framework (schema.ocsf.io). Its later versions still have everything used here. */
export const OCSF_VERSION = '1.1.0';

/** Category Identity & Access Management, class Entity Management. */
const CATEGORY_UID = 3;
const CLASS_UID = 3004;
const ACTIVITIES = { Create: 1, Read: 2, Update: 3, Delete: 4, Other: 99 } as const;
type Activity = keyof typeof ACTIVITIES;

/** By the verb of the action. A refusal has the activity that was refused. */
const VERBS: Record<string, Activity> = {
  created: 'Create',
  added: 'Create',
  adopted: 'Create',
  create: 'Create',
  adopt: 'Create',
  list: 'Read',
  read: 'Read',
  check: 'Read',
  changed: 'Update',
  replaced: 'Update',
  renamed: 'Update',
  edited: 'Update',
  archived: 'Update',
  restored: 'Update',
  rename: 'Update',
  edit: 'Update',
  removed: 'Delete',
  deleted: 'Delete',
  revoked: 'Delete',
  retired: 'Delete',
  revoke: 'Delete',
};

/** Returns an event as one object in OCSF's form, with all that the chain covers under `unmapped`. */
export function ocsfEvent(record: AuditRecord, organization: { id: string; name: string }) {
  const { sequence, atMs, actor, action, subject, details, requestId, previousHash, hash } = record;
  const isRefused = action.endsWith('_refused');
  const verb = action.slice(action.indexOf('.') + 1).replace(/_refused$/, '');
  const activity = (Object.hasOwn(VERBS, verb) && VERBS[verb]) || 'Other';
  const hasFailed = isRefused || /_(failed|unknown|abandoned)$/.test(action);
  return {
    activity_id: ACTIVITIES[activity],
    activity_name: activity === 'Other' ? currentAction(action) : activity,
    actor: ocsfActor(actor),
    category_uid: CATEGORY_UID,
    category_name: 'Identity & Access Management',
    class_uid: CLASS_UID,
    class_name: 'Entity Management',
    type_uid: CLASS_UID * 100 + ACTIVITIES[activity],
    entity: ocsfEntity(subject, details),
    message: auditSentence(record, plainWords),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Keysmith', vendor_name: 'Keysmith' },
      uid: `${organization.id}:${sequence}`,
      event_code: currentAction(action),
      tenant_uid: organization.id,
      ...(requestId !== null && { correlation_uid: requestId }),
    },
    severity_id: hasFailed ? 2 : 1,
    severity: hasFailed ? 'Low' : 'Informational',
    status_id: hasFailed ? 2 : 1,
    status: hasFailed ? 'Failure' : 'Success',
    ...(typeof details.reason === 'string' && { status_detail: details.reason }),
    time: atMs,
    unmapped: {
      organization: organization.name,
      organizationId: organization.id,
      sequence,
      atMs,
      actor,
      action,
      subject,
      details,
      requestId,
      previousHash,
      hash,
    },
  };
}

function ocsfActor(actor: AuditActor) {
  // User types of OCSF: 1 is a user, 3 the system.
  if (actor.type === 'system') return { user: { name: actor.name, type_id: 3 } };
  const email = actor.type === 'person' ? { email_addr: actor.email, name: actor.email } : {};
  return { user: { uid: actor.slackUserId, type_id: 1, ...email } };
}

function ocsfEntity(subject: string, { name }: AuditRecord['details']) {
  const at = subject.indexOf(':');
  return {
    type: subject.slice(0, at),
    uid: subject.slice(at + 1),
    ...(typeof name === 'string' && { name }),
  };
}
