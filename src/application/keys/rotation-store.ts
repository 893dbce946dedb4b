import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { NewNotification } from '../ports/job-store.ts';
import type { LateUse, Rotation } from './rotation.ts';

/** The units of work about rotations. They start with `KeyStore.insertKey`. */
export interface RotationStore {
  rotation(rotationId: string): Promise<Rotation | undefined>;
  /** Lists the open rotations of an account, newest first. */
  openRotations(accountId: string): Promise<Rotation[]>;
  /**
   * Ends an open rotation whose old key has expired or was revoked, or revokes the old key first.
   *
   * @returns false if it isn't open, its new key isn't delivered, or the old key still works and isn't to be revoked
   */
  finishRotation(finished: {
    rotationId: string;
    revokesOldKey: boolean;
    /** Undefined if Keysmith ends it. */
    by: Person | undefined;
    nowMs: number;
    auditEvent: AuditEvent;
  }): Promise<boolean>;
  /**
   * Moves the end of an open rotation, never beyond its `latestEndMs`, nor to an earlier time. Returns when the old key expires now; nothing was
   * changed if it expired at another time than `fromMs` before.
   */
  extendRotation(extended: {
    rotationId: string;
    fromMs: number;
    byMs: number;
    nowMs: number;
    auditEvent: AuditEvent;
  }): Promise<number | undefined>;
  /** Records that people are asked about the old key, once. */
  askAboutOldKey(asked: {
    rotationId: string;
    nowMs: number;
    /** One for the contact, or for each admin if the contact has left. */
    notifications: readonly NewNotification[];
  }): Promise<boolean>;
  /** Changes the cards of a rotation to its state now. */
  refreshRotation(rotationId: string, nowMs: number): Promise<void>;
  /** Queues the notification about a use of an old key after its rotation, once for each rotation. */
  queueLateUse(use: LateUse): Promise<string[]>;
}
