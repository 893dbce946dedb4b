import type { Person } from '../../domain/organization/person.ts';
import type { Team } from '../../domain/organization/team.ts';
import { decideAsk } from '../../domain/requests/decide-request.ts';
import type { Check } from '../accounts/authorize.ts';
import {
  type Refusal,
  refusalForNonAdmin,
  refusalForTeam,
  refusalForUnknownTeam,
} from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AdministeredTeams } from '../ports/backend.ts';
import { checkMayAsk } from './approvers.ts';

/** The teams for which a person gets the form: those they administer, and those whose members request accounts. */
export interface FormTeams extends AdministeredTeams {
  /** Names of teams in which the person is only a member, sorted. */
  requestable: string[];
  /** The named or suggested team. */
  preset: { name: string; asks: 'create' | 'request' } | undefined;
}

interface FormRequest {
  teamName: string | undefined;
  channelName: string | undefined;
  isOpen?: true;
}

/** Checks that a person may create or request an account in some team, or in the named one. */
export async function checkFormTeams(
  ports: Ports,
  person: Person,
  { teamName, channelName, isOpen }: FormRequest,
  limit: number,
): Promise<Check<FormTeams, Refusal>> {
  const administered = await ports.backend.administeredTeams(person, { limit });
  const memberships = await ports.backend.teamsOf(person);
  const names = new Set(administered.teams.map(({ name }) => name));
  const requestable = memberships
    .filter(({ team, role }) => role === 'member' && !names.has(team.name) && !administered.hasUnlisted)
    .map(({ team }) => team.name);
  const teams = { ...administered, requestable, preset: undefined };
  // Read by its name, as a server may list no teams.
  const named = teamName === undefined ? undefined : await checkMayAsk(ports, person, teamName);
  if (named?.ok) return { ok: true, granted: withNamed(teams, named.granted.access.team, named.granted.may) };
  const mayBeUnlisted = administered.hasUnlisted && (named !== undefined || isOpen === true);
  if (administered.total + requestable.length === 0 && !mayBeUnlisted) {
    const viewed = memberships[0]?.team.name;
    if (named !== undefined && named.refusal.reason === 'view_only') return named;
    if (viewed === undefined)
      return { ok: false, refusal: await refusalForNonAdmin(ports, person, administered) };
    const refusal = await refusalForTeam(ports, viewed);
    return {
      ok: false,
      refusal: refusal.reason === 'not_admin' ? { ...refusal, reason: 'view_only' } : refusal,
    };
  }
  // In an open form, the person can still choose another team.
  if (named === undefined || isOpen) {
    return { ok: true, granted: { ...teams, preset: await suggested(ports, person, channelName) } };
  }
  const isUnknown = named.refusal.reason === 'team_unknown' && teamName !== undefined;
  return isUnknown ? { ok: false, refusal: await refusalForUnknownTeam(ports, person, teamName) } : named;
}

/** Adds the named team, if it isn't listed for the person. */
function withNamed(teams: FormTeams, team: Team, asks: 'create' | 'request'): FormTeams {
  const preset = { name: team.name, asks };
  const { total, hasUnlisted, requestable } = teams;
  // Beyond the limit of listed teams, the form searches, so the team may be among the others.
  const isListed =
    hasUnlisted ||
    total > teams.teams.length ||
    requestable.includes(team.name) ||
    teams.teams.some(({ name }) => name === team.name);
  if (isListed) return { ...teams, preset };
  return asks === 'create'
    ? { ...teams, teams: [team, ...teams.teams], total: total + 1, preset }
    : { ...teams, requestable: [team.name, ...requestable], preset };
}

/** Returns the team with the conversation's name, but only to a person who may create or request accounts there. */
async function suggested(
  { backend }: Ports,
  person: Person,
  channelName: string | undefined,
): Promise<FormTeams['preset']> {
  const access = channelName === undefined ? undefined : await backend.teamAccess(person, channelName);
  const asks = access === undefined ? 'unknown' : decideAsk(access);
  if (access === undefined || asks === 'unknown' || asks === 'view_only') return undefined;
  return { name: access.team.name, asks };
}
