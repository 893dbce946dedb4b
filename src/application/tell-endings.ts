import type { ClaimedEnding } from './ports/operation-store.ts';
import type { Ports } from './ports.ts';

/** Direct messages under way at once. */
const TOLD_AT_ONCE = 10;

/** Tells how operations on the backend ended whose outcome nobody has heard; as `tellCollections` does. */
export async function tellEndings(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimEndings(ports.organization.id, ports.now(), {
    limit: TOLD_AT_ONCE,
  });
  const told = await Promise.all(claimed.map((one) => tell(ports, one)));
  return told.filter(Boolean).length;
}

async function tell(ports: Ports, { operationId, ...ending }: ClaimedEnding): Promise<boolean> {
  const link = ports.backend.teamPage(ending.account.teamName);
  try {
    if (!(await ports.notices.reportEnding({ ...ending, link }))) return false;
  } catch (error) {
    ports.logger.error({ err: error, operationId }, 'somebody could not be told');
    return false;
  }
  try {
    const { kind } = ending;
    await ports.store.markEndingTold(ports.organization.id, { operationId, kind, nowMs: ports.now() });
  } catch (error) {
    // Told twice is better than a failure for what has happened.
    ports.logger.error({ err: error, operationId }, 'the ending was told, unrecorded');
  }
  return true;
}
