import { nearestName } from '../../domain/nearest-name.ts';
import type { IdentificationFailure, Person } from '../../domain/organization/person.ts';
import type { PolicySource } from '../../domain/organization/policy.ts';
import type { TeamMember } from '../../domain/organization/team.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AdministeredTeams, Backend } from '../ports/backend.ts';

/** Someone to ask. `slackUserId` is undefined when Slack doesn't know the address; show the name then. */
export interface Contact {
  slackUserId: string | undefined;
  name: string;
}

/** The Slack user isn't a person Keysmith may serve. */
export type NotIdentified = { reason: IdentificationFailure | 'unknown_user' };

/** Why a person may not do something. The edge turns each reason into text. */
export type Refusal =
  | NotIdentified
  | { reason: 'no_team'; organizationAdmins: Contact[]; administeredIn: Backend['administeredIn'] }
  /** The person administers every team, but the backend can't list them: a team has to be named. */
  | { reason: 'team_not_named' }
  | { reason: 'not_admin'; teams: { name: string; admins: Contact[] }[] }
  /** The person may only view the team. */
  | { reason: 'view_only'; teams: { name: string; admins: Contact[] }[] }
  /** The policy of the team says who decides on requests. */
  | { reason: 'not_approver'; teamName: string; approvers: Contact[]; setBy: PolicySource }
  /** The account may use every team, or only organization admins may do this at all. */
  | { reason: 'not_organization_admin'; organizationAdmins: Contact[] }
  /** The team doesn't exist or the person isn't in it. The two must look the same. `nearest`: one of their own teams. */
  | { reason: 'team_unknown'; nearest?: string };

/** Enough people to find someone, few enough to look up before Slack's deadline. */
const MAX_CONTACTS = 5;
const MAX_TEAMS = 5;

/**
 * Returns the refusal for a person who administers no team: the admins of their teams, or the organization admins when
 * they are in no team.
 */
export async function refusalForNonAdmin(
  ports: Ports,
  person: Person,
  administered: AdministeredTeams,
): Promise<Refusal> {
  if (administered.hasUnlisted) return { reason: 'team_not_named' };
  const memberships = await ports.backend.teamsOf(person);
  if (memberships.length === 0) return refusalWithoutTeam(ports);
  const names = memberships.slice(0, MAX_TEAMS).map(({ team }) => team.name);
  return {
    reason: 'not_admin',
    teams: await Promise.all(names.map((name) => teamWithAdmins(ports, name))),
  };
}

/** Returns the refusal for a member of one team who isn't its admin. */
export async function refusalForTeam(ports: Ports, teamName: string): Promise<Refusal> {
  return { reason: 'not_admin', teams: [await teamWithAdmins(ports, teamName)] };
}

/** Enough for nearly everyone, and few enough to compare at once. */
const MAX_COMPARED_TEAMS = 1_000;

/** Returns the refusal for a team name that isn't one of the person's, with the nearest that is. */
export async function refusalForUnknownTeam(
  { backend }: Ports,
  person: Person,
  teamName: string,
): Promise<Refusal> {
  const own = await backend.teamsOf(person);
  const administered = await backend.administeredTeams(person, { limit: MAX_COMPARED_TEAMS });
  const names = [...own.map(({ team }) => team.name), ...administered.teams.map(({ name }) => name)];
  const nearest = nearestName(teamName, [...new Set(names)]);
  return { reason: 'team_unknown', ...(nearest !== undefined && { nearest }) };
}

/** Returns the refusal for a person who isn't an organization admin. */
export async function refusalForOrganizationScope(ports: Ports): Promise<Refusal> {
  return { reason: 'not_organization_admin', organizationAdmins: await organizationContacts(ports) };
}

async function refusalWithoutTeam(ports: Ports): Promise<Refusal> {
  return {
    reason: 'no_team',
    organizationAdmins: await organizationContacts(ports),
    administeredIn: ports.backend.administeredIn,
  };
}

/** Returns mentions only: a person outside every team may not see email addresses. */
async function organizationContacts(ports: Ports): Promise<Contact[]> {
  const emails = await ports.backend.organizationAdmins();
  const admins = await contactsOf(
    ports,
    emails.map((email) => ({ email, username: email })),
  );
  return admins.filter(({ slackUserId }) => slackUserId !== undefined);
}

async function teamWithAdmins(ports: Ports, name: string): Promise<{ name: string; admins: Contact[] }> {
  return { name, admins: await contactsOf(ports, await ports.backend.teamAdmins(name)) };
}

export function contactsOf(
  { directory }: Ports,
  people: Pick<TeamMember, 'email' | 'username'>[],
): Promise<Contact[]> {
  return Promise.all(
    people.slice(0, MAX_CONTACTS).map(async ({ email, username }) => ({
      // The name is enough where Slack doesn't return the user.
      slackUserId: await directory.findByEmail(email).catch(() => undefined),
      name: username,
    })),
  );
}
