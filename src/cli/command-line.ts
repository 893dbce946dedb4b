import { parseArgs } from 'node:util';
import { exitCode } from '../bootstrap/exit-code.ts';
import { nearestName } from '../domain/nearest-name.ts';
import { manifestText, placeholderUrl } from '../slack/manifest.ts';
import type { AuditDependencies } from './audit/audit-command.ts';
import { type DoctorDependencies, runDoctor } from './doctor/doctor.ts';
import { runInit } from './init.ts';
import type { CheckJwtDependencies } from './jwt/check-jwt-command.ts';
import type { UpstreamDependencies } from './upstream/open-upstream.ts';

export type CommandLineDependencies = DoctorDependencies &
  UpstreamDependencies &
  CheckJwtDependencies &
  AuditDependencies;

const commands = ['init', 'doctor', 'upstream', 'jobs', 'check-jwt', 'audit', 'manifest', 'help'] as const;

const usage = `Usage: npm run keysmith -- <command>

  init       Set up a workspace: write .env and an example teams file
  doctor     Check settings, teams file, Slack, database and W&B server, and tell you what to fix
  manifest   Print the manifest of the Slack app
               --socket              for Socket Mode
               --url https://…       for requests to your URL
  upstream   Store, list, remove and check the W&B API keys with which Keysmith forwards workloads
               add TEAM, list, remove TEAM, check [TEAM], setup; "upstream --help" prints more
  jobs       List scheduled and failing jobs, and run one now
               [list], run ID; "jobs --help" prints more
  check-jwt  Read a JWT from standard input, and tell you why Keysmith rejects it
  audit      Verify the audit record, or export it
               verify [--log FILE], export; "audit --help" prints more
  help       Print this help`;

/** Runs a command and returns its exit code, 64 if the arguments are invalid. */
export async function runCommandLine(
  argv: readonly string[],
  dependencies: CommandLineDependencies,
): Promise<number> {
  const [first = '', ...rest] = argv;
  if (['--help', '-h'].includes(first) || rest.some((word) => word === '--help' || word === '-h')) {
    dependencies.print(await usageOf(first));
    return exitCode.success;
  }
  const command = commands.find((name) => name === first);
  if (command === 'upstream') return (await loadUpstream()).runUpstream(rest, dependencies);
  if (command === 'jobs') return (await loadJobs()).runJobs(rest, dependencies);
  if (command === 'check-jwt') return (await loadCheckJwt()).runCheckJwt(rest, dependencies);
  if (command === 'audit') return (await loadAudit()).runAudit(rest, dependencies);
  const parsed = parseOptions(command === 'manifest', rest);
  if (command === undefined || parsed === undefined) return refuseUsage(command, first, dependencies);
  switch (command) {
    case 'init':
      return runInit(dependencies);
    case 'doctor':
      return runDoctor(dependencies);
    case 'manifest':
      return printManifest(parsed, dependencies);
    case 'help':
      dependencies.print(usage);
      return exitCode.success;
  }
}

// Loaded only where they are used: they open the database.
const loadUpstream = () => import('./upstream/upstream-command.ts');
const loadJobs = () => import('./jobs/jobs-command.ts');
const loadAudit = () => import('./audit/audit-command.ts');
const loadCheckJwt = () => import('./jwt/check-jwt-command.ts');

async function usageOf(command: string): Promise<string> {
  if (command === 'upstream') return (await loadUpstream()).upstreamUsage;
  if (command === 'check-jwt') return (await loadCheckJwt()).checkJwtUsage;
  if (command === 'audit') return (await loadAudit()).auditUsage;
  return command === 'jobs' ? (await loadJobs()).jobsUsage : usage;
}

interface ManifestFlags {
  socket?: boolean;
  url?: string;
}

function parseOptions(manifest: boolean, args: string[]): ManifestFlags | undefined {
  try {
    return manifest
      ? parseArgs({ args, options: { socket: { type: 'boolean' }, url: { type: 'string' } } }).values
      : parseArgs({ args, options: {} }).values;
  } catch {
    return undefined;
  }
}

function refuseUsage(
  command: string | undefined,
  word: string,
  { printError }: CommandLineDependencies,
): number {
  const nearest = nearestName(word, commands);
  if (command !== undefined) printError(`Unknown options for "${command}".`);
  else if (nearest !== undefined) printError(`Unknown command. Did you mean "${nearest}"?`);
  else if (word !== '') printError('Unknown command.');
  printError(usage);
  return exitCode.usage;
}

function printManifest(flags: ManifestFlags, { print, printError }: CommandLineDependencies): number {
  if (flags.socket && flags.url !== undefined) {
    printError('Use either --socket or --url: a manifest for Socket Mode has no URLs.');
    return exitCode.usage;
  }
  if (flags.socket) {
    print(manifestText({ transport: 'socket' }).trimEnd());
    return exitCode.success;
  }
  const url = URL.canParse(flags.url ?? placeholderUrl) ? new URL(flags.url ?? placeholderUrl) : undefined;
  if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '' || url.username !== '') {
    printError(
      '--url must be the https:// URL where Slack reaches Keysmith, such as https://keysmith.example.com.',
    );
    return exitCode.usage;
  }
  print(manifestText({ transport: 'http', baseUrl: url.href.replace(/\/+$/, '') }).trimEnd());
  return exitCode.success;
}
