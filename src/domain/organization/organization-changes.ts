import type { AuditAction } from '../audit/audit-actions.ts';
import type { AuditDetail } from '../audit/audit-event.ts';
import { type DesiredIssuer, describeIssuer, type Issuer, toIssuer } from '../federation/issuer.ts';
import { describePolicy, type Policy } from './policy.ts';
import { difference, organizationPolicyChange, teamRulesDifference } from './policy-changes.ts';
import type { TeamMember, TeamOrigin } from './team.ts';

/** The organization as the teams file has it. */
export interface DesiredOrganization {
  admins: readonly string[];
  /** Absent for a policy without entries. */
  policy?: Policy;
  issuers: readonly DesiredIssuer[];
  teams: readonly DesiredTeam[];
  /** Set where no teams file is used: issuers and policies stay, and the teams of an earlier file are managed in Slack. */
  isWithoutFile?: true;
}

interface DesiredProject {
  name: string;
  visibility: 'private' | 'public' | 'open' | 'restricted';
  serviceAccounts: readonly string[];
}

export interface DesiredTeam {
  name: string;
  subjects: readonly string[];
  members: readonly DesiredMember[];
  projects: readonly DesiredProject[];
  policy?: Policy;
  /** The ID of a Slack channel. */
  channel?: string;
  /** Whether the file takes over a team that was created in Slack. */
  takeOver?: true;
}

interface DesiredMember extends TeamMember {
  /** Whether someone stated that this is the person's username in W&B. */
  isUsernameStated?: true;
}

/** The organization as stored. */
export interface CurrentOrganization {
  admins: readonly string[];
  policy: Policy;
  issuers: readonly Issuer[];
  teams: readonly CurrentTeam[];
}

export type CurrentTeam = DesiredTeam & { isArchived: boolean; origin: TeamOrigin };

/** One change, with its audit details. */
export type OrganizationChange = {
  action: AuditAction;
  subject: string;
  details: Readonly<Record<string, AuditDetail>>;
} & (
  | {
      action: 'organization_admin.added' | 'organization_admin.removed';
      email: string;
    }
  | { action: 'organization.changed'; policy: Policy }
  | { action: 'issuer.added' | 'issuer.changed' | 'issuer.removed'; issuer: Issuer }
  /** `origin`: of a new team; `file` by default. */
  | { action: 'team.created' | 'team.changed'; team: DesiredTeam; origin?: TeamOrigin }
  | { action: 'team.archived' | 'team.restored'; teamName: string }
  | { action: 'team.moved'; teamName: string; origin: TeamOrigin }
  | {
      action: 'team_member.added' | 'team_member.changed';
      teamName: string;
      member: TeamMember;
    }
  | { action: 'team_member.removed'; teamName: string; email: string }
);

/**
 * Returns the changes that turn the stored organization into the desired one, in an order in which they can be applied. Teams
 * are merged by name: a missing team is archived unchanged, and compared again when it returns. Teams that were created in Slack
 * stay as they are, unless the file takes them over.
 */
export function organizationChanges(
  current: CurrentOrganization,
  desired: DesiredOrganization,
): OrganizationChange[] {
  const admins = adminChanges(new Set(current.admins), new Set(desired.admins));
  if (desired.isWithoutFile) {
    const ofFile = current.teams.filter(({ origin }) => origin === 'file');
    return [...admins, ...ofFile.map(({ name }) => movedTeam(name, 'slack'))];
  }
  return [
    ...admins,
    ...organizationPolicyChange(current.policy, desired.policy ?? {}),
    ...issuerChanges(current.issuers, desired.issuers.map(toIssuer)),
    ...teamChanges(current, desired),
  ];
}

/** Returns the names of teams in the file that were created in Slack and that the file doesn't take over. */
export function teamsOfSlack(current: readonly CurrentTeam[], desired: DesiredOrganization): string[] {
  const ofSlack = new Set(current.filter(({ origin }) => origin === 'slack').map(({ name }) => name));
  return desired.teams.filter(({ name, takeOver }) => ofSlack.has(name) && !takeOver).map(({ name }) => name);
}

function adminChanges(current: ReadonlySet<string>, desired: ReadonlySet<string>): OrganizationChange[] {
  const change = (
    action: 'organization_admin.added' | 'organization_admin.removed',
    email: string,
  ): OrganizationChange => ({
    action,
    subject: `organization_admin:${email}`,
    details: { email },
    email,
  });
  return [
    ...[...current.difference(desired)].map((email) => change('organization_admin.removed', email)),
    ...[...desired.difference(current)].map((email) => change('organization_admin.added', email)),
  ];
}

function issuerChanges(current: readonly Issuer[], desired: readonly Issuer[]): OrganizationChange[] {
  const before = new Map(current.map((issuer) => [issuer.url, issuer]));
  const after = new Map(desired.map((issuer) => [issuer.url, issuer]));
  const change = (
    action: 'issuer.added' | 'issuer.changed' | 'issuer.removed',
    issuer: Issuer,
    details: OrganizationChange['details'],
  ): OrganizationChange => ({ action, subject: `issuer:${issuer.url}`, details, issuer });
  const removed = current.filter(({ url }) => !after.has(url));
  return [
    ...removed.map((issuer) => change('issuer.removed', issuer, { url: issuer.url })),
    ...[...after.values()].flatMap((issuer) => {
      const details = describeIssuer(issuer);
      const old = before.get(issuer.url);
      if (old === undefined) return [change('issuer.added', issuer, details)];
      const changed = differingKeys(describeIssuer(old), details);
      return changed.length === 0 ? [] : [change('issuer.changed', issuer, { ...details, changed })];
    }),
  ];
}

/** Includes keys missing on one side: an option that was reset to its default is recorded by its name alone. */
function differingKeys(
  before: Readonly<Record<string, AuditDetail>>,
  after: Readonly<Record<string, AuditDetail>>,
): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]).sort();
}

function teamChanges(current: CurrentOrganization, desired: DesiredOrganization): OrganizationChange[] {
  const currentTeams = new Map(current.teams.map((team) => [team.name, team]));
  const desiredNames = new Set(desired.teams.map((team) => team.name));
  const archived = current.teams
    .filter((team) => team.origin === 'file' && !team.isArchived && !desiredNames.has(team.name))
    .map((team) => presenceChange('team.archived', team.name));
  return [...archived, ...desired.teams.flatMap((team) => oneTeamChanges(currentTeams.get(team.name), team))];
}

function presenceChange(action: 'team.archived' | 'team.restored', teamName: string): OrganizationChange {
  return { action, subject: `team:${teamName}`, details: {}, teamName };
}

function movedTeam(teamName: string, origin: TeamOrigin): OrganizationChange {
  return { action: 'team.moved', subject: `team:${teamName}`, details: { origin }, teamName, origin };
}

function oneTeamChanges(current: CurrentTeam | undefined, desired: DesiredTeam): OrganizationChange[] {
  if (current === undefined)
    return [createdTeam(desired), ...memberChanges(desired.name, [], desired.members)];
  return [
    ...(current.origin === 'slack' ? [movedTeam(desired.name, 'file')] : []),
    ...(current.isArchived ? [presenceChange('team.restored', desired.name)] : []),
    ...changedTeam(current, desired),
    ...memberChanges(desired.name, current.members, desired.members),
  ];
}

function createdTeam(team: DesiredTeam): OrganizationChange {
  return {
    action: 'team.created',
    subject: `team:${team.name}`,
    details: {
      subjects: team.subjects,
      projects: team.projects.map(describeProject),
      ...(team.policy !== undefined && { policy: describePolicy(team.policy) }),
      ...(team.channel !== undefined && { channel: team.channel }),
    },
    team,
  };
}

/** Returns the change of a team's own settings and projects; none if they are equal. */
export function changedTeam(current: DesiredTeam, desired: DesiredTeam): OrganizationChange[] {
  const details: Record<string, AuditDetail> = {
    ...difference('subjects', new Set(current.subjects), new Set(desired.subjects)),
    ...difference(
      'projects',
      new Set(current.projects.map(describeProject)),
      new Set(desired.projects.map(describeProject)),
    ),
    ...teamRulesDifference(current, desired),
  };
  if (Object.keys(details).length === 0) return [];
  return [
    {
      action: 'team.changed',
      subject: `team:${desired.name}`,
      details,
      team: desired,
    },
  ];
}

function describeProject(project: DesiredProject): string {
  const accounts = [...new Set(project.serviceAccounts)].sort().join(', ');
  return `${project.name} (${project.visibility})${accounts && `: ${accounts}`}`;
}

function memberChanges(
  teamName: string,
  current: readonly TeamMember[],
  desired: readonly TeamMember[],
): OrganizationChange[] {
  const subject = `team:${teamName}`;
  const before = new Map(current.map((member) => [member.email, member]));
  const after = new Map(desired.map((member) => [member.email, member]));
  const removed = current
    .filter(({ email }) => !after.has(email))
    .map(({ email }): OrganizationChange => {
      return {
        action: 'team_member.removed',
        subject,
        details: { email },
        teamName,
        email,
      };
    });
  const written = [...after.values()].flatMap((member): OrganizationChange[] => {
    const { email, username, role } = member;
    const old = before.get(email);
    if (old === undefined) {
      return [
        {
          action: 'team_member.added',
          subject,
          details: { email, username, role },
          teamName,
          member,
        },
      ];
    }
    if (old.username === username && old.role === role) return [];
    const details = {
      email,
      username,
      role,
      previousUsername: old.username,
      previousRole: old.role,
    };
    return [{ action: 'team_member.changed', subject, details, teamName, member }];
  });
  return [...removed, ...written];
}
