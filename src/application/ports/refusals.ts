import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';

/** Something that Keysmith refused. */
export interface RefusedAttempt {
  slackUserId: string;
  /** Undefined for a caller who couldn't be identified. */
  person: Person | undefined;
  action: AuditAction;
  reason: string;
  /** The organization by default. */
  subject: string | undefined;
  details: Readonly<Record<string, AuditDetail>>;
  requestId: string;
}

/**
 * Logs and audits refusals, in an amount that no caller chooses: the first of its kind at once, its repetitions as one event with
 * their number. A caller who couldn't be identified is only logged, so that strangers can't fill the audit record.
 */
export interface RefusalRecord {
  /** Returns at once and never throws: a refusal that can't be written now is written later. */
  note(attempt: RefusedAttempt): void;
  /** Writes the numbers of the windows that have ended, and what couldn't be written before. */
  flush(): Promise<void>;
  /** Writes everything. Call it before the database is closed. */
  stop(): Promise<void>;
}
