import type { AuditRecord } from '../../domain/audit/audit-event.ts';

/** A part of the record, newest first. */
export interface AuditPage {
  /** As `auditSubjects` returns them; the events about any of these. Undefined for all events of the organization. */
  subjects: readonly string[] | undefined;
  /** Only events with a lower sequence number. */
  before: number | undefined;
  /** Only events with this sequence number or a higher one. */
  from: number | undefined;
  limit: number;
}

/** The end of the chain. */
export interface AuditHead {
  sequence: number;
  hash: string;
}

/** The head at the time when the card is posted. */
export interface AuditHeadCard extends AuditHead {
  card: 'audit_head';
}

/** Reads the audit record. Every method may throw `StoreUnavailableError`. */
export interface AuditStore {
  /** Takes about as long for a record of millions of events as for one of a hundred. */
  auditPage(page: AuditPage): Promise<AuditRecord[]>;
  /**
   * Returns the sequence number of the event with the earliest time that isn't before this one. Undefined if all events are older.
   * Where the clock was set back, some later events have earlier times.
   */
  firstAuditSequence(sinceMs: number): Promise<number | undefined>;
  /** Returns the events after this sequence number, oldest first. */
  auditRecordsAfter(sequence: number, limit: number): Promise<AuditRecord[]>;
  /** Returns undefined for an empty record. */
  auditHead(): Promise<AuditHead | undefined>;
  /** Queues the job that logs the head, unless it is queued. */
  startAuditHeads(nowMs: number): Promise<void>;
  /** Queues the card with the head of a day (`2026-11-30`) in a channel. Returns false if it was posted. */
  postAuditHead(head: { day: string; channelId: string; nowMs: number }): Promise<boolean>;
  /** Lists the accounts of this name that exist or existed, with their teams. */
  accountsEverNamed(name: string): Promise<{ id: string; teamName: string }[]>;
}
