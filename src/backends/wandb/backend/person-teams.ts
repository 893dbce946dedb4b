import type { AdministeredTeams } from '../../../application/ports/backend.ts';
import type { Person } from '../../../domain/organization/person.ts';
import type { Role, Team } from '../../../domain/organization/team.ts';
import { foldText } from '../../../domain/organization/team-name.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import { readUserTeams, readViewer } from '../client/queries/read-viewer.ts';
import { required } from './backend-failure.ts';
import { createRecentReads } from './recent-reads.ts';
import { roleIn, teamOf } from './team-members.ts';
import type { WandbContext } from './wandb-context.ts';

/** The teams of people, as they were up to a minute ago. All methods throw `BackendUnavailableError`. */
export interface PersonTeams {
  administered(person: Person, options: { query?: string; limit: number }): Promise<AdministeredTeams>;
  of(person: Person): Promise<{ team: Team; role: Role }[]>;
  /** Returns the first team that the API key sees, from which the organization's data can be read. */
  anyTeam(): Promise<WandbTeam | undefined>;
  /** Returns the lowercase address of the API key's owner. */
  ownEmail(): Promise<string | undefined>;
}

export function createPersonTeams(context: WandbContext): PersonTeams {
  const names = createTeamNames(context);
  return {
    async administered({ email }, { query = '', limit }) {
      const isOrganizationAdmin = context.organizationAdmins.includes(email);
      const candidates = isOrganizationAdmin
        ? await names.forOrganizationAdmin(email, query)
        : matching(await names.ofPerson(email), query);
      const administered = (await readTeams(context, candidates)).filter(
        (team) => isOrganizationAdmin || roleIn(team, email) === 'admin',
      );
      const teams = administered.slice(0, limit).map(teamOf);
      return { teams, total: administered.length, hasUnlisted: isOrganizationAdmin };
    },
    async of({ email }) {
      const teams = await readTeams(context, (await names.ofPerson(email)).toSorted());
      return teams.flatMap((team) => {
        const role = roleIn(team, email);
        return role === undefined ? [] : [{ team: teamOf(team), role }];
      });
    },
    async anyTeam() {
      // An organization admin may be in no team, and still see other people's teams.
      const seen = context.teams.lastSeen();
      const others = [...(seen === undefined ? [] : [seen]), ...(await context.store.teamNames())];
      for (const name of new Set([...(await names.ofOwner()), ...others])) {
        const team = await context.teams.recent(name);
        if (team !== undefined) return team;
      }
      return undefined;
    },
    ownEmail: async () => (await names.owner()).email?.toLowerCase(),
  };
}

/** Where the names of teams come from: the owner of the API key, the server's search for people, and the store. */
function createTeamNames({ client, capabilities, store, monotonicMs }: WandbContext) {
  const owners = createRecentReads({
    monotonicMs,
    read: async () => required(await readViewer(client, required(await capabilities()))),
  });
  const owner = () => owners.get('owner');
  const ofOwner = async () => {
    const { entity, teams } = await owner();
    const first = entity === undefined ? [] : [entity];
    return [...new Set([...first.filter((name) => teams.includes(name)), ...teams])];
  };
  const ofPerson = createRecentReads({
    monotonicMs,
    read: async (email) => {
      if (!required(await capabilities()).usersQuery) return ofOwner();
      const found = required(await readUserTeams(client, email));
      // An API key that may not look people up sees only its owner's teams.
      if (found.kind === 'not_allowed') return ofOwner();
      return found.kind === 'found' ? found.teams : [];
    },
  });
  return {
    owner,
    ofOwner,
    ofPerson: ofPerson.get,
    /** W&B doesn't list the teams of an organization, so these are all known names and the query itself. */
    async forOrganizationAdmin(email: string, query: string): Promise<string[]> {
      const known = await Promise.all([ofOwner(), ofPerson.get(email), store.teamNames()]);
      return [...new Set([...(query === '' ? [] : [query]), ...matching(known.flat(), query)])];
    },
  };
}

/** Returns the names that contain the query in any case and with any accents, sorted, those that begin with it first. */
function matching(names: string[], query: string): string[] {
  const text = foldText(query);
  const found = names.filter((name) => foldText(name).includes(text)).toSorted();
  const begins = (name: string) => foldText(name).startsWith(text);
  return [...found.filter(begins), ...found.filter((name) => !begins(name))];
}

const PARALLEL_READS = 8;

async function readTeams({ teams }: WandbContext, names: string[]): Promise<WandbTeam[]> {
  const found: WandbTeam[] = [];
  for (let at = 0; at < names.length; at += PARALLEL_READS) {
    const read = await Promise.all(names.slice(at, at + PARALLEL_READS).map((name) => teams.recent(name)));
    found.push(...read.filter((team) => team !== undefined));
  }
  return found;
}
