import type { ShownAccount, WantedAccount } from '../../../domain/accounts/reconciliation.ts';
import { normalizeEmailAddress, type Person } from '../../../domain/organization/person.ts';
import type { Role, Team, TeamMember } from '../../../domain/organization/team.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import type { TeamOfPerson } from './scim-directory.ts';

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
  team: TeamOfPerson,
  { email }: Person,
): boolean {
  return managesEveryTeam({ organizationAdmins }, team, email) || roleIn(team, email) === 'admin';
}

/** Returns whether the settings name a person as an organization admin who isn't deactivated on the server. */
export function managesEveryTeam(
  { organizationAdmins }: { organizationAdmins: readonly string[] },
  { isDeactivated }: TeamOfPerson,
  email: string,
): boolean {
  return organizationAdmins.includes(email) && !isDeactivated;
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

/**
 * Returns what the server shows of a wanted account: the members with its tagged name, or with an ID that is stored. One from before
 * tags has a plain name, which proves nothing, so only its IDs count; a member without an ID may still be it.
 */
export function shownAccounts(
  { members, unusableMembers = [] }: WandbTeam,
  wanted: WantedAccount,
  subject: string | undefined,
): ShownAccount[] {
  const hasName = ({ name }: { name: string | undefined }) => name === wanted.name;
  const found = members.filter(
    (member) =>
      (wanted.tag !== undefined && hasName(member)) ||
      (wanted.memberId !== undefined && member.id === wanted.memberId) ||
      (wanted.clientId !== undefined && member.oauthClients?.some(({ id }) => id === wanted.clientId)),
  );
  // A list that changes while the server reads it may repeat a member.
  const distinct = new Map(found.map((member) => [JSON.stringify(member), member]));
  const shown = Array.from(distinct.values(), (member): ShownAccount => {
    const client = member.oauthClients?.find((one) => one.subject === subject || one.id === wanted.clientId);
    return {
      memberId: member.id,
      scimId: undefined,
      clientId: client?.id,
      name: member.name,
      isServiceAccount: member.accountType === 'SERVICE',
      isComplete: subject === undefined || member.oauthClients === undefined || client !== undefined,
    };
  });
  // The stored ID can't be any of these.
  if (shown.length > 0) return shown;
  return unusableMembers.filter(hasName).map(({ name, accountType }) => ({
    memberId: undefined,
    scimId: undefined,
    clientId: undefined,
    name,
    isServiceAccount: accountType === undefined || accountType === 'SERVICE',
    isComplete: true,
  }));
}
