import type { AuditStore } from '../../application/audit/audit-store.ts';
import { cardSubject } from '../../application/cards/card.ts';
import { readPostedCard, scheduleCards } from '../cards/cards.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob } from '../jobs/job-scheduling.ts';

export function startAuditHeads(tx: SqliteConnection, context: WriteContext, nowMs: number): void {
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'audit_head',
    subject: 'audit_head',
    payload: {},
    start: { atMs: nowMs },
  });
}

export function postAuditHead(
  tx: SqliteConnection,
  context: WriteContext,
  { day, channelId, nowMs }: Parameters<AuditStore['postAuditHead']>[0],
): boolean {
  const about = { card: 'audit_head', id: day } as const;
  const place = { channelId };
  // A posted one stays as it is: it says what the record was then.
  if (readPostedCard(tx, context, cardSubject(about, place)) !== undefined) return false;
  scheduleCards(tx, context, about, [place], nowMs);
  return true;
}
