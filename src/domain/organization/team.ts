export type Role = 'admin' | 'member' | 'view-only';

/** A W&B team (*entity*). */
export interface Team {
  id: string;
  name: string;
  /** Patterns of the subjects its admins may register. `*` matches any characters. */
  subjects: readonly string[];
}

/** Where a team's members and roles are managed. */
export type TeamOrigin = 'file' | 'slack';

/** A person's access to one team, as read at one moment. */
export interface TeamAccess {
  team: Team;
  role: Role | undefined;
  isOrganizationAdmin: boolean;
}

export interface TeamMember {
  email: string;
  username: string;
  role: Role;
}

export type ManageTeamDecision = { allowed: true } | { allowed: false; reason: 'not_admin' | 'not_member' };

/** Decides whether a person may create, see and revoke a team's service accounts. */
export function decideManageTeam(access: TeamAccess): ManageTeamDecision {
  if (access.isOrganizationAdmin || access.role === 'admin') return { allowed: true };
  return {
    allowed: false,
    reason: access.role === undefined ? 'not_member' : 'not_admin',
  };
}

export type ManageAccountDecision =
  | ManageTeamDecision
  /** The account may use every team, so the admins of its own team can't manage it. */
  | { allowed: false; reason: 'not_organization_admin' };

/** Decides whether a person may create, collect, rotate, edit and revoke an account and its keys. */
export function decideManageAccount(
  access: TeamAccess,
  { scope }: { scope: 'team' | 'organization' },
): ManageAccountDecision {
  const decision = decideManageTeam(access);
  if (!decision.allowed || scope === 'team' || access.isOrganizationAdmin) return decision;
  return { allowed: false, reason: 'not_organization_admin' };
}

/**
 * Decides whether the contact of an account may get a new key of it without managing it. A key does what a member of its team may do,
 * so it isn't for people who only view the team, and one for all teams is for organization admins.
 */
export function mayContactGetKey(
  { role }: Pick<TeamAccess, 'role'>,
  { scope }: { scope: 'team' | 'organization' },
): boolean {
  return scope === 'team' && (role === 'member' || role === 'admin');
}

export type RegisterSubjectDecision =
  | { allowed: true }
  | { allowed: false; reason: 'no_patterns' | 'pattern_mismatch' };

/**
 * Decides whether a person may register a subject for the team. The runs of that identity then go to the team, so team
 * admins are limited to the team's patterns. Without patterns, only organization admins may register subjects.
 */
export function decideRegisterSubject(access: TeamAccess, subject: string): RegisterSubjectDecision {
  if (access.isOrganizationAdmin) return { allowed: true };
  const { subjects } = access.team;
  if (subjects.length === 0) return { allowed: false, reason: 'no_patterns' };
  return subjects.some((pattern) => matchesSubjectPattern(subject, pattern))
    ? { allowed: true }
    : { allowed: false, reason: 'pattern_mismatch' };
}

/** Matches exactly, except that each `*` matches any characters. Linear in the subject's length. */
export function matchesSubjectPattern(subject: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return subject === pattern;
  if (!subject.startsWith(head)) return false;
  let position = head.length;
  for (const piece of rest) {
    const found = subject.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return subject.length - tail.length >= position && subject.endsWith(tail);
}
