import type { EndingKind } from '../application/ports/operation-store.ts';
import { isOperation, type OperationRow, UNTOLD } from './operation-row.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { backendOperations } from './sqlite-schema.ts';

export function tellOutcome(tx: SqliteConnection, organizationId: string, operationId: string): void {
  const isIt = isOperation(organizationId, operationId);
  const operation = tx.select().from(backendOperations).where(isIt).get();
  if (operation === undefined || operation.ending !== null) return;
  const ending = endingOf(operation);
  if (ending !== undefined)
    tx.update(backendOperations)
      .set({ ending, ...UNTOLD })
      .where(isIt)
      .run();
}

/** Undefined where it goes on, or where what follows it is told anyway: a delivery, or a collection that is open again. */
function endingOf({
  kind,
  state,
  memberId,
  collectionId,
  keyLifetimeDays,
}: OperationRow): EndingKind | undefined {
  if (state !== 'done' && state !== 'failed') return undefined;
  if (kind === 'remove') return state === 'done' ? 'revoked_late' : 'not_revoked';
  if (state === 'done') return keyLifetimeDays === null ? 'created_late' : undefined;
  if (collectionId !== null) return undefined;
  return memberId === null ? 'not_made' : 'removed_again';
}
