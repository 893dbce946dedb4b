import { and, eq, gte, isNull, lt } from 'drizzle-orm';
import type { CardAbout, CardPlace } from '../../application/cards/card.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { cards, jobs } from '../schema/schema.ts';

/** Shows the new state of a card wherever it is or will be, in the transaction that changes the state. */
export function showCard(tx: SqliteConnection, context: WriteContext, about: CardAbout, nowMs: number): void {
  const prefix = `${about.card}:${about.id}:`;
  const places = cardSubjects(tx, context, prefix).map((subject) => placeOf(subject.slice(prefix.length)));
  scheduleCards(tx, context, about, places, nowMs);
}

/** Returns the subjects with this prefix of the cards that were posted or wait to be. */
export function cardSubjects(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  prefix: string,
): string[] {
  const end = `${prefix}\u{10ffff}`;
  const posted = tx
    .select({ subject: cards.subject })
    .from(cards)
    .where(and(eq(cards.organizationId, organizationId), gte(cards.subject, prefix), lt(cards.subject, end)))
    .all();
  const waiting = tx
    .select({ subject: jobs.subject })
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
    .all();
  return [...new Set([...posted, ...waiting].map(({ subject }) => subject))];
}

/** These cards are direct messages, whose places are named by an address or by Slack's ID. */
function placeOf(name: string): CardPlace {
  return name.includes('@') ? { email: name } : { slackUserId: name };
}
