import { and, eq } from 'drizzle-orm';
import {
  type CardAbout,
  type CardPlace,
  type CardStore,
  cardSubject,
  type PostedCard,
} from '../../application/cards/card.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { scheduleJob } from '../jobs/job-scheduling.ts';
import { cards } from '../schema/schema.ts';

/**
 * Posts a card in these places, or changes it where it is, in the transaction that changes its state. A card that is being sent is
 * sent again with the new state.
 */
export function scheduleCards(
  tx: SqliteConnection,
  context: WriteContext,
  about: CardAbout,
  places: readonly CardPlace[],
  nowMs: number,
): void {
  for (const place of places) {
    const subject = cardSubject(about, place);
    scheduleJob(tx, context, { kind: 'card', subject, payload: { about, place }, runAtMs: nowMs });
  }
}

export function readPostedCard(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  subject: string,
): PostedCard | undefined {
  const isThis = and(eq(cards.organizationId, organizationId), eq(cards.subject, subject));
  return db
    .select({
      channelId: cards.channelId,
      messageTs: cards.messageTs,
      postedEntries: cards.postedEntries,
    })
    .from(cards)
    .where(isThis)
    .get();
}

export function recordCard(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  subject: string,
  { nowMs: postedAtMs, ...posted }: Parameters<CardStore['recordCard']>[1],
): void {
  tx.insert(cards)
    .values({ organizationId, subject, ...posted, postedAtMs })
    .onConflictDoUpdate({ target: [cards.organizationId, cards.subject], set: posted })
    .run();
}
