import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';

/** A key that someone found in a message. */
export interface KeyReport {
  keyId: string;
  reportedBy: string;
  /** The conversation. */
  channelId: string | undefined;
  /** The link to the message, if it is known. */
  messageUrl: string | undefined;
  nowMs: number;
  eventOf(account: ServiceAccount): AuditEvent;
}

export interface KeyReportStore {
  /**
   * Records a report and queues the message to the key's contact and the admins of its team, once a day for each key. Returns `nothing`
   * for a key that doesn't work anymore.
   */
  recordKeyReport(report: KeyReport): Promise<'recorded' | 'repeated' | 'nothing'>;
}
