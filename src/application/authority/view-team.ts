import type { ServiceAccount } from '../../domain/service-account.ts';
import { mayReachTeam } from '../../domain/team-reach.ts';
import type { AuthorityPorts } from '../ports/authority.ts';
import type { TeamView } from '../ports/authority-store.ts';

/**
 * What a service account sees of a team: its own, and every active one for an account of organization scope. Undefined
 * for others, as for a team that does not exist.
 *
 * @throws StoreUnavailableError
 */
export async function viewTeam(
  ports: Pick<AuthorityPorts, 'store' | 'organization'>,
  account: ServiceAccount,
  teamName: string,
): Promise<TeamView | undefined> {
  if (!mayReachTeam(account, teamName)) return undefined;
  return await ports.store.teamView(ports.organization.id, teamName);
}
