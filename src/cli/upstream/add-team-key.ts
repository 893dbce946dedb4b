import { teamKeyAuthorization } from '../../application/gateway/team-keys.ts';
import {
  checkUpstreamCredential,
  type UpstreamCheck,
} from '../../backends/wandb/upstream/check-upstream-credential.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { wandbApiKey } from '../../config/setting-schemas.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { plainText } from '../doctor/finding.ts';
import { cancelled } from '../prompt.ts';
import { findTeam } from './find-team.ts';
import type { OpenedUpstream, UpstreamDependencies } from './open-upstream.ts';
import { listText, unknownText } from './upstream-texts.ts';

/** Reads a W&B API key, asks the W&B server who owns it, and stores it for the team. Returns the exit code. */
export async function addTeamKey(
  upstream: OpenedUpstream,
  { team, allowsWider }: { team: string; allowsWider: boolean },
  dependencies: UpstreamDependencies,
): Promise<number> {
  const { print, printError } = dependencies;
  const found = findTeam(team, await upstream.store.teamNames(), upstream);
  if (!found.ok) {
    printError(found.text);
    return exitCode.failure;
  }
  const { teamName } = found;
  const read = await readKey(teamName, upstream, dependencies);
  if (!read.ok) {
    printError(`Nothing was stored: ${read.problem}`);
    return read.exit;
  }
  const { key } = read;
  const authorization = teamKeyAuthorization(key);
  const check = await checkUpstreamCredential({ authorization, teamName }, upstream.ask);
  const refusal = refusalText(check, { teamName, allowsWider });
  if (check.outcome !== 'accepted' || refusal !== undefined) {
    printError(`Nothing was stored: ${refusal}`);
    return exitCode.failure;
  }
  const { isWider } = check;
  const owner = plainText(check.owner);
  const stored = await upstream.teamKeys.add(teamName, { key, owner, isWider });
  if (stored === 'no_team') {
    printError(`Nothing was stored: the team “${teamName}” was archived in the meantime.`);
    return exitCode.failure;
  }
  const instead = stored === 'replaced' ? ' in place of the earlier one' : '';
  print(`Stored the API key of ${owner} for the team “${teamName}”${instead}.`);
  if (isWider)
    print(`Warning: ${widerText(check)}. Replace it with the key of a service account of this team.`);
  print('A running Keysmith uses it within five seconds.');
  return exitCode.success;
}

type ReadKey = { ok: true; key: Secret } | { ok: false; problem: string; exit: number };

async function readKey(
  teamName: string,
  { config }: OpenedUpstream,
  { isTerminal, prompt, readInput }: UpstreamDependencies,
): Promise<ReadKey> {
  if (!isTerminal) {
    const text = await readInput();
    if (text === undefined) {
      const problem =
        'the key would be visible. Run the command with input and output in a terminal, or send the key to standard input.';
      return { ok: false, problem, exit: exitCode.usage };
    }
    const problem = keyProblem(text.trim());
    return problem === undefined
      ? { ok: true, key: new Secret(text.trim()) }
      : { ok: false, problem, exit: exitCode.failure };
  }
  const message = `API key of a service account in the team “${teamName}” at ${config.gateway.upstreamUrl}`;
  const answer = await prompt.secret({ message, validate: keyProblem });
  if (answer === cancelled) return { ok: false, problem: 'cancelled.', exit: exitCode.interrupted };
  return { ok: true, key: new Secret(answer.trim()) };
}

/** Returns what is wrong with a text that should be a W&B API key. Never quotes it. */
function keyProblem(text: string): string | undefined {
  if (text === '') return 'no key was entered.';
  if (/^keysmith_/i.test(text)) {
    return 'this is a Keysmith key. Enter an API key that the W&B server issued.';
  }
  return wandbApiKey.safeParse(text).error?.issues[0]?.message;
}

function refusalText(
  check: UpstreamCheck,
  { teamName, allowsWider }: { teamName: string; allowsWider: boolean },
): string | undefined {
  switch (check.outcome) {
    case 'accepted':
      return !check.isWider || allowsWider
        ? undefined
        : `${widerText(check)}. Use the key of a service account that is in “${teamName}” only, or add --allow-wider to store it anyway.`;
    case 'other_team': {
      const where = check.teams.length === 0 ? 'in no team' : `in ${listText(check.teams)}`;
      return `its owner ${plainText(check.owner)} is ${where}, not in “${teamName}”. Use the key of a service account of that team.`;
    }
    case 'rejected':
      return 'the W&B server doesn’t accept this key (401). Copy all of it again; it may also have been deleted, or belong to another server.';
    case 'unknown':
      return unknownText(check.failure, 'upstream add');
  }
}

function widerText({ owner, isAdmin, otherTeams }: Extract<UpstreamCheck, { outcome: 'accepted' }>): string {
  const reach = [
    ...(isAdmin ? ['is an administrator'] : []),
    ...(otherTeams.length > 0 ? [`is also in ${listText(otherTeams)}`] : []),
  ];
  return `the key reaches more than this team: its owner ${plainText(owner)} ${reach.join(' and ')}`;
}
