import { jobHandlers } from '../application/jobs/job-handlers.ts';
import { createJobWorker, type JobOutcome } from '../application/jobs/job-worker.ts';
import type { Ports } from '../application/ports/account-ports.ts';

/** Work that repeats at an interval, one run at a time. */
export interface RepeatingJob {
  /** Runs the work once the current run, if any, has finished. */
  now(): Promise<void>;
  /** Prevents further runs, and resolves when the current one has finished. */
  stop(): Promise<void>;
}

export interface BackgroundJobs extends RepeatingJob {
  /** Starts what is due, and waits for nothing. */
  wake(): void;
}

/** Starts the worker of the `jobs` table, which completes the work that requests left open, and writes repeated refusals. */
export function startBackgroundJobs(
  ports: Ports,
  { everyMs, count }: { everyMs: number; count: (outcome: JobOutcome) => void },
): BackgroundJobs {
  const { logger } = ports;
  const repeat = (name: string, work: () => Promise<void>) =>
    startRepeating(work, {
      everyMs,
      onError: (err) => logger.error({ err, job: name }, 'background job failed'),
    });
  const refusals = repeat('refusals', () => ports.refusals.flush());
  const worker = createJobWorker({ ...ports, handlers: jobHandlers(ports), count });
  const jobs = repeat('jobs', () => worker.startDue());
  return {
    async now() {
      await Promise.all([refusals.now(), jobs.now()]);
      await worker.settled();
      // What a job has queued is due at once.
      await jobs.now();
      await worker.settled();
    },
    wake: () => void jobs.now(),
    async stop() {
      await Promise.all([jobs.stop(), refusals.stop()]);
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
  let next: Promise<void> | undefined;
  let isStopped = false;
  const now = () => {
    // Everyone who calls during a run shares the next one.
    next ??= lastRun.then(async () => {
      next = undefined;
      if (isStopped) return;
      await work().catch(onError);
    });
    lastRun = next;
    return next;
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
