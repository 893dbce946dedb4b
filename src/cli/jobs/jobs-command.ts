import { parseArgs } from 'node:util';
import { JOB_KINDS } from '../../application/ports/job-store.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { nearestName } from '../../domain/nearest-name.ts';
import { plainText } from '../doctor/finding.ts';
import { type StoreCommandDependencies, withStore } from '../open-store.ts';
import { listJobs } from './list-jobs.ts';
import { runJob } from './run-job.ts';

export const jobsUsage = `Usage: npm run keysmith -- jobs [command]

  Jobs are work that Keysmith schedules or retries, such as notifications. These commands work while
  Keysmith runs.

  list           List unfinished jobs and jobs that were given up, failing ones first (default)
                   --all         also list jobs of the last seven days that are done
                   --kind KIND   list jobs of this kind only
  run ID         Make a job due now, even one that was given up. A running Keysmith starts it within seconds

  With --json, both print one JSON object.`;

const COMMANDS = ['list', 'run'] as const;

const OPTIONS = {
  list: { all: { type: 'boolean' }, kind: { type: 'string' }, json: { type: 'boolean' } },
  run: { json: { type: 'boolean' } },
} as const;

type JobsArguments =
  | { command: 'list'; kind: string | undefined; includesDone: boolean; isJson: boolean }
  | { command: 'run'; id: string; isJson: boolean };

/** Runs `jobs …` and returns its exit code, 64 if the arguments are invalid. */
export async function runJobs(
  argv: readonly string[],
  dependencies: StoreCommandDependencies,
): Promise<number> {
  const { print, printError, now } = dependencies;
  const parsed = parseArguments(argv);
  if ('problem' in parsed) {
    printError(parsed.problem);
    printError(jobsUsage);
    return exitCode.usage;
  }
  const output = { print, printError, nowMs: now() };
  return withStore(dependencies, ({ store }) =>
    parsed.command === 'list' ? listJobs(store, parsed, output) : runJob(store, parsed, output),
  );
}

function parseArguments(argv: readonly string[]): JobsArguments | { problem: string } {
  const [first = ''] = argv;
  const isNamed = first !== '' && !first.startsWith('-');
  const command = isNamed ? COMMANDS.find((name) => name === first) : 'list';
  if (command === undefined) {
    const nearest = nearestName(first, COMMANDS);
    const hint = nearest === undefined ? '' : ` Did you mean "jobs ${nearest}"?`;
    return { problem: `Unknown command.${hint}` };
  }
  const args = isNamed ? argv.slice(1) : [...argv];
  return command === 'list' ? parseList(args) : parseRun(args);
}

function parseList(args: string[]): JobsArguments | { problem: string } {
  try {
    const { all = false, kind, json = false } = parseArgs({ args, options: OPTIONS.list }).values;
    if (kind !== undefined && !JOB_KINDS.some((known) => known === kind)) {
      return { problem: `Jobs have no kind “${plainText(kind)}”. The kinds are ${JOB_KINDS.join(', ')}.` };
    }
    return { command: 'list', kind, includesDone: all, isJson: json };
  } catch {
    return { problem: 'Unknown options for "jobs list".' };
  }
}

function parseRun(args: string[]): JobsArguments | { problem: string } {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS.run, allowPositionals: true });
    const [id, ...others] = positionals;
    if (id === undefined) return { problem: 'Name the job: jobs run ID. "jobs" lists the IDs.' };
    if (others.length > 0) return { problem: '"jobs run" takes one ID.' };
    return { command: 'run', id, isJson: values.json === true };
  } catch {
    return { problem: 'Unknown options for "jobs run".' };
  }
}
