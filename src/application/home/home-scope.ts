import type { Person } from '../../domain/organization/person.ts';
import type { Role } from '../../domain/organization/team.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { HomeScope } from './home-store.ts';

/** More teams than anyone looks after. */
const MAX_TEAMS = 1_000;

/** The teams of a person, as the Home tab needs them. */
export interface PersonScope {
  own: readonly { name: string; role: Role }[];
  administered: HomeScope['administered'];
  visible: HomeScope['visible'];
  isOrganizationAdmin: boolean;
  /** Whether the person administers teams that the server doesn't list. */
  hasUnlistedTeams: boolean;
}

/**
 * Reads the teams of a person. Not for permission checks.
 *
 * @throws StoreUnavailableError, BackendUnavailableError
 */
export async function personScope({ backend }: Pick<Ports, 'backend'>, person: Person): Promise<PersonScope> {
  const [memberships, listed, admins] = await Promise.all([
    backend.teamsOf(person),
    backend.administeredTeams(person, { limit: MAX_TEAMS }),
    backend.organizationAdmins(),
  ]);
  const own = memberships.map(({ team, role }) => ({ name: team.name, role }));
  const isOrganizationAdmin = admins.includes(person.email) && (listed.total > 0 || listed.hasUnlisted);
  const names = listed.teams.map(({ name }) => name);
  // On a W&B server, only the teams that it lists are known to be the organization's.
  const administersAll = isOrganizationAdmin && backend.administeredIn === 'teams_file';
  return {
    own,
    administered: administersAll ? 'all' : names,
    visible: administersAll ? 'all' : [...new Set([...names, ...own.map(({ name }) => name)])],
    isOrganizationAdmin,
    hasUnlistedTeams: listed.hasUnlisted,
  };
}
