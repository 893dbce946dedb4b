import type { ServiceAccount } from '../../domain/service-account.ts';
import type { AuthorityPorts } from '../ports/authority.ts';
import type { TeamView } from '../ports/authority-store.ts';

/** No team is called so; a database need not be asked, and Postgres refuses text with a zero byte. */
const NO_TEAM_NAME = /^$|\p{Cc}|^.{129}/su;

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
  if (account.scope !== 'organization' && teamName !== account.teamName) return undefined;
  if (NO_TEAM_NAME.test(teamName)) return undefined;
  return await ports.store.teamView(ports.organization.id, teamName);
}
