import { LAST_LATE_CHECK_AFTER_MS, retryPauseMs } from '../../domain/backoff.ts';
import { settleDelivery } from '../accounts/settle-delivery.ts';
import type { Ports } from '../ports/account-ports.ts';
import { COLLECTION_LIFETIME_MS, DELIVERY_LEASE_MS } from '../ports/store.ts';
import type { JobHandlers } from './job-worker.ts';

/** Never given up: each of these jobs protects a key or an account. */
const UNTIL_DONE = { maxAttempts: Number.POSITIVE_INFINITY, pauseMs: retryPauseMs };

/** Returns the handlers of the jobs that complete what requests left open. */
export function accountHandlers(
  ports: Ports,
): Pick<JobHandlers, 'delivery' | 'collection' | 'server_account'> {
  return {
    delivery: {
      ...UNTIL_DONE,
      revokes: true,
      concurrency: 10,
      longestDelayMs: DELIVERY_LEASE_MS,
      pauseMs: () => DELIVERY_LEASE_MS,
      async run({ payload }) {
        await settleLapsed(ports, payload.deliveryId);
        return 'done';
      },
    },
    collection: {
      ...UNTIL_DONE,
      concurrency: 10,
      longestDelayMs: COLLECTION_LIFETIME_MS,
      async run({ payload }) {
        const again = await ports.store.expireCollection(payload.collectionId, ports.now());
        return again === undefined ? 'done' : { again };
      },
    },
    server_account: {
      ...UNTIL_DONE,
      revokes: true,
      // Each may wait for the server.
      concurrency: 5,
      longestDelayMs: LAST_LATE_CHECK_AFTER_MS,
      run: ({ payload, attempts }) => ports.backend.reconcile(payload, { attempts }),
    },
  };
}

/** Settles a delivery whose process was lost: its key may have arrived, so it is revoked and can be collected again. */
async function settleLapsed(ports: Ports, deliveryId: string): Promise<void> {
  const open = await ports.store.openDelivery(deliveryId);
  if (open === undefined) return;
  const { keyId, person, collectionId } = open.delivery;
  const start = { atMs: ports.now() };
  await settleDelivery(ports, open, {
    kind: 'unknown',
    cause: 'lease_lapsed',
    requestId: null,
    offer: { start },
    notification: {
      payload: {
        message: 'key_not_collectable',
        accountId: open.account.id,
        keyId,
        collectionId,
        to: { slackUserId: person.slackUserId },
        requestId: null,
      },
      start,
    },
  });
  ports.logger.warn({ deliveryId, keyId }, 'lapsed delivery settled');
}
