import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../domain/audit/audit-event.ts';
import { type IdentificationFailure, identifyPerson, type Person } from '../../domain/organization/person.ts';
import { decideManageTeam } from '../../domain/organization/policy.ts';
import type { TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AdministeredTeams, Backend } from '../ports/backend.ts';

/** Somebody to ask: as a Slack user where Slack knows the address, else by name. */
export interface Contact {
  slackUserId: string | undefined;
  name: string;
}

/** Why a person may not. Each reason has its words at the edge. */
export type Refusal =
  | NotIdentified
  | { reason: 'no_team'; organizationAdmins: Contact[]; administeredIn: Backend['administeredIn'] }
  /** Somebody who administers every team, where no team is known without its name. */
  | { reason: 'team_not_named' }
  | { reason: 'not_admin'; teams: { name: string; admins: Contact[] }[] }
  /** No such team, or none that this person may know of: the two are not told apart. */
  | { reason: 'team_unknown' };

/** People named in one answer: enough to find somebody, few enough to read and to look up in time. */
const CONTACTS_SHOWN = 5;
const TEAMS_SHOWN = 5;

/**
 * Tells a member of teams who administers them, and somebody without any team whom to ask.
 *
 * @param administered none that could be listed
 */
export async function refuseNonAdmin(
  ports: Ports,
  person: Person,
  administered: AdministeredTeams,
): Promise<Refusal> {
  if (administered.hasUnlisted) return { reason: 'team_not_named' };
  const memberships = await ports.backend.teamsOf(person);
  if (memberships.length === 0) {
    const emails = await ports.backend.organizationAdmins();
    const admins = emails.map((email) => ({ email, username: email }));
    // Somebody from no team learns no addresses.
    const known = (await contacts(ports, admins)).filter(({ slackUserId }) => slackUserId !== undefined);
    const { administeredIn } = ports.backend;
    return { reason: 'no_team', organizationAdmins: known, administeredIn };
  }
  const names = memberships.slice(0, TEAMS_SHOWN).map(({ team }) => team.name);
  return {
    reason: 'not_admin',
    teams: await Promise.all(names.map((name) => teamWithAdmins(ports, name))),
  };
}

/** Tells a member of one team who its admins are. */
export async function refuseForTeam(ports: Ports, teamName: string): Promise<Refusal> {
  return {
    reason: 'not_admin',
    teams: [await teamWithAdmins(ports, teamName)],
  };
}

async function teamWithAdmins(ports: Ports, name: string): Promise<{ name: string; admins: Contact[] }> {
  return {
    name,
    admins: await contacts(ports, await ports.backend.teamAdmins(name)),
  };
}

function contacts(ports: Ports, people: Pick<TeamMember, 'email' | 'username'>[]): Promise<Contact[]> {
  return Promise.all(
    people.slice(0, CONTACTS_SHOWN).map(async ({ email, username }) => ({
      slackUserId: await ports.directory.findByEmail(email),
      name: username,
    })),
  );
}

/** Records that a person was refused. Who is no known person is logged and counted alone, so that nobody else can fill the record. */
export async function recordRefusal(
  ports: Pick<Ports, 'store' | 'organization' | 'now' | 'logger' | 'unrecordedRefusals'>,
  refused: {
    who: Caller;
    action: AuditAction;
    reason: string;
    subject?: string;
    details?: Record<string, AuditDetail>;
    requestId: string;
  },
): Promise<void> {
  const { who, action, reason, requestId } = refused;
  const line = { slackUserId: who.slackUserId, action, reason, ...refused.details };
  if (!('email' in who)) {
    ports.logger.warn({ ...line, count: ports.unrecordedRefusals.add(reason) }, 'refused, not recorded');
    return;
  }
  ports.logger.warn(line, 'refused');
  await ports.store.appendAuditEvent({
    atMs: ports.now(),
    actor: { type: 'person', slackUserId: who.slackUserId, email: who.email },
    action,
    subject: refused.subject ?? `organization:${ports.organization.name}`,
    details: { reason, ...refused.details },
    requestId,
  });
}

type NotIdentified = { reason: IdentificationFailure | 'unknown_user' };

/** Whoever sent something: a person, or somebody whom Slack knows by an ID and Keysmith can't or may not name. */
export type Caller = Person | { slackUserId: string };

export type IdentifyResult = { ok: true; person: Person } | { ok: false; refusal: NotIdentified };

/**
 * Finds out who a Slack user is.
 *
 * @param options.maxAgeMs how old the profile may be; 0, the default, reads it afresh, as every effect must
 * @throws DirectoryUnavailableError where Slack does not say
 */
export async function identify(
  { directory }: Pick<Ports, 'directory'>,
  slackUserId: string,
  options: { maxAgeMs: number } = { maxAgeMs: 0 },
): Promise<IdentifyResult> {
  const profile = await directory.profile(slackUserId, options);
  if (profile === undefined) return { ok: false, refusal: { reason: 'unknown_user' } };
  const identification = identifyPerson(profile, directory.workspace);
  return identification.ok
    ? { ok: true, person: identification.person }
    : { ok: false, refusal: { reason: identification.reason } };
}

export type AdministerTeamResult =
  | { ok: true; person: Person; standing: TeamAccess }
  | { ok: false; who: Caller; refusal: Refusal };

/**
 * Checks, afresh, that a Slack user may administer a team's service accounts: what every effect starts with.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError
 */
export async function administerTeam(
  ports: Ports,
  slackUserId: string,
  teamName: string,
): Promise<AdministerTeamResult> {
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) return { ok: false, who: { slackUserId }, refusal: identified.refusal };
  return administerTeamAs(ports, identified.person, teamName);
}

/** As above, for a person who was identified for this very effect. */
export async function administerTeamAs(
  ports: Ports,
  person: Person,
  teamName: string,
): Promise<AdministerTeamResult> {
  const standing = await ports.backend.teamAccess(person, teamName);
  if (standing === undefined) return { ok: false, who: person, refusal: { reason: 'team_unknown' } };
  const decision = decideManageTeam(standing);
  if (decision.allowed) return { ok: true, person, standing };
  const refusal: Refusal =
    decision.reason === 'not_admin' ? await refuseForTeam(ports, teamName) : { reason: 'team_unknown' };
  return { ok: false, who: person, refusal };
}
