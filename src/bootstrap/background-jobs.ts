import { createJobWorker, type JobOutcome } from '../application/jobs/job-worker.ts';
import { notificationHandler } from '../application/jobs/notification-jobs.ts';
import { notifyCollections, notifyEndings } from '../application/jobs/notify-people.ts';
import {
  checkForLateEffects,
  settleDeliveries,
  settleOperations,
} from '../application/jobs/settle-lapsed.ts';
import type { Ports } from '../application/ports/account-ports.ts';

/** Work that repeats at an interval, one run at a time. */
export interface RepeatingJob {
  /** Runs the work once the current run, if any, has finished. */
  now(): Promise<void>;
  /** Prevents further runs, and resolves when the current one has finished. */
  stop(): Promise<void>;
}

/**
 * Starts what completes the work that requests left open: settling deliveries, completing backend operations, sending
 * notifications about both, writing repeated refusals, and the worker of the `jobs` table.
 */
export function startBackgroundJobs(
  ports: Ports,
  { everyMs, count }: { everyMs: number; count: (outcome: JobOutcome) => void },
): RepeatingJob {
  const { logger } = ports;
  const repeat = (name: string, work: () => Promise<void>) =>
    startRepeating(work, {
      everyMs,
      onError: (err) => logger.error({ err, job: name }, 'background job failed'),
    });
  const notifications = repeat('notifications', async () => {
    const sent = (await notifyCollections(ports)) + (await notifyEndings(ports));
    if (sent > 0) logger.info({ sent }, 'notifications sent');
  });
  const deliveries = repeat('deliveries', async () => {
    const settled = await settleDeliveries(ports);
    if (settled === 0) return;
    logger.info({ settled }, 'deliveries settled');
    void notifications.now();
  });
  // Separate from the deliveries, which must not wait for a W&B server that doesn't respond.
  const operations = repeat('backend_operations', async () => {
    const completed = (await settleOperations(ports)) + (await checkForLateEffects(ports));
    if (completed === 0) return;
    logger.info({ completed }, 'backend operations completed');
    void notifications.now();
  });
  const refusals = repeat('refusals', () => ports.refusals.flush());
  const worker = createJobWorker({ ...ports, handlers: { notification: notificationHandler(ports) }, count });
  const jobs = repeat('jobs', () => worker.startDue());
  return {
    async now() {
      await Promise.all([deliveries.now(), operations.now(), refusals.now()]);
      await Promise.all([notifications.now(), jobs.now()]);
      await worker.settled();
    },
    async stop() {
      await Promise.all(
        [deliveries, operations, notifications, jobs, refusals].map((repeated) => repeated.stop()),
      );
      await worker.stop();
    },
  };
}

/** Runs `work` immediately (unless `startsLater`) and then every `everyMs`. The timer doesn't keep the process alive. */
export function startRepeating(
  work: () => Promise<void>,
  {
    everyMs,
    startsLater = false,
    onError,
  }: { everyMs: number; startsLater?: boolean; onError: (error: unknown) => void },
): RepeatingJob {
  let lastRun: Promise<void> = Promise.resolve();
  let isStopped = false;
  const now = () => {
    lastRun = lastRun.then(async () => {
      if (isStopped) return;
      await work().catch(onError);
    });
    return lastRun;
  };
  const timer = setInterval(() => void now(), everyMs);
  timer.unref();
  if (!startsLater) void now();
  return {
    now,
    stop() {
      isStopped = true;
      clearInterval(timer);
      return lastRun;
    },
  };
}
