import type { JobStore, RunJobResult } from '../../application/ports/job-store.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { plainText } from '../doctor/finding.ts';
import type { JobsOutput } from './list-jobs.ts';

/** Makes a job due now, for the worker of a running Keysmith, and prints the result. Returns the exit code. */
export async function runJob(
  store: Pick<JobStore, 'runJobNow'>,
  { id, isJson }: { id: string; isJson: boolean },
  { print, printError, nowMs }: JobsOutput,
): Promise<number> {
  const result = await store.runJobNow({ id, nowMs });
  const isScheduled = result === 'scheduled';
  if (isJson) print(JSON.stringify({ id, result }));
  else if (isScheduled) print(resultText(result, id));
  else printError(`Nothing was changed: ${resultText(result, id)}`);
  return isScheduled ? exitCode.success : exitCode.failure;
}

function resultText(result: RunJobResult, id: string): string {
  switch (result) {
    case 'scheduled':
      return `The job ${plainText(id)} is due now. A running Keysmith starts it within seconds.`;
    case 'running':
      return 'the job is running. Run this command again if it fails.';
    case 'done':
      return 'the job is done.';
    case 'replaced':
      return 'another unfinished job does the same work. “jobs” lists it.';
    case 'unknown':
      return 'no job has this ID. “jobs --all” lists the IDs.';
  }
}
