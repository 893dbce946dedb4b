import type { AuditEvent } from './audit-event.ts';

/** The most teams, accounts and requests by which one event is found. */
const MAX_SUBJECTS = 20;
const KINDS = ['team:', 'service_account:', 'access_request:'];

/**
 * Returns what an event is about, as `team:NAME`, `service_account:ID` and `access_request:ID`. The admins of these teams see it;
 * any other event only concerns the organization.
 */
export function auditSubjects({ subject, details }: Pick<AuditEvent, 'subject' | 'details'>): string[] {
  const { team, targets } = details;
  const all = [
    subject,
    ...(typeof team === 'string' ? [`team:${team}`] : []),
    ...(Array.isArray(targets) ? targets : []),
  ];
  const named = all.filter((one): one is string => KINDS.some((kind) => String(one).startsWith(kind)));
  return [...new Set(named)].slice(0, MAX_SUBJECTS);
}
