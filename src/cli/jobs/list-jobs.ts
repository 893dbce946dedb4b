import type { JobStore, ListedJob } from '../../application/ports/job-store.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { plainText } from '../doctor/finding.ts';
import { tableLines, utcText } from '../table.ts';

/** Where a command prints, and the time it shows. */
export interface JobsOutput {
  print(line: string): void;
  printError(line: string): void;
  nowMs: number;
}

const HEADINGS = ['ID', 'KIND', 'SUBJECT', 'STATE', 'NEXT RUN', 'ATTEMPTS', 'LAST FAILURE'];
const MAX_LISTED = 500;

/** Prints a table of jobs, or one JSON object. Never prints a payload. Returns the exit code. */
export async function listJobs(
  store: Pick<JobStore, 'listJobs'>,
  { kind, includesDone, isJson }: { kind: string | undefined; includesDone: boolean; isJson: boolean },
  { print, nowMs }: JobsOutput,
): Promise<number> {
  const found = await store.listJobs({ kind, includesDone, limit: MAX_LISTED + 1 });
  const jobs = found.slice(0, MAX_LISTED);
  const hasMore = found.length > MAX_LISTED;
  if (isJson) {
    print(JSON.stringify({ jobs: jobs.map((job) => jsonOf(job, nowMs)), hasMore }, null, 2));
    return exitCode.success;
  }
  if (jobs.length === 0) {
    const which = includesDone ? 'No jobs' : 'No unfinished jobs';
    print(kind === undefined ? `${which}.` : `${which} of the kind “${plainText(kind)}”.`);
    return exitCode.success;
  }
  for (const line of tableLines([HEADINGS, ...jobs.map((job) => rowOf(job, nowMs))])) print(line);
  if (hasMore) print(`\nOnly the first ${MAX_LISTED} jobs are shown.`);
  if (jobs.some(({ failingSinceMs }) => failingSinceMs !== null)) {
    print('\nFor details, search the log for a job’s ID (`jobId`). “jobs run ID” makes a job due now.');
  }
  return exitCode.success;
}

type State = 'running' | 'failing' | 'waiting' | 'given_up' | 'done';

function stateOf({ outcome, leaseUntilMs, failingSinceMs }: ListedJob, nowMs: number): State {
  if (outcome !== null) return outcome === 'done' ? 'done' : 'given_up';
  if (leaseUntilMs !== null && leaseUntilMs > nowMs) return 'running';
  return failingSinceMs === null ? 'waiting' : 'failing';
}

function rowOf(job: ListedJob, nowMs: number): string[] {
  const { id, kind, subject, attempts, runAtMs, lastFailure, outcome } = job;
  const nextRun = outcome === null ? utcText(runAtMs) : '';
  const cells = [plainText(id), plainText(kind), plainText(subject), stateText(job, nowMs), nextRun];
  return [...cells, String(attempts), plainText(lastFailure ?? '')];
}

function stateText(job: ListedJob, nowMs: number): string {
  const { finishedAtMs, failingSinceMs } = job;
  const since = failingSinceMs === null ? '' : `failing since ${utcText(failingSinceMs)}`;
  switch (stateOf(job, nowMs)) {
    case 'running':
      return since === '' ? 'running' : `running, ${since}`;
    case 'failing':
      return since;
    case 'waiting':
      return 'waiting';
    case 'given_up':
      return `given up ${utcText(finishedAtMs ?? 0)}`;
    case 'done':
      return `done ${utcText(finishedAtMs ?? 0)}`;
  }
}

function jsonOf(job: ListedJob, nowMs: number) {
  const { id, kind, subject, attempts, runAtMs, lastFailure, failingSinceMs, finishedAtMs } = job;
  const timeOf = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
  return {
    id,
    kind,
    subject,
    state: stateOf(job, nowMs),
    nextRun: finishedAtMs === null ? timeOf(runAtMs) : null,
    attempts,
    lastFailure,
    failingSince: timeOf(failingSinceMs),
    ended: timeOf(finishedAtMs),
  };
}
