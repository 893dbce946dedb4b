import type { ServerIdentity } from '../../../application/ports/operation-store.ts';
import { normalizeEmailAddress, type Person } from '../../../domain/organization/person.ts';
import type { Role, Team, TeamMember } from '../../../domain/organization/team.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';

type WandbMember = WandbTeam['members'][number];
export type ServiceMember = WandbMember;

/** Allows every subject: W&B itself decides which ones may be registered. */
export function teamOf({ id, name }: Pick<WandbTeam, 'id' | 'name'>): Team {
  return { id, name, subjects: ['*'] };
}

/** Returns a person's role in the team; undefined for people who aren't members or haven't joined. */
export function roleIn(team: WandbTeam, email: string): Role | undefined {
  const roles = team.members.filter((member) => emailOf(member) === email).map(roleOf);
  return (['admin', 'member', 'view-only'] as const).find((role) => roles.includes(role));
}

/**
 * Returns whether a person may administer the team in the state that was read. An effect checks this again with the read
 * that it starts with, because slow calls may lie between the first check and the effect.
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

/** Returns the lowercase address of a person who has joined; undefined for all other members. */
function emailOf({ email, pending, accountType }: WandbMember): string | undefined {
  if (pending || email === undefined || accountType === 'SERVICE' || accountType === 'ANONYMOUS')
    return undefined;
  return normalizeEmailAddress(email);
}

function roleOf({ admin, role, accountType }: WandbMember): Role {
  if (admin || role === 'admin') return 'admin';
  return accountType === 'VIEWER' || role?.startsWith('view') ? 'view-only' : 'member';
}

export function serviceMembersOf(team: WandbTeam): ServiceMember[] {
  return team.members.filter(({ accountType }) => accountType === 'SERVICE');
}

export function isNameTaken(team: WandbTeam, name: string): boolean {
  return serviceMembersOf(team).some((member) => member.name === name) || hasUnusableNamesake(team, name);
}

/**
 * Returns whether the team has a service account of this name that the server shows without an ID. It may be the one that an
 * operation is about, so its absence among the members proves nothing.
 */
export function hasUnusableNamesake({ unusableMembers = [] }: WandbTeam, name: string): boolean {
  const isService = (accountType: string | undefined) =>
    accountType === undefined || accountType === 'SERVICE';
  return unusableMembers.some((member) => member.name === name && isService(member.accountType));
}

/** Returns the IDs in the team before an operation: the operation can't have created any of these. */
export function snapshotBefore({ members }: WandbTeam): { membersBefore: string[]; clientsBefore: string[] } {
  return {
    membersBefore: members.map(({ id }) => id),
    clientsBefore: members.flatMap(({ oauthClients = [] }) => oauthClients.map(({ id }) => id)),
  };
}

/** Returns the service accounts that an operation may have created: those with exactly this name that are new in the team. */
export function candidatesOf(
  team: WandbTeam,
  creation: { name: string; membersBefore: readonly string[] },
): ServiceMember[] {
  return serviceMembersOf(team).filter(
    ({ id, name }) => name === creation.name && !creation.membersBefore.includes(id),
  );
}

/**
 * Returns whether a member is this account; checked before anything is removed. The ID alone doesn't prove it, because a
 * response may be wrong and people have IDs too.
 */
export function isMemberOf(
  { accountType, name, oauthClients }: ServiceMember,
  account: { name: string; clientId: string | undefined },
): boolean {
  if (accountType !== 'SERVICE') return false;
  const { clientId } = account;
  return (
    name === account.name || (clientId !== undefined && !!oauthClients?.some(({ id }) => id === clientId))
  );
}

/** Finds an account's member in the team: by its ID, or by its OAuth client when the ID was never seen. */
export function memberOf(team: WandbTeam, server: ServerIdentity): ServiceMember | undefined {
  if (server.memberId !== undefined) return team.members.find(({ id }) => id === server.memberId);
  if (server.clientId === undefined) return undefined;
  return team.members.find((member) => member.oauthClients?.some(({ id }) => id === server.clientId));
}

/**
 * Returns the identity of a member that was created for an account.
 *
 * @param subject the external identity's subject; undefined for an account with an API key
 * @returns undefined for a federated account that the server shows without its subject: it was created only in part
 */
export function identityOf(member: ServiceMember, subject: string | undefined): ServerIdentity | undefined {
  if (subject === undefined || member.oauthClients === undefined) {
    return { memberId: member.id, clientId: undefined };
  }
  const client = member.oauthClients.find((one) => one.subject === subject);
  return client && { memberId: member.id, clientId: client.id };
}
