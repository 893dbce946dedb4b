import { parseArgs } from 'node:util';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { nearestName } from '../../domain/nearest-name.ts';
import { databaseFailureText, printProblem } from '../open-store.ts';
import { addTeamKey } from './add-team-key.ts';
import { checkCredentials } from './check-credentials.ts';
import { listCredentials } from './list-credentials.ts';
import {
  type OpenedUpstream,
  openUpstream,
  readGatewaySettings,
  type UpstreamDependencies,
} from './open-upstream.ts';
import { removeTeamKey } from './remove-team-key.ts';
import { printFederationSetup } from './set-up-federation.ts';

export const upstreamUsage = `Usage: npm run keysmith -- upstream <command>

  The credentials with which Keysmith forwards workloads to the W&B server at KEYSMITH_UPSTREAM_URL.
  A running Keysmith applies changes within five seconds. Put a team's name in quotation marks if it has spaces.

  add TEAM       Store a W&B API key for a team, in place of an earlier one. Asks for the key without showing it,
                 or reads it from standard input. Use the key of a service account that is in this team only.
                   --allow-wider   also store a key whose owner is an administrator or in other teams
  list           List the teams with their credentials. Never shows a key
  remove TEAM    Remove the stored key of a team
                   --yes           don't ask
  check [TEAM]   Ask the W&B server about the credential of each team, or of one
  setup          Print what an organization admin registers in W&B for identity federation`;

const COMMANDS = ['add', 'list', 'remove', 'check', 'setup'] as const;
type UpstreamCommand = (typeof COMMANDS)[number];

const OPTIONS = {
  add: { 'allow-wider': { type: 'boolean' } },
  list: {},
  remove: { yes: { type: 'boolean' } },
  check: {},
  setup: {},
} as const satisfies Record<UpstreamCommand, object>;

/** How many teams each command takes: at least and at most. */
const TEAMS: Record<UpstreamCommand, [number, number]> = {
  add: [1, 1],
  list: [0, 0],
  remove: [1, 1],
  check: [0, 1],
  setup: [0, 0],
};

interface UpstreamArguments<Command = UpstreamCommand> {
  command: Command;
  team: string | undefined;
  allowsWider: boolean;
  isConfirmed: boolean;
}

/** Runs `upstream …` and returns its exit code, 64 if the arguments are invalid. Never repeats an argument that may be a key. */
export async function runUpstream(
  argv: readonly string[],
  dependencies: UpstreamDependencies,
): Promise<number> {
  const { printError } = dependencies;
  if (argv.some(isKey)) {
    printError(
      'Nothing was changed: an argument looks like an API key. Run the command without it: it asks for the key, or reads it from standard input. Arguments are kept in the history of the shell and visible to other users of this machine, so delete that key in W&B and create another one.',
    );
    return exitCode.usage;
  }
  const parsed = parseArguments(argv);
  if ('problem' in parsed) {
    printError(parsed.problem);
    printError(upstreamUsage);
    return exitCode.usage;
  }
  const { command } = parsed;
  const settings = readGatewaySettings(dependencies.loadConfig());
  if (!settings.ok) return printProblem(settings, dependencies);
  if (command === 'setup') return printFederationSetup(settings.config, dependencies);
  const opened = await openUpstream(settings.config, dependencies);
  if (!opened.ok) return printProblem(opened, dependencies);
  const { upstream } = opened;
  try {
    return await run({ ...parsed, command }, upstream, dependencies);
  } catch (error) {
    const problem = databaseFailureText(error, upstream.config.databaseFile);
    if (problem === undefined) throw error;
    printError(problem);
    return exitCode.failure;
  } finally {
    await upstream.close();
  }
}

function run(
  { command, team = '', allowsWider, isConfirmed }: UpstreamArguments<Exclude<UpstreamCommand, 'setup'>>,
  upstream: OpenedUpstream,
  dependencies: UpstreamDependencies,
): Promise<number> {
  switch (command) {
    case 'add':
      return addTeamKey(upstream, { team, allowsWider }, dependencies);
    case 'list':
      return listCredentials(upstream, dependencies);
    case 'remove':
      return removeTeamKey(upstream, { team, isConfirmed }, dependencies);
    case 'check':
      return checkCredentials(upstream, team === '' ? undefined : team, dependencies);
  }
}

function parseArguments(argv: readonly string[]): UpstreamArguments | { problem: string } {
  const [word = '', ...args] = argv;
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) {
    const nearest = nearestName(word, COMMANDS);
    if (word === '') return { problem: 'Missing command.' };
    return {
      problem:
        nearest === undefined ? 'Unknown command.' : `Unknown command. Did you mean "upstream ${nearest}"?`,
    };
  }
  try {
    const options: Record<string, { type: 'boolean' }> = OPTIONS[command];
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [least, most] = TEAMS[command];
    if (positionals.length < least) return { problem: `Name the team: upstream ${command} TEAM.` };
    if (positionals.length > most) {
      return {
        problem:
          most === 0
            ? `"upstream ${command}" takes no team.`
            : `"upstream ${command}" takes one team. Put a name with spaces in quotation marks.`,
      };
    }
    return {
      command,
      team: positionals[0],
      allowsWider: values['allow-wider'] === true,
      isConfirmed: values.yes === true,
    };
  } catch {
    return { problem: `Unknown options for "upstream ${command}".` };
  }
}

/** A key of W&B, Keysmith or another service. W&B's oldest kind has no prefix; commits, which look like it, don't occur here. */
function isKey(argument: string): boolean {
  return containsCredential(argument) || /\b[0-9a-f]{40}\b/i.test(argument);
}
