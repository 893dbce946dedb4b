import { exitCode } from '../../bootstrap/exit-code.ts';
import { cancelled } from '../prompt.ts';
import { findTeam } from './find-team.ts';
import type { OpenedUpstream, UpstreamDependencies } from './open-upstream.ts';

/** Removes the stored key of a team, archived or not. Returns the exit code. */
export async function removeTeamKey(
  upstream: OpenedUpstream,
  { team, isConfirmed }: { team: string; isConfirmed: boolean },
  { isTerminal, prompt, print, printError }: UpstreamDependencies,
): Promise<number> {
  const { store, teamKeys, config } = upstream;
  const stored = (await store.upstreamState()).teamKeys.map(({ teamName }) => teamName);
  const found = findTeam(team, [...new Set([...stored, ...(await store.teamNames())])], upstream);
  if (!found.ok) {
    printError(found.text);
    return exitCode.failure;
  }
  const { teamName } = found;
  if (!stored.includes(teamName)) {
    printError(`Nothing was changed: no key is stored for the team “${teamName}”.`);
    return exitCode.failure;
  }
  if (!isConfirmed && !isTerminal) {
    printError('Nothing was changed: without a terminal, add --yes to remove the key.');
    return exitCode.usage;
  }
  const after =
    config.gateway.auth === 'federation'
      ? 'Keysmith will use identity federation for the team instead.'
      : 'Its workloads can’t log or read runs until you store another key.';
  const answer = isConfirmed
    ? 'remove'
    : await prompt.choose({
        message: `Remove the key of the team “${teamName}”? ${after}`,
        options: [
          { value: 'keep', label: 'Keep it' },
          { value: 'remove', label: 'Remove it' },
        ],
      });
  if (answer !== 'remove') {
    printError('Nothing was changed: the key is kept.');
    return answer === cancelled ? exitCode.interrupted : exitCode.failure;
  }
  if ((await teamKeys.remove(teamName)) === 'not_found') {
    printError(`Nothing was changed: someone else has just removed the key of the team “${teamName}”.`);
    return exitCode.failure;
  }
  print(`Removed the key of the team “${teamName}”. A running Keysmith stops using it within five seconds.`);
  print('The key itself still works in W&B. Delete it there if nothing else uses it.');
  return exitCode.success;
}
