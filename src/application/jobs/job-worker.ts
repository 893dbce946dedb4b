import { settledWithin } from '../../net/deadline.ts';
import type { Ports } from '../ports/account-ports.ts';
import {
  type ClaimedJob,
  JOB_LEASE_MS,
  type JobAttempt,
  type JobKind,
  type JobResult,
} from '../ports/job-store.ts';

/** `given_up`: the job failed at its last attempt. */
export type JobOutcome = 'done' | 'retried' | 'given_up';

/** Runs the jobs of one kind. */
export interface JobHandler<Kind extends JobKind = JobKind> {
  /** How many new jobs of this kind run at the same time. As many that have failed before can run beside them. */
  concurrency: number;
  /** As in `ClaimJobs`. */
  longestDelayMs: number | undefined;
  revokes?: boolean;
  /** Returns whether its jobs have to wait, due or not. */
  isPaused?: () => boolean;
  /** `Infinity` for a job that is never given up. */
  maxAttempts: number;
  /** Returns the pause before the next attempt. */
  pauseMs: (attemptsBefore: number) => number;
  /** Does the job, which may have been done before: its outcome may not have been stored. A rejection counts as `retry`. */
  run(job: ClaimedJob<Kind>): Promise<JobResult>;
}

export type JobHandlers = { [Kind in JobKind]: JobHandler<Kind> };

export interface JobWorker {
  /** Starts the jobs that are due, and deletes old ones. Doesn't wait for the started ones. */
  startDue(): Promise<void>;
  /** Waits for the running jobs, at most for the lease of one. */
  settled(): Promise<void>;
  /** Prevents further jobs, and waits as `settled` does. */
  stop(): Promise<void>;
}

export interface JobWorkerDependencies extends Pick<Ports, 'store' | 'now' | 'logger'> {
  handlers: JobHandlers;
  count: (outcome: JobOutcome) => void;
}

/** How long finished jobs are kept, for operators who investigate what happened. */
const KEPT_FOR_MS = 7 * 24 * 60 * 60 * 1000;
const DELETED_AT_ONCE = 200;

/** Free slots for the jobs of one kind, either new ones or those that have failed. */
interface Lane {
  kind: JobKind;
  attempt: JobAttempt;
  slots: number;
}

const ATTEMPTS: readonly JobAttempt[] = ['first', 'later'];

/**
 * Creates the worker of the `jobs` table. Kinds don't wait for each other, and jobs that have failed don't delay new ones, however
 * many there are and however long they take.
 * A job never runs twice at the same time in one process, whatever the clock does. Across processes only its lease prevents that,
 * so handlers must allow a second run.
 */
export function createJobWorker(dependencies: JobWorkerDependencies): JobWorker {
  const { store, now, logger, handlers } = dependencies;
  const kinds = Object.keys(handlers) as JobKind[];
  const lanes: Lane[] = kinds.flatMap((kind) =>
    ATTEMPTS.map((attempt) => ({ kind, attempt, slots: handlers[kind].concurrency })),
  );
  const running = new Set<string>();
  /** Each resolves when its job has ended, or its lease, and the next job has been started. */
  const turns = new Set<Promise<unknown>>();
  let isStopped = false;

  async function fill(lane: Lane): Promise<void> {
    const { kind, attempt, slots: limit } = lane;
    const { longestDelayMs, revokes = false, isPaused }: JobHandler = handlers[kind];
    if (isStopped || limit <= 0 || isPaused?.()) return;
    lane.slots -= limit;
    const claim = { kind, nowMs: now(), limit, attempt, revokes, except: [...running], longestDelayMs };
    const claimed = await store.claimJobs(claim).finally(() => {
      lane.slots += limit;
    });
    for (const job of claimed) if (!running.has(job.id)) start(lane, job, claimed.length === limit);
  }

  function start(lane: Lane, job: ClaimedJob, hasMore: boolean): void {
    const { id, kind, attempts } = job;
    running.add(id);
    const work = runJob(dependencies, job).finally(() => running.delete(id));
    lane.slots -= 1;
    const turn = settledWithin(work, JOB_LEASE_MS)
      .then((ended) => {
        // It stays in `running`, so that this process doesn't start it again.
        if (ended === undefined) logger.error({ jobId: id, kind, attempts }, 'job overdue');
        lane.slots += 1;
        return hasMore ? fill(lane) : undefined;
      })
      .catch((error: unknown) => logger.error({ err: error, kind }, 'jobs not claimed'))
      .finally(() => turns.delete(turn));
    turns.add(turn);
  }

  const settled = async () => {
    const settle = async () => {
      while (turns.size > 0) await Promise.all(turns);
    };
    await settledWithin(settle(), JOB_LEASE_MS);
  };
  return {
    async startDue() {
      const filled = await Promise.allSettled(lanes.map(fill));
      const failed = filled.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      await store.deleteFinishedJobs(now() - KEPT_FOR_MS, { limit: DELETED_AT_ONCE });
    },
    settled,
    stop() {
      isStopped = true;
      return settled();
    },
  };
}

/** Runs a job and stores its outcome. Never rejects. */
async function runJob(dependencies: JobWorkerDependencies, job: ClaimedJob): Promise<void> {
  const { logger, handlers } = dependencies;
  const { id: jobId, kind, attempts } = job;
  const handler: JobHandler = handlers[kind];
  const result = await Promise.resolve(job)
    .then((claimed) => handler.run(claimed))
    .catch((error: unknown) => {
      logger.error({ err: error, jobId, kind, attempts }, 'job failed');
      return { retry: failureOf(error) };
    });
  try {
    await storeOutcome(dependencies, handler, job, result);
  } catch (error) {
    // Its lease ends, and it runs again.
    logger.error({ err: error, jobId, kind, result }, 'job outcome not recorded');
  }
}

async function storeOutcome(
  { store, now, logger, count }: JobWorkerDependencies,
  { maxAttempts, pauseMs }: JobHandler,
  { id, leaseToken, kind, subject, attempts }: ClaimedJob,
  result: JobResult,
): Promise<void> {
  const line = { jobId: id, kind, subject, attempts };
  const nowMs = now();
  const held = { id, leaseToken };
  // `isStored` is false if the job was rescheduled or finished during the run, or another process has claimed it.
  if (result === 'done') {
    const isStored = await store.finishJob({ ...held, outcome: 'done', nowMs });
    count('done');
    logger.info({ ...line, isStored }, 'job done');
    return;
  }
  if ('again' in result) {
    const runAtMs = result.again;
    const isStored = await store.repeatJob({ ...held, runAtMs });
    count('done');
    logger.info({ ...line, isStored, runAtMs }, 'job scheduled again');
    return;
  }
  const failure = result.retry;
  if (attempts >= maxAttempts) {
    const isStored = await store.finishJob({ ...held, outcome: 'failed', failure, nowMs });
    count('given_up');
    logger.error({ ...line, isStored, failure }, 'job given up');
  } else {
    const runAtMs = nowMs + pauseMs(attempts - 1);
    const isStored = await store.retryJob({ ...held, runAtMs, failure, nowMs });
    count('retried');
    logger.warn({ ...line, isStored, failure, runAtMs }, 'job postponed');
  }
}

/** Returns the error's name and code. Its message may quote what was sent. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
