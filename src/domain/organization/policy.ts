import type { TeamAccess } from './team.ts';

export type ManageTeamDecision = { allowed: true } | { allowed: false; reason: 'not_admin' | 'not_member' };

/** May this person make, see and revoke the team's service accounts? */
export function decideManageTeam(standing: TeamAccess): ManageTeamDecision {
  if (standing.isOrganizationAdmin || standing.role === 'admin') return { allowed: true };
  return {
    allowed: false,
    reason: standing.role === undefined ? 'not_member' : 'not_admin',
  };
}

export type RegisterSubjectDecision =
  | { allowed: true }
  | { allowed: false; reason: 'no_patterns' | 'pattern_mismatch' };

/**
 * May this person register the subject for the team? Whoever registers a subject receives the runs of whoever holds that
 * identity, so a team's admins stay within the team's patterns, and a team without patterns leaves it to organization
 * admins, who may register any.
 */
export function decideRegisterSubject(standing: TeamAccess, subject: string): RegisterSubjectDecision {
  if (standing.isOrganizationAdmin) return { allowed: true };
  const { subjects } = standing.team;
  if (subjects.length === 0) return { allowed: false, reason: 'no_patterns' };
  return subjects.some((pattern) => matchesSubjectPattern(subject, pattern))
    ? { allowed: true }
    : { allowed: false, reason: 'pattern_mismatch' };
}

/** Exact, letter for letter, but that each `*` stands for any run of characters. Linear in the subject's length. */
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
