import { and, eq, gte, isNull, lt } from 'drizzle-orm';
import type { CardAbout, CardPlace } from '../../application/cards/card.ts';
import type { JobPayloads } from '../../application/ports/job-store.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { cards, jobs } from '../schema/schema.ts';

/** Shows the new state of a card wherever it is or will be, in the transaction that changes the state. */
export function showCard(tx: SqliteConnection, context: WriteContext, about: CardAbout, nowMs: number): void {
  const { organizationId } = context;
  const prefix = `${about.card}:${about.id}:`;
  const end = `${prefix}\u{10ffff}`;
  const posted = tx
    .select({ subject: cards.subject })
    .from(cards)
    .where(and(eq(cards.organizationId, organizationId), gte(cards.subject, prefix), lt(cards.subject, end)))
    .all()
    .map(({ subject }) => placeOf(subject.slice(prefix.length)));
  const waiting = tx
    .select({ payload: jobs.payload })
    .from(jobs)
    .where(
      and(
        eq(jobs.organizationId, organizationId),
        eq(jobs.kind, 'card'),
        gte(jobs.subject, prefix),
        lt(jobs.subject, end),
        isNull(jobs.finishedAtMs),
      ),
    )
    .all()
    .map(({ payload }) => (payload as JobPayloads['card']).place);
  scheduleCards(tx, context, about, [...posted, ...waiting], nowMs);
}

/** These cards are direct messages, whose places are named by an address or by Slack's ID. */
function placeOf(name: string): CardPlace {
  return name.includes('@') ? { email: name } : { slackUserId: name };
}
