import type { AuditActor } from '../../domain/audit/audit-event.ts';
import type { EffectivePolicy, Policy } from '../../domain/organization/policy.ts';
import type { DesiredPolicies } from '../../domain/organization/policy-changes.ts';
import type { TeamMember, TeamOrigin } from '../../domain/organization/team.ts';
import type { TeamEdit, TeamEditProblem } from '../../domain/organization/team-edits.ts';
import type { KeyedPage } from './pages.ts';

export interface ManagedTeam {
  name: string;
  origin: TeamOrigin;
  isArchived: boolean;
  subjects: readonly string[];
  /** Absent for a team without entries of its own. */
  policy?: Policy;
  /** The ID of a Slack channel. */
  channel?: string;
  memberCount: number;
}

/** The keys that live longer than the policy of their team allows now. A policy applies to new keys, so they keep their expiry. */
export interface KeysBeyondPolicy {
  count: number;
  /** `name`: of the account. */
  some: { keyId: string; name: string; teamName: string }[];
}

export type EditTeamResult = { ok: true; changes: number } | { ok: false; problem: TeamEditProblem };

/** Policies, and teams that organization admins create in Slack. */
export interface TeamStore {
  /** Returns the policy that applies to a team. For a team without a row, that is the organization's. */
  policyOf(teamName: string): Promise<EffectivePolicy>;
  /** Whether an active team has entries of its own. */
  hasTeamPolicies(): Promise<boolean>;
  keysBeyondPolicy(nowMs: number): Promise<KeysBeyondPolicy>;
  /** Returns the ID of the Slack channel for a team's requests. */
  teamChannel(teamName: string): Promise<string | undefined>;
  /** Returns a page of the organization's teams by name, archived ones last. */
  managedTeams(page: { after: string; size: number }): Promise<KeyedPage<ManagedTeam> & { total: number }>;
  /** Returns the team of this name, also if it is archived. */
  managedTeam(teamName: string): Promise<(ManagedTeam & { members: TeamMember[] }) | undefined>;
  /** Returns the username that this person has in another team. */
  usernameOf(email: string): Promise<string | undefined>;
  /** Decides and applies an edit in one transaction, with an audit event per change. */
  editTeam(
    edit: TeamEdit,
    by: { actor: AuditActor; nowMs: number; requestId: string },
  ): Promise<EditTeamResult>;
  /** Sets the policies and channels of teams on a W&B server, with an audit event per change. Teams not named have none. */
  applyPolicies(desired: DesiredPolicies, nowMs: number): Promise<{ changes: number }>;
}
