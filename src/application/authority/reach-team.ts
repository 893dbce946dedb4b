import type { ServiceAccount } from '../../domain/service-account.ts';
import { mayReachTeam } from '../../domain/team-reach.ts';
import type { AuthorityPorts } from '../ports/authority.ts';

/**
 * Does this account reach that team: its own, or any active one where its scope is the organization?
 *
 * @param account one that was just verified, so that its own team is active
 * @throws StoreUnavailableError
 */
export async function reachesTeam(
  ports: Pick<AuthorityPorts, 'store' | 'organization'>,
  account: ServiceAccount,
  teamName: string,
): Promise<boolean> {
  if (!mayReachTeam(account, teamName)) return false;
  if (teamName === account.teamName) return true;
  // No project is meant; this reads less than a team's members.
  return (await ports.store.runTarget(ports.organization.id, { teamName, projectName: '' })) !== undefined;
}
