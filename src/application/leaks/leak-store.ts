import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';

/** What happened to a key that was found in public. */
export type LeakOutcome = 'revoked' | 'notified';

export interface ReportedKey {
  keyId: string;
  /** As `leakPlace` returns it. */
  place: string;
  nowMs: number;
  eventOf(reported: { account: ServiceAccount; keyName: string; outcome: LeakOutcome }): AuditEvent;
}

export interface LeakStore {
  /**
   * Revokes a key that was found in public, or only records it, as the policy of its team says, and queues the message to those whom
   * it concerns. Returns `nothing` if the key doesn't work anymore, or is left active and was reported at this place, or at many, before.
   * Works on a full disk.
   */
  recordLeak(key: ReportedKey): Promise<LeakOutcome | 'nothing'>;
}
