import type { EffectivePolicy } from '../../domain/organization/policy.ts';
import type { DesiredPolicies } from '../../domain/organization/policy-changes.ts';

/** Policies, and teams that organization admins create in Slack. */
export interface TeamStore {
  /** Returns the policy that applies to a team. For a team without a row, that is the organization's. */
  policyOf(teamName: string): Promise<EffectivePolicy>;
  /** Whether an active team has entries of its own. */
  hasTeamPolicies(): Promise<boolean>;
  /** Returns the ID of the Slack channel for a team's requests. */
  teamChannel(teamName: string): Promise<string | undefined>;
  /** Sets the policies and channels of teams on a W&B server, with an audit event per change. Teams not named have none. */
  applyPolicies(desired: DesiredPolicies, nowMs: number): Promise<{ changes: number }>;
}
