import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Everything that Keysmith records, as `noun.verb`. */
export type AuditAction =
  | 'organization.created'
  | 'organization_admin.added'
  | 'organization_admin.removed'
  | 'issuer.added'
  | 'issuer.changed'
  | 'issuer.removed'
  | 'team.created'
  | 'team.changed'
  | 'team.archived'
  | 'team.restored'
  | 'team_member.added'
  | 'team_member.changed'
  | 'team_member.removed'
  | 'service_account.created'
  | 'service_account.create_refused'
  | 'service_account.creation_started'
  | 'service_account.creation_abandoned'
  | 'service_account.creation_failed'
  | 'service_account.creation_unclear'
  | 'service_account.removal_started'
  | 'service_account.removal_failed'
  | 'service_account.settlement_stalled'
  | 'service_account.appeared_late'
  | 'service_account.revoked'
  | 'service_account.revoke_refused'
  | 'service_account.list_refused'
  | 'api_key.created'
  | 'api_key.delivered'
  | 'api_key.delivery_failed'
  | 'api_key.collection_started'
  | 'api_key.collection_refused'
  | 'api_key.stored'
  | 'interaction.refused'
  | 'signing_key.created'
  | 'signing_key.retired';

export type AuditActor =
  | { type: 'person'; slackUserId: string; email: string }
  /** Somebody whom Keysmith can't or may not name. Such callers are only counted now; older records have them. */
  | { type: 'slack_user'; slackUserId: string }
  | { type: 'system'; name: string };

export type AuditDetail = string | number | boolean | null | readonly string[];

/** One thing that happened. `details` never hold a secret. */
export interface AuditEvent {
  atMs: number;
  actor: AuditActor;
  action: AuditAction;
  /** What it happened to: `service_account:sa_…`, `team:ml-platform`. */
  subject: string;
  details: Readonly<Record<string, AuditDetail>>;
  requestId: string | null;
}

/** An event as it stands in an organization's chain. */
export interface AuditRecord extends AuditEvent {
  /** 1, 2, 3 … without a gap. */
  sequence: number;
  previousHash: string;
  hash: string;
}

/** What the first record of a chain names as its predecessor. */
export const AUDIT_CHAIN_START = '0'.repeat(64);

/**
 * Links an event to the chain: HMAC-SHA-256 under the audit key over the canonical JSON (RFC 8785) of the record, so that
 * who can edit the database can't forge the chain without the key. Hexadecimal.
 */
export function chainAuditEvent(
  event: AuditEvent,
  previous: { sequence: number; hash: string } | undefined,
  organizationId: string,
  auditKey: Uint8Array,
): AuditRecord {
  const { atMs, actor, action, subject, details, requestId } = wellFormed(event) as AuditEvent;
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

/** RFC 8785 and UTF-8 know no lone surrogates, but what people send may hold them: U+FFFD takes their place. */
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

/** Holds a whole chain, oldest first, against its own hashes. */
export function verifyAuditChain(
  records: Iterable<AuditRecord>,
  organizationId: string,
  auditKey: Uint8Array,
): ChainVerdict {
  let previous: AuditRecord | undefined;
  for (const record of records) {
    const expected = chainAuditEvent(record, previous, organizationId, auditKey);
    if (record.sequence !== expected.sequence)
      return { intact: false, brokenAt: expected.sequence, reason: 'sequence' };
    if (record.previousHash !== expected.previousHash)
      return {
        intact: false,
        brokenAt: record.sequence,
        reason: 'previous_hash',
      };
    if (record.hash !== expected.hash) return { intact: false, brokenAt: record.sequence, reason: 'hash' };
    previous = record;
  }
  return {
    intact: true,
    records: previous?.sequence ?? 0,
    head: previous?.hash ?? AUDIT_CHAIN_START,
  };
}
