import type { UnclearCause } from '../../../application/ports/backend.ts';
import type { WandbContext } from './wandb-context.ts';

/**
 * After a write that failed, of what the server had done. The operation is settled when its lease is over; but the database
 * may have written and only its answer be lost, and then nobody would tell the person any more.
 */
export async function notRecorded(
  { store, organizationId, logger }: WandbContext,
  operationId: string,
  err: unknown,
): Promise<UnclearCause> {
  logger.error({ err, operationId }, 'what was done on the server is not recorded');
  await store.tellOutcome(organizationId, operationId).catch((error: unknown) => {
    logger.error({ err: error, operationId }, 'nor can it be seen whether it is');
  });
  return { reason: 'not_recorded' };
}
