import type { Person } from '../domain/person.ts';
import { decideManageTeam } from '../domain/policy.ts';
import type { Standing } from '../domain/team.ts';
import { type Caller, identify } from './identify.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuseForTeam } from './refusal.ts';

export type AdministerTeamResult =
  | { ok: true; person: Person; standing: Standing }
  | { ok: false; who: Caller; refusal: Refusal };

/**
 * Checks, afresh, that a Slack user may administer a team's service accounts: what every effect starts with.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError
 */
export async function administerTeam(
  ports: Ports,
  slackUserId: string,
  teamName: string,
): Promise<AdministerTeamResult> {
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) return { ok: false, who: { slackUserId }, refusal: identified.refusal };
  return administerTeamAs(ports, identified.person, teamName);
}

/** As above, for a person who was identified for this very effect. */
export async function administerTeamAs(
  ports: Ports,
  person: Person,
  teamName: string,
): Promise<AdministerTeamResult> {
  const standing = await ports.backend.standing(person, teamName);
  if (standing === undefined) return { ok: false, who: person, refusal: { reason: 'team_unknown' } };
  const decision = decideManageTeam(standing);
  if (decision.allowed) return { ok: true, person, standing };
  const refusal: Refusal =
    decision.reason === 'not_admin' ? await refuseForTeam(ports, teamName) : { reason: 'team_unknown' };
  return { ok: false, who: person, refusal };
}
