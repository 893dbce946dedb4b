import { normalizeEmailAddress } from '../../../domain/email-address.ts';
import type { Person } from '../../../domain/person.ts';
import type { Role, TeamMember } from '../../../domain/team.ts';
import type { WandbTeam } from '../operations/read-team.ts';

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
