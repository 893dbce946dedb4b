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
  const added = addPlaces(tx, context, id, places);
  if (added === undefined) return;
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  scheduleCards(tx, context, { card: 'access_request', id }, [...added.before, ...added.places], nowMs);
}

/** Shows a request in those of these places where its card isn't yet. The others stay as they are. */
export function showRequestAlsoIn(
  tx: SqliteConnection,
  context: WriteContext,
  id: string,
  places: readonly CardPlace[],
  nowMs: number,
): void {
  const added = addPlaces(tx, context, id, places);
  if (added) scheduleCards(tx, context, { card: 'access_request', id }, added.places, nowMs);
}

/** Returns the places before, and those that are new. Undefined: there is no such request. */
function addPlaces(
  tx: SqliteConnection,
  { organizationId }: WriteContext,
  id: string,
  places: readonly CardPlace[],
): { before: readonly CardPlace[]; places: CardPlace[] } | undefined {
  const isThis = isRequest(organizationId, id);
  const row = tx.select({ before: accessRequests.cardPlaces }).from(accessRequests).where(isThis).get();
  if (row === undefined) return undefined;
  const { before } = row;
  const known = new Set(before.map(placeName));
  const added = places.filter((place) => !known.has(placeName(place)));
  if (added.length > 0) {
    const cardPlaces = [...before, ...added];
    tx.update(accessRequests).set({ cardPlaces }).where(isThis).run();
  }
  return { before, places: added };
}
