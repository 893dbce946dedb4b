import { type AdministeredTeams, BackendUnavailableError } from '../../../application/ports/backend.ts';
import { normalizeEmailAddress, type Person } from '../../../domain/organization/person.ts';
import type { Role, Team, TeamMember } from '../../../domain/organization/team.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import { readOrganizations, readUserTeams, readViewer } from '../client/queries/read-viewer.ts';
import type { WandbResult } from '../client/wandb-failure.ts';
import { createRecentReads } from '../recent-reads.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import { RECENT } from './team-directory.ts';
import type { WandbContext } from './wandb-context.ts';

type WandbMember = WandbTeam['members'][number];

/** What the person is to the team; undefined for who is no member, or invited only. */
export function roleIn(team: WandbTeam, email: string): Role | undefined {
  const roles = team.members.filter((member) => emailOf(member) === email).map(roleOf);
  return (['admin', 'member', 'view-only'] as const).find((role) => roles.includes(role));
}

/**
 * May the person administer the team as it was read? It was asked before; slow calls may lie between that and the reading
 * that an effect starts with.
 */
export function administers(
  { organizationAdmins }: { organizationAdmins: readonly string[] },
  team: WandbTeam,
  { email }: Person,
): boolean {
  return organizationAdmins.includes(email) || roleIn(team, email) === 'admin';
}

export function adminsOf(team: WandbTeam): TeamMember[] {
  return team.members.flatMap((member) => {
    const email = emailOf(member);
    if (email === undefined || roleOf(member) !== 'admin') return [];
    return [{ email, username: member.username ?? email, role: 'admin' as const }];
  });
}

/** Of a person who has joined, lower case. */
function emailOf({ email, pending, accountType }: WandbMember): string | undefined {
  if (pending || email === undefined || accountType === 'SERVICE' || accountType === 'ANONYMOUS')
    return undefined;
  return normalizeEmailAddress(email);
}

function roleOf({ admin, role, accountType }: WandbMember): Role {
  if (admin || role === 'admin') return 'admin';
  return accountType === 'VIEWER' || role?.startsWith('view') ? 'view-only' : 'member';
}

/** Which teams a person has to do with. All may be a minute old. */
export interface PeopleTeams {
  administered(person: Person, options: { query?: string; limit: number }): Promise<AdministeredTeams>;
  of(person: Person): Promise<{ team: Team; role: Role }[]>;
  /** The first team that the key sees, to read what is the organization's. */
  any(): Promise<WandbTeam | undefined>;
  /** Of whom the key belongs to, lower case. */
  ownEmail(): Promise<string | undefined>;
}

const READ_AT_ONCE = 8;

export function createPeopleTeams(context: WandbContext): PeopleTeams {
  const recentReads = <Value>(read: (key: string) => Promise<Value>) =>
    createRecentReads({ ...RECENT, now: context.now, read });
  const viewer = recentReads(async () =>
    required(await readViewer(context.client, await capabilitiesOf(context))),
  );
  const ownTeams = recentReads(async () => {
    const { entity, teams } = await viewer.get('');
    const first = entity === undefined ? [] : [entity];
    return [...new Set([...first.filter((name) => teams.includes(name)), ...teams])];
  });
  const userTeams = recentReads(async (email) => {
    if (!(await capabilitiesOf(context)).usersQuery) return ownTeams.get('');
    const found = await required(await readUserTeams(context.client, email));
    // Without the right to look people up there is only what the key itself sees.
    if (found.kind === 'not_allowed') return ownTeams.get('');
    return found.kind === 'found' ? found.teams : [];
  });
  const isOrganizationAdmin = (email: string) => context.organizationAdmins.includes(email);
  const stored = () => context.store.teamNames();
  // W&B does not list the teams of an organization: all that is known of some, and what is named is looked at.
  const namesFor = async (email: string, query: string) => {
    if (!isOrganizationAdmin(email)) return matching(await userTeams.get(email), query);
    const known = await Promise.all([ownTeams.get(''), userTeams.get(email), stored()]);
    return [...new Set([...(query === '' ? [] : [query]), ...matching(known.flat(), query)])];
  };
  const read = (names: string[]) => readTeams(context, names);
  return {
    async administered({ email }, { query = '', limit }) {
      const isOfAll = isOrganizationAdmin(email);
      const administered = (await read(await namesFor(email, query))).filter(
        (team) => isOfAll || roleIn(team, email) === 'admin',
      );
      const teams = administered.slice(0, limit).map(teamOf);
      return { teams, total: administered.length, hasUnlisted: isOfAll };
    },
    async of({ email }) {
      const teams = await read((await userTeams.get(email)).toSorted());
      return teams.flatMap((team) => {
        const role = roleIn(team, email);
        return role === undefined ? [] : [{ team: teamOf(team), role }];
      });
    },
    async any() {
      // The key of an organization admin may be in no team itself, and sees those of others.
      const seen = context.teams.lastSeen();
      const others = [...(seen === undefined ? [] : [seen]), ...(await stored())];
      for (const name of new Set([...(await ownTeams.get('')), ...others])) {
        const team = await context.teams.recent(name);
        if (team !== undefined) return team;
      }
      return undefined;
    },
    ownEmail: async () => (await viewer.get('')).email?.toLowerCase(),
  };
}

/** W&B itself decides which subjects may be registered. */
export function teamOf({ id, name }: Pick<WandbTeam, 'id' | 'name'>): Team {
  return { id, name, subjects: ['*'] };
}

/** By name, those that begin with the query first. */
function matching(names: string[], query: string): string[] {
  const sought = query.toLowerCase();
  const found = names.filter((name) => name.toLowerCase().includes(sought)).toSorted();
  const begins = (name: string) => name.toLowerCase().startsWith(sought);
  return [...found.filter(begins), ...found.filter((name) => !begins(name))];
}

async function readTeams({ teams }: WandbContext, names: string[]): Promise<WandbTeam[]> {
  const found: WandbTeam[] = [];
  for (let at = 0; at < names.length; at += READ_AT_ONCE) {
    const read = await Promise.all(names.slice(at, at + READ_AT_ONCE).map((name) => teams.recent(name)));
    found.push(...read.filter((team) => team !== undefined));
  }
  return found;
}

async function capabilitiesOf({ capabilities }: WandbContext) {
  return required(await capabilities());
}

function required<Value>(result: WandbResult<Value>): Value {
  if (result.ok) return result.value;
  throw new BackendUnavailableError(backendFailureOf(result.failure));
}

/**
 * URLs of the organization's JWT issuers: as the server shows them to the key's owner, else as one of its teams does. None
 * where it shows none.
 */
export async function readIssuers(
  { client, capabilities, organizationName }: WandbContext,
  people: PeopleTeams,
): Promise<string[]> {
  const able = await capabilities();
  if (!able.ok) throw new BackendUnavailableError(backendFailureOf(able.failure));
  const { oauthProvidersOnOrganization, organizationsOnUser } = able.value;
  if (!oauthProvidersOnOrganization) return [];
  if (organizationsOnUser) {
    const read = await readOrganizations(client);
    if (!read.ok) throw new BackendUnavailableError(backendFailureOf(read.failure));
    const urls = read.value.find(({ name }) => name === organizationName)?.issuerUrls;
    if (urls !== undefined) return sorted(urls);
  }
  const providers = (await people.any())?.organization?.oauthProviders ?? [];
  return sorted(providers.map(({ issuerUrl }) => issuerUrl));
}

function sorted(urls: string[]): string[] {
  return [...new Set(urls)].toSorted();
}
