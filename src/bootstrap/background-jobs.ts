import { tellCollections, tellEndings } from '../application/jobs/notify-people.ts';
import {
  lookForLateEffects,
  settleDeliveries,
  settleOperations,
} from '../application/jobs/settle-operations.ts';
import type { Ports } from '../application/ports/account-ports.ts';

/** Work that is done again and again, one run at a time. */
export interface Repeating {
  /** Runs it now, after the run that may be under way. */
  now(): Promise<void>;
  /** No further run begins; resolves when the last one ended. */
  stop(): Promise<void>;
}

export function startRepeating(
  work: () => Promise<void>,
  { everyMs, onError }: { everyMs: number; onError: (error: unknown) => void },
): Repeating {
  let last: Promise<void> = Promise.resolve();
  let isStopped = false;
  const now = () => {
    last = last.then(async () => {
      if (isStopped) return;
      await work().catch(onError);
    });
    return last;
  };
  const timer = setInterval(() => void now(), everyMs);
  timer.unref();
  void now();
  return {
    now,
    stop() {
      isStopped = true;
      clearInterval(timer);
      return last;
    },
  };
}

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
