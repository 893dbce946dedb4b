import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditAction, RecordedAction } from './audit-actions.ts';

export type AuditActor =
  | { type: 'person'; slackUserId: string; email: string }
  /** A Slack user whom Keysmith couldn't identify. Only old records have this actor: such callers are now counted instead. */
  | { type: 'slack_user'; slackUserId: string }
  | { type: 'system'; name: string };

export type AuditDetail = string | number | boolean | null | readonly string[];

/** Something that happened. `details` never contain a secret. */
export interface AuditEvent {
  atMs: number;
  actor: AuditActor;
  action: AuditAction;
  /** The affected object, such as `service_account:sa_…` or `team:ml-platform`. */
  subject: string;
  details: Readonly<Record<string, AuditDetail>>;
  requestId: string | null;
}

/** An event as stored, which may have the action name of an earlier version. */
interface RecordedEvent extends Omit<AuditEvent, 'action'> {
  action: RecordedAction;
}

/** An event linked to an organization's chain. */
export interface AuditRecord extends RecordedEvent {
  /** Starts at 1 and has no gaps. */
  sequence: number;
  previousHash: string;
  hash: string;
}

/** The `previousHash` of a chain's first record. */
export const AUDIT_CHAIN_START = '0'.repeat(64);

/**
 * Links an event to the chain. `hash` is the hexadecimal HMAC-SHA-256 of the record's canonical JSON (RFC 8785) under the
 * audit key, so someone who can edit the database but doesn't have the key can't forge the chain.
 *
 * @param previous the last record of the chain; undefined for the first event
 */
export function chainAuditEvent(
  event: RecordedEvent,
  previous: { sequence: number; hash: string } | undefined,
  organizationId: string,
  auditKey: KeyObject,
): AuditRecord {
  const { atMs, actor, action, subject, details, requestId } = wellFormed(event) as RecordedEvent;
  const sequence = (previous?.sequence ?? 0) + 1;
  const previousHash = previous?.hash ?? AUDIT_CHAIN_START;
  const unsigned = {
    sequence,
    atMs,
    actor,
    action,
    subject,
    details,
    requestId,
    previousHash,
  };
  const canonical = canonicalize({ ...unsigned, organizationId });
  const hash = createHmac('sha256', auditKey).update(String(canonical), 'utf8').digest('hex');
  return { ...unsigned, hash };
}

/** Replaces lone surrogates, which RFC 8785 and UTF-8 can't encode and Slack input may contain, with U+FFFD. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, wellFormed(entry)]));
}

export type ChainVerdict =
  | { intact: true; records: number; head: string }
  | {
      intact: false;
      brokenAt: number;
      reason: 'sequence' | 'previous_hash' | 'hash';
    };

/** Checks a chain record by record, oldest first, so that it needn't be in memory. */
export interface ChainVerifier {
  /** Returns undefined while the chain is intact, and the first broken record from then on. */
  next(record: AuditRecord): Extract<ChainVerdict, { intact: false }> | undefined;
  verdict(): ChainVerdict;
}

export function createChainVerifier(organizationId: string, auditKey: Uint8Array): ChainVerifier {
  const key = createSecretKey(auditKey);
  let previous: AuditRecord | undefined;
  let broken: Extract<ChainVerdict, { intact: false }> | undefined;
  return {
    next(record) {
      broken ??= brokenLink(record, chainAuditEvent(record, previous, organizationId, key));
      if (broken === undefined) previous = record;
      return broken;
    },
    verdict: () =>
      broken ?? { intact: true, records: previous?.sequence ?? 0, head: previous?.hash ?? AUDIT_CHAIN_START },
  };
}

function brokenLink(
  { sequence, previousHash, hash }: AuditRecord,
  expected: AuditRecord,
): Extract<ChainVerdict, { intact: false }> | undefined {
  if (sequence !== expected.sequence)
    return { intact: false, brokenAt: expected.sequence, reason: 'sequence' };
  if (previousHash !== expected.previousHash) {
    return { intact: false, brokenAt: sequence, reason: 'previous_hash' };
  }
  return hash === expected.hash ? undefined : { intact: false, brokenAt: sequence, reason: 'hash' };
}

/**
 * Checks a whole chain, oldest record first, against its own hashes. It can't detect that the newest records were removed:
 * compare `head` with the one that was logged.
 */
export function verifyAuditChain(
  records: Iterable<AuditRecord>,
  organizationId: string,
  auditKey: Uint8Array,
): ChainVerdict {
  const verifier = createChainVerifier(organizationId, auditKey);
  for (const record of records) if (verifier.next(record) !== undefined) break;
  return verifier.verdict();
}
