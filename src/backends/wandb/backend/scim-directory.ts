import type { Clock } from '../../../application/ports/clock.ts';
import type { WantedAccount } from '../../../domain/accounts/reconciliation.ts';
import { normalizeEmailAddress } from '../../../domain/organization/person.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import type { CallOptions } from '../client/wandb-client.ts';
import type { WandbFailure, WandbResult } from '../client/wandb-failure.ts';
import type { ScimClient, ScimServiceAccount } from '../scim/scim-client.ts';
import type { ScimUser } from '../scim/scim-resources.ts';
import { required } from './backend-failure.ts';
import { createRecentReads } from './recent-reads.ts';

/** The organization's people and teams, on servers that let Keysmith use SCIM. Everything is undefined on others. */
export interface ScimDirectory {
  /** Reads a person now. */
  person(email: string, options?: CallOptions): Promise<WandbResult<ScimUser | undefined>>;
  /**
   * Returns a person as they were up to a minute ago; for display only.
   *
   * @throws BackendUnavailableError
   */
  recentPerson(email: string): Promise<ScimUser | undefined>;
  /** Reads the service accounts with exactly this name now, and the one with the stored ID, which may have been renamed. */
  serviceAccounts(
    wanted: Pick<WantedAccount, 'name' | 'scimId'>,
    options?: CallOptions,
  ): Promise<WandbResult<ScimServiceAccount[] | undefined>>;
  /**
   * Returns the names of all teams, or of all teams of a person, as they were up to a minute ago; for display only. Undefined
   * also when the list is incomplete.
   *
   * @throws BackendUnavailableError
   */
  recentTeamNames(of?: ScimUser): Promise<string[] | undefined>;
}

export function createScimDirectory(
  scim: ScimClient,
  { monotonicMs }: Pick<Clock, 'monotonicMs'>,
): ScimDirectory {
  const person: ScimDirectory['person'] = (email, options) =>
    whereAvailable(scim, options, () => scim.findPersonByEmail(email, options));
  const people = createRecentReads({ monotonicMs, read: async (email) => required(await person(email)) });
  const lists = createRecentReads({
    monotonicMs,
    read: async () => {
      const list = await whereAvailable(scim, undefined, () => scim.listTeams());
      // More than Keysmith reads at once.
      return !list.ok && list.failure.reason === 'too_large' ? undefined : required(list);
    },
  });
  return {
    person,
    recentPerson: people.get,
    serviceAccounts: (wanted, options) =>
      whereAvailable(scim, options, () => findServiceAccounts(scim, wanted, options)),
    async recentTeamNames(of) {
      const list = await lists.get('teams');
      if (list === undefined || !list.isComplete) return undefined;
      const teams = list.entries.filter(
        ({ memberIds }) => of === undefined || (of.id !== undefined && memberIds.includes(of.id)),
      );
      return teams.map(({ name }) => name);
    },
  };
}

async function findServiceAccounts(
  scim: ScimClient,
  { name, scimId }: Pick<WantedAccount, 'name' | 'scimId'>,
  options?: CallOptions,
): Promise<WandbResult<ScimServiceAccount[]>> {
  const named = await scim.findServiceAccountsByName(name, options);
  if (!named.ok || scimId === undefined || named.value.some(({ id }) => id === scimId)) return named;
  const known = await scim.findServiceAccountById(scimId, options);
  if (!known.ok) return known;
  return { ok: true, value: known.value === undefined ? named.value : [...named.value, known.value] };
}

/** Returns undefined on a server without SCIM, or that doesn't let Keysmith use it. */
async function whereAvailable<Value>(
  scim: ScimClient,
  options: CallOptions | undefined,
  read: () => Promise<WandbResult<Value>>,
): Promise<WandbResult<Value | undefined>> {
  const availability = await scim.availability(options);
  if (!availability.ok) return availability;
  if (availability.value !== 'available') return { ok: true, value: undefined };
  const result = await read();
  return !result.ok && isWithdrawn(result.failure) ? { ok: true, value: undefined } : result;
}

/** The server offered SCIM to this credential less than a day ago, and no longer does. */
function isWithdrawn({ reason }: WandbFailure): boolean {
  return reason === 'forbidden' || reason === 'not_found';
}

/** What SCIM calls W&B's roles. A custom role has another name; GraphQL shows the role that it is based on. */
const scimRoles = ['admin', 'member', 'viewer'];

/** A team that was read for a person. */
export interface TeamOfPerson extends WandbTeam {
  /** SCIM shows the person as deactivated. */
  isDeactivated?: true;
}

/**
 * Returns the team as SCIM shows this person in it: without them if they are deactivated, and with their role if SCIM shows
 * that. A member whose address GraphQL hides is found by the user name.
 */
export function withScimPerson(team: WandbTeam, email: string, user: ScimUser | undefined): TeamOfPerson {
  if (user === undefined) return team;
  const isPerson = (member: WandbTeam['members'][number]) =>
    member.email === undefined
      ? member.username !== undefined && member.username === user.userName
      : normalizeEmailAddress(member.email) === email;
  if (user.active === false) {
    return { ...team, members: team.members.filter((member) => !isPerson(member)), isDeactivated: true };
  }
  const role = user.teamRoles?.find(({ teamName }) => teamName === team.name)?.roleName;
  const shown = role !== undefined && scimRoles.includes(role) ? { role, admin: role === 'admin' } : {};
  return {
    ...team,
    members: team.members.map((member) => (isPerson(member) ? { ...member, email, ...shown } : member)),
  };
}
