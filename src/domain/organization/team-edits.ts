import { createHash } from 'node:crypto';
import {
  type CurrentTeam,
  changedTeam,
  type DesiredTeam,
  type OrganizationChange,
} from './organization-changes.ts';
import { describePolicy, effectivePolicy, lacksApprovers, type Policy } from './policy.ts';
import type { TeamMember } from './team.ts';

/** What an organization admin does to one team in Slack. */
export type TeamEdit = { name: string } & (
  | { kind: 'create'; subjects: readonly string[]; admin: Omit<TeamMember, 'role'> }
  | { kind: 'set_member'; member: TeamMember }
  | { kind: 'remove_member'; email: string }
  | ({ kind: 'change_settings'; version: string } & TeamSettings)
  | { kind: 'archive' }
  | { kind: 'restore' }
);

/** What is set for a team, beside its members. */
export type TeamSettings = Pick<DesiredTeam, 'subjects' | 'policy' | 'channel'>;

/** Returns a text that changes with the settings of a team, so that a form overwrites nothing that it didn't show. */
export function settingsVersion({ subjects, policy = {}, channel }: TeamSettings): string {
  const shown = JSON.stringify([subjects, describePolicy(policy), channel ?? null]);
  return createHash('sha256').update(shown).digest('base64url').slice(0, 22);
}

export type TeamEditProblem =
  | 'name_taken'
  | 'unknown_team'
  /** The teams file manages it. */
  | 'of_file'
  | 'archived'
  /** Someone else changed the settings after the form was opened. */
  | 'changed_meanwhile'
  /** More approvals are needed than the policy names people. */
  | 'too_few_approvers'
  /** Another person has the same W&B username, in any team: runs would go to the wrong person. */
  | 'username_taken';

export type TeamEditDecision =
  /** No changes: the team is already as wanted. */
  { ok: true; changes: OrganizationChange[] } | { ok: false; problem: TeamEditProblem };

/**
 * Decides what an edit changes.
 *
 * @param current the team of this name, also if it is archived
 * @param ofOrganization the organization's policy
 * @param isUsernameTaken whether another person of the organization has the username of the person who is added or changed
 */
export function decideTeamEdit(
  current: CurrentTeam | undefined,
  edit: TeamEdit,
  ofOrganization: Policy = {},
  isUsernameTaken = false,
): TeamEditDecision {
  const { name } = edit;
  const subject = `team:${name}`;
  if (edit.kind === 'create') {
    if (current !== undefined) {
      return isCreatedBy(current, edit) ? { ok: true, changes: [] } : { ok: false, problem: 'name_taken' };
    }
    if (isUsernameTaken) return { ok: false, problem: 'username_taken' };
    return { ok: true, changes: createdChanges(edit) };
  }
  if (current === undefined) return { ok: false, problem: 'unknown_team' };
  if (edit.kind === 'restore') {
    if (!current.isArchived) return { ok: true, changes: [] };
    const moved: OrganizationChange[] =
      current.origin === 'slack'
        ? []
        : [{ action: 'team.moved', subject, details: { origin: 'slack' }, teamName: name, origin: 'slack' }];
    return {
      ok: true,
      changes: [...moved, { action: 'team.restored', subject, details: {}, teamName: name }],
    };
  }
  if (current.origin === 'file') return { ok: false, problem: 'of_file' };
  if (edit.kind === 'archive') {
    if (current.isArchived) return { ok: true, changes: [] };
    return { ok: true, changes: [{ action: 'team.archived', subject, details: {}, teamName: name }] };
  }
  if (current.isArchived) return { ok: false, problem: 'archived' };
  if (edit.kind === 'change_settings') return decideSettings(current, edit, ofOrganization);
  if (isUsernameTaken) return { ok: false, problem: 'username_taken' };
  return decideMemberEdit(current, edit);
}

/** Returns whether the team is as this form creates it: it may have been submitted before. */
function isCreatedBy(
  { origin, isArchived, subjects, members }: CurrentTeam,
  { subjects: wanted, admin }: Extract<TeamEdit, { kind: 'create' }>,
): boolean {
  const isSame = subjects.length === wanted.length && wanted.every((subject) => subjects.includes(subject));
  const hasAdmin = members.some(({ email, role }) => email === admin.email && role === 'admin');
  return origin === 'slack' && !isArchived && isSame && hasAdmin;
}

function decideSettings(
  current: CurrentTeam,
  { subjects, policy = {}, channel, version }: Extract<TeamEdit, { kind: 'change_settings' }>,
  ofOrganization: Policy,
): TeamEditDecision {
  const { name, members, projects } = current;
  const rules = {
    ...(Object.keys(policy).length > 0 && { policy }),
    ...(channel !== undefined && { channel }),
  };
  const changes = changedTeam(current, { name, subjects, members, projects, ...rules });
  // The same form, submitted again.
  if (changes.length === 0) return { ok: true, changes };
  if (settingsVersion(current) !== version) return { ok: false, problem: 'changed_meanwhile' };
  return lacksApprovers(effectivePolicy(ofOrganization, policy))
    ? { ok: false, problem: 'too_few_approvers' }
    : { ok: true, changes };
}

function createdChanges({
  name,
  subjects,
  admin,
}: Extract<TeamEdit, { kind: 'create' }>): OrganizationChange[] {
  const team = { name, subjects, members: [], projects: [] };
  const subject = `team:${name}`;
  const details = { subjects, projects: [], origin: 'slack' };
  return [
    { action: 'team.created', subject, details, team, origin: 'slack' },
    addedMember(name, { ...admin, role: 'admin' }),
  ];
}

function addedMember(teamName: string, member: TeamMember): OrganizationChange {
  const { email, username, role } = member;
  const details = { email, username, role };
  return { action: 'team_member.added', subject: `team:${teamName}`, details, teamName, member };
}

function decideMemberEdit(
  { name: teamName, members }: CurrentTeam,
  edit: Extract<TeamEdit, { kind: 'set_member' | 'remove_member' }>,
): TeamEditDecision {
  const subject = `team:${teamName}`;
  if (edit.kind === 'remove_member') {
    const { email } = edit;
    if (!members.some((member) => member.email === email)) return { ok: true, changes: [] };
    return {
      ok: true,
      changes: [{ action: 'team_member.removed', subject, details: { email }, teamName, email }],
    };
  }
  const { member } = edit;
  const { email, username, role } = member;
  const old = members.find((other) => other.email === email);
  if (old === undefined) return { ok: true, changes: [addedMember(teamName, member)] };
  if (old.username === username && old.role === role) return { ok: true, changes: [] };
  const details = { email, username, role, previousUsername: old.username, previousRole: old.role };
  return { ok: true, changes: [{ action: 'team_member.changed', subject, details, teamName, member }] };
}
