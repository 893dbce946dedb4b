import { identify } from './identify.ts';
import { OPTIONS_IN_A_SELECT } from './open-account-form.ts';
import type { Ports } from './ports.ts';

/** Who types into the search is asked for once a minute at most: it only shows, the effect checks afresh. */
const PROFILE_MAX_AGE_MS = 60_000;

/** Names of the teams that the person administers and that contain `query`, at most 100, for the searchable select. */
export async function findTeams(ports: Ports, slackUserId: string, query: string): Promise<string[]> {
  const identified = await identify(ports, slackUserId, {
    maxAgeMs: PROFILE_MAX_AGE_MS,
  });
  if (!identified.ok) return [];
  const found = await ports.backend.administeredTeams(identified.person, {
    query,
    limit: OPTIONS_IN_A_SELECT,
  });
  return found.teams.map((team) => team.name);
}
