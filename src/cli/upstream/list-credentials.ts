import type { UpstreamRejection } from '../../application/ports/upstream-store.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { tableLines, utcText } from '../table.ts';
import type { OpenedUpstream, UpstreamDependencies } from './open-upstream.ts';

const HEADINGS = ['TEAM', 'CREDENTIAL', 'OWNER', 'STORED', 'REACH', 'STATE'];

/** Prints a table of all teams with their credentials, as the database has them. Doesn’t ask the W&B server. Returns the exit code. */
export async function listCredentials(
  { store, config }: OpenedUpstream,
  { print }: Pick<UpstreamDependencies, 'print'>,
): Promise<number> {
  const { teamKeys, rejections } = await store.upstreamState();
  const stored = teamKeys.map(({ teamName, owner, storedAtMs, isWider, isTeamArchived }) => [
    teamName,
    'API key',
    owner,
    utcText(storedAtMs),
    isWider ? 'wider' : 'team',
    isTeamArchived
      ? 'not used: team archived'
      : (rejectedText(rejections, teamName, 'team_key') ?? 'accepted when stored'),
  ]);
  const isFederated = config.gateway.auth === 'federation';
  const others = (await store.teamNames())
    .filter((name) => teamKeys.every(({ teamName }) => teamName !== name))
    .map((name) =>
      isFederated
        ? [
            name,
            'federation',
            '',
            '',
            'team',
            rejectedText(rejections, name, 'access_token') ?? 'not rejected so far',
          ]
        : [name, 'none', '', '', '', 'runs can’t be logged'],
    );
  const rows = [...stored, ...others].sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  for (const line of tableLines([HEADINGS, ...rows])) print(line);
  print('\nSTATE is what Keysmith recorded. “upstream check” asks the W&B server now.');
  return exitCode.success;
}

/** Whether W&B accepts a credential now, only W&B knows. */
function rejectedText(
  rejections: readonly UpstreamRejection[],
  teamName: string,
  kind: UpstreamRejection['kind'],
): string | undefined {
  const rejection = rejections.find((one) => one.teamName === teamName && one.kind === kind);
  return rejection && `hasn’t worked since ${utcText(rejection.sinceMs)}`;
}
