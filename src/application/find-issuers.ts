import { identify } from './identify.ts';
import { OPTIONS_IN_A_SELECT } from './open-account-form.ts';
import type { Ports } from './ports.ts';

/** As for the search of teams: it only shows, the effect checks afresh. */
const PROFILE_MAX_AGE_MS = 60_000;

/** Issuers whose URL contains `query`, at most 100, for the searchable select of somebody who administers a team. */
export async function findIssuers(ports: Ports, slackUserId: string, query: string): Promise<string[]> {
  const identified = await identify(ports, slackUserId, { maxAgeMs: PROFILE_MAX_AGE_MS });
  if (!identified.ok) return [];
  const { total, hasUnlisted } = await ports.backend.administeredTeams(identified.person, { limit: 1 });
  if (total === 0 && !hasUnlisted) return [];
  const issuers = await ports.backend.issuers();
  return issuers.filter((url) => url.toLowerCase().includes(query)).slice(0, OPTIONS_IN_A_SELECT);
}
