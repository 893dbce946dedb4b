import {
  type AdministeredTeams,
  type BackendFailure,
  BackendUnavailableError,
} from '../../../application/ports/backend.ts';
import type { Person } from '../../../domain/organization/person.ts';
import type { Role, Team } from '../../../domain/organization/team.ts';
import { foldText } from '../../../domain/organization/team-name.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import { readUserTeams, readViewer } from '../client/queries/read-viewer.ts';
import { required } from './backend-failure.ts';
import { createRecentReads } from './recent-reads.ts';
import { withScimPerson } from './scim-directory.ts';
import { administers, roleIn, teamOf } from './team-members.ts';
import type { WandbContext } from './wandb-context.ts';

/** The teams of people, as they were up to a minute ago. All methods throw `BackendUnavailableError`. */
export interface PersonTeams {
  /** A team that the server doesn't list for the person is found by its full name. */
  administered(person: Person, options: { query?: string; limit: number }): Promise<AdministeredTeams>;
  of(person: Person): Promise<{ team: Team; role: Role }[]>;
  /** Reads one team now. Returns undefined if the person may neither administer nor see it. */
  named(person: Person, teamName: string): Promise<{ isAdministered: boolean } | undefined>;
  /** Returns the first team that the API key sees, from which the organization's data can be read. */
  anyTeam(): Promise<WandbTeam | undefined>;
  /** Returns the lowercase address of the API key's owner. */
  ownEmail(): Promise<string | undefined>;
}

export function createPersonTeams(context: WandbContext): PersonTeams {
  const names = createTeamNames(context);
  return {
    async administered({ email }, { query = '', limit }) {
      const isOrganizationAdmin =
        context.organizationAdmins.includes(email) &&
        (await context.scimDirectory.recentPerson(email))?.active !== false;
      if (isOrganizationAdmin) {
        const all = await context.scimDirectory.recentTeamNames();
        if (all !== undefined) return firstTeams(context, matching(all, query), limit);
      }
      const known = isOrganizationAdmin
        ? await names.forOrganizationAdmin(email)
        : await names.ofPerson(email);
      const listed = matching([...new Set(known)], query);
      // Most names are in lowercase, so a name typed with a capital letter finds them too.
      const typed = query === '' ? [] : [query, query.toLowerCase()];
      const unlisted = [...new Set(typed)].filter((name) => !listed.includes(name));
      const administered = (await readTeamsOf(context, email, [...unlisted, ...listed])).filter(
        (team) => isOrganizationAdmin || roleIn(team, email) === 'admin',
      );
      const teams = administered.slice(0, limit).map(teamOf);
      return { teams, total: administered.length, hasUnlisted: isOrganizationAdmin };
    },
    async of({ email }) {
      const teams = await readTeamsOf(context, email, (await names.ofPerson(email)).toSorted());
      return teams.flatMap((team) => {
        const role = roleIn(team, email);
        return role === undefined ? [] : [{ team: teamOf(team), role }];
      });
    },
    async named(person, teamName) {
      const team = await context.teams.fresh(teamName, { email: person.email });
      if (team === undefined) return undefined;
      const isAdministered = administers(context, team, person);
      return isAdministered || roleIn(team, person.email) !== undefined ? { isAdministered } : undefined;
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
function createTeamNames({ client, scimDirectory, store, monotonicMs }: WandbContext) {
  const owners = createRecentReads({
    monotonicMs,
    read: async () => required(await readViewer(client)),
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
      const found = required(await readUserTeams(client, email));
      if (found.kind !== 'not_allowed') return found.kind === 'found' ? found.teams : [];
      const user = await scimDirectory.recentPerson(email);
      const teams = user && (await scimDirectory.recentTeamNames(user));
      // An API key that may not look people up sees only its owner's teams.
      return teams ?? ofOwner();
    },
  });
  return {
    owner,
    ofOwner,
    ofPerson: ofPerson.get,
    /** GraphQL doesn't list the teams of an organization, so these are all known names. */
    async forOrganizationAdmin(email: string): Promise<string[]> {
      const known = await Promise.all([ofOwner(), ofPerson.get(email), store.teamNames()]);
      return known.flat();
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

/** Reads the first of all teams of the organization, without those that the server shows only in the list. */
async function firstTeams(context: WandbContext, names: string[], limit: number): Promise<AdministeredTeams> {
  const found: WandbTeam[] = [];
  let read = 0;
  while (read < names.length && found.length < limit) {
    const next = names.slice(read, read + limit - found.length);
    found.push(...(await readTeams(context, next)));
    read += next.length;
  }
  return { teams: found.map(teamOf), total: found.length + names.length - read, hasUnlisted: false };
}

/** Reads the teams that exist, with the person's role as SCIM shows it. */
async function readTeamsOf(context: WandbContext, email: string, names: string[]): Promise<WandbTeam[]> {
  const [teams, user] = await Promise.all([
    readTeams(context, names),
    context.scimDirectory.recentPerson(email),
  ]);
  return teams.map((team) => withScimPerson(team, email, user));
}

const PARALLEL_READS = 8;
/** Failures that may concern one team only. */
const FAILURES_OF_ONE_TEAM: ReadonlySet<string> = new Set<BackendFailure['reason']>([
  'other_answer',
  'answer_too_large',
  'not_allowed',
  'not_found',
  'refused',
]);

/**
 * Reads the teams that exist. Skips one that the server refuses or returns in an unusable form, as it must not hide the others.
 *
 * @throws BackendUnavailableError if that holds for all of them, or the server can't be reached
 */
export async function readTeams({ teams, logger }: WandbContext, names: string[]): Promise<WandbTeam[]> {
  const found: WandbTeam[] = [];
  const failures: BackendUnavailableError[] = [];
  const readOne = async (name: string) => {
    try {
      const team = await teams.recent(name);
      if (team !== undefined) found.push(team);
    } catch (error) {
      if (!(error instanceof BackendUnavailableError) || !FAILURES_OF_ONE_TEAM.has(error.failure.reason))
        throw error;
      logger.warn({ team: name, reason: error.failure.reason }, 'unreadable team skipped');
      failures.push(error);
    }
  };
  for (let at = 0; at < names.length; at += PARALLEL_READS) {
    await Promise.all(names.slice(at, at + PARALLEL_READS).map(readOne));
  }
  if (failures.length > 0 && failures.length === names.length) throw failures[0];
  const order = new Map(names.map((name, index) => [name, index]));
  return found.sort((one, other) => (order.get(one.name) ?? 0) - (order.get(other.name) ?? 0));
}
