import type { AuditAction, AuditActor, AuditDetail } from '../domain/audit-event.ts';
import type { Person } from '../domain/person.ts';
import type { TeamMember } from '../domain/team.ts';
import type { NotIdentified } from './identify.ts';
import type { Ports } from './ports.ts';

/** Somebody to ask: as a Slack user where Slack knows the address, else by name. */
export interface Contact {
  slackUserId: string | undefined;
  name: string;
}

/** Why a person may not. Each reason has its words at the edge. */
export type Refusal =
  | NotIdentified
  | { reason: 'no_team'; organizationAdmins: Contact[] }
  | { reason: 'not_admin'; teams: { name: string; admins: Contact[] }[] }
  /** No such team, or none that this person may know of: the two are not told apart. */
  | { reason: 'team_unknown' };

/** People named in one answer: enough to find somebody, few enough to read and to look up in time. */
const CONTACTS_SHOWN = 5;
const TEAMS_SHOWN = 5;

/** Tells a member of teams who administers them, and somebody without any team whom to ask. */
export async function refuseNonAdmin(ports: Ports, person: Person): Promise<Refusal> {
  const memberships = await ports.backend.teamsOf(person);
  if (memberships.length === 0) {
    const emails = await ports.backend.organizationAdmins();
    const admins = emails.map((email) => ({ email, username: email }));
    // Somebody from no team learns no addresses.
    const known = (await contacts(ports, admins)).filter(({ slackUserId }) => slackUserId !== undefined);
    return { reason: 'no_team', organizationAdmins: known };
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

/** Records that somebody was refused. People from outside are only logged, so that they can't fill the record. */
export async function recordRefusal(
  ports: Pick<Ports, 'store' | 'organization' | 'now' | 'logger'>,
  refused: {
    who: Person | { slackUserId: string };
    action: AuditAction;
    reason: string;
    subject?: string;
    details?: Record<string, AuditDetail>;
    requestId: string;
  },
): Promise<void> {
  const { who, action, reason, requestId } = refused;
  ports.logger.warn({ slackUserId: who.slackUserId, action, reason, ...refused.details }, 'refused');
  if (reason === 'other_workspace' || reason === 'unknown_user') return;
  await ports.store.appendAuditEvent(ports.organization.id, {
    atMs: ports.now(),
    actor: actorOf(who),
    action,
    subject: refused.subject ?? `organization:${ports.organization.name}`,
    details: { reason, ...refused.details },
    requestId,
  });
}

function actorOf(who: Person | { slackUserId: string }): AuditActor {
  return 'email' in who
    ? { type: 'person', slackUserId: who.slackUserId, email: who.email }
    : { type: 'slack_user', slackUserId: who.slackUserId };
}
