import { type CardPlace, placeName } from '../../application/cards/card.ts';
import type { NewNotification } from '../../application/ports/job-store.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { accessRequests } from '../schema/schema.ts';
import { isRequest } from './access-request-row.ts';

/** Shows the state of a request on its card, in the transaction that changes it: where the card is, and in these places. */
export function showRequest(
  tx: SqliteConnection,
  context: WriteContext,
  id: string,
  places: readonly CardPlace[],
  nowMs: number,
  notifications: readonly NewNotification[] = [],
): void {
  const isThis = isRequest(context.organizationId, id);
  const row = tx.select({ places: accessRequests.cardPlaces }).from(accessRequests).where(isThis).get();
  if (row === undefined) return;
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  const known = new Set(row.places.map(placeName));
  const all = [...row.places, ...places.filter((place) => !known.has(placeName(place)))];
  if (all.length > row.places.length) tx.update(accessRequests).set({ cardPlaces: all }).where(isThis).run();
  scheduleCards(tx, context, { card: 'access_request', id }, all, nowMs);
}
