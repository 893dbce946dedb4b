import { lookForLateEffects } from './application/look-for-late-effects.ts';
import type { Ports } from './application/ports.ts';
import { settleDeliveries } from './application/settle-deliveries.ts';
import { settleOperations } from './application/settle-operations.ts';
import { tellCollections } from './application/tell-collections.ts';
import { tellEndings } from './application/tell-endings.ts';
import { type Repeating, startRepeating } from './repeating.ts';

/** What is done again and again beside what people ask for: what was left open is put in order, and told. */
export function startSweeps(ports: Ports, everyMs: number): Repeating {
  const { logger } = ports;
  const repeat = (what: string, work: () => Promise<void>) =>
    startRepeating(work, { everyMs, onError: (err: unknown) => logger.error({ err }, `${what} failed`) });
  const telling = repeat('telling people', async () => {
    const told = (await tellCollections(ports)) + (await tellEndings(ports));
    if (told > 0) logger.info({ told }, 'people told of what became of their accounts and keys');
  });
  const settling = repeat('settling deliveries', async () => {
    const settled = await settleDeliveries(ports);
    if (settled === 0) return;
    logger.info({ settled }, 'deliveries settled');
    void telling.now();
  });
  // Apart from the deliveries: a server that does not answer must not hold those up.
  const finishing = repeat('finishing operations', async () => {
    const finished = (await settleOperations(ports)) + (await lookForLateEffects(ports));
    if (finished === 0) return;
    logger.info({ finished }, 'operations on the backend finished');
    void telling.now();
  });
  return {
    async now() {
      await Promise.all([settling.now(), finishing.now()]);
      await telling.now();
    },
    async stop() {
      await Promise.all([settling.stop(), finishing.stop(), telling.stop()]);
    },
  };
}
