import { nearestName } from '../../domain/nearest-name.ts';
import { readTeamName } from '../../domain/organization/team-name.ts';
import type { OpenedUpstream } from './open-upstream.ts';

/** Longer words may be a key in a form that Keysmith doesn't know, so they aren't repeated. */
const MAX_REPEATED_LENGTH = 39;

/** Returns the known team with exactly this name, or a text that says what to do. */
export function findTeam(
  typed: string,
  known: readonly string[],
  { config }: Pick<OpenedUpstream, 'config'>,
): { ok: true; teamName: string } | { ok: false; text: string } {
  const name = readTeamName(typed);
  const teamName = known.find((one) => one === name);
  if (teamName !== undefined) return { ok: true, teamName };
  const shown = typed.length > MAX_REPEATED_LENGTH || name === undefined ? 'that name' : `the name “${name}”`;
  const { backend } = config;
  if (backend.kind === 'builtin' && backend.teams.teams.some((team) => team.name === name)) {
    return {
      ok: false,
      text: `Nothing was changed: the teams file has ${shown}, but Keysmith hasn’t read it yet. Restart Keysmith, then run the command again.`,
    };
  }
  const nearest = nearestName(typed, known);
  const next =
    nearest === undefined
      ? 'Names are compared exactly; “upstream list” shows them.'
      : `Did you mean “${nearest}”?`;
  return { ok: false, text: `Nothing was changed: no team has ${shown}. ${next}` };
}
