import type { AuditHeadCard } from '../../../application/audit/audit-store.ts';
import { code, type Message, notice } from '../blocks.ts';

/** Returns the daily message with the head of the audit record, which nobody can change together with the database. */
export function auditHeadMessage({ sequence, hash }: AuditHeadCard): Message {
  const count = sequence.toLocaleString('en');
  return notice(
    `:link: The audit record has ${count} entries. Its head is ${code(hash)}. If entry ${count} has another hash later, the record was changed.`,
  );
}
