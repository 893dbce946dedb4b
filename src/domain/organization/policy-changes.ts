import type { AuditDetail } from '../audit/audit-event.ts';
import { describePolicy, type Policy } from './policy.ts';

/** The policy and the channel of one team. */
interface TeamRules {
  name: string;
  policy?: Policy;
  channel?: string;
}

/** The policies and channels of an organization whose teams live on a W&B server. */
export interface DesiredPolicies {
  organization: Policy;
  teams: readonly TeamRules[];
}

/** One change of a policy or a channel, with its audit details. */
export type PolicyChange = { subject: string; details: Readonly<Record<string, AuditDetail>> } & (
  | { action: 'organization.changed'; policy: Policy }
  | { action: 'team.changed'; team: TeamRules }
);

/** Returns the changes that turn the stored policies into the desired ones. A team that isn't named loses its own. */
export function policyChanges(current: DesiredPolicies, desired: DesiredPolicies): PolicyChange[] {
  const before = new Map(current.teams.map((team) => [team.name, team]));
  const named = new Set(desired.teams.map(({ name }) => name));
  const unnamed = current.teams
    .filter(({ name }) => !named.has(name))
    .map(({ name }): TeamRules => ({ name }));
  return [
    ...organizationPolicyChange(current.organization, desired.organization),
    ...[...desired.teams, ...unnamed].flatMap((team: TeamRules): PolicyChange[] => {
      const details = teamRulesDifference(before.get(team.name) ?? {}, team);
      if (Object.keys(details).length === 0) return [];
      return [{ action: 'team.changed', subject: `team:${team.name}`, details, team }];
    }),
  ];
}

export function organizationPolicyChange(
  current: Policy,
  desired: Policy,
): Extract<PolicyChange, { action: 'organization.changed' }>[] {
  const details = difference('policy', new Set(describePolicy(current)), new Set(describePolicy(desired)));
  if (Object.keys(details).length === 0) return [];
  return [{ action: 'organization.changed', subject: 'organization:policy', details, policy: desired }];
}

type Rules = Pick<TeamRules, 'policy' | 'channel'>;

/** Returns the audit details of a change of a team's policy or channel; empty if nothing changed. */
export function teamRulesDifference(current: Rules, desired: Rules): Record<string, AuditDetail> {
  return {
    ...difference(
      'policy',
      new Set(describePolicy(current.policy ?? {})),
      new Set(describePolicy(desired.policy ?? {})),
    ),
    ...(current.channel !== desired.channel && { channel: desired.channel ?? null }),
  };
}

/** Returns `{ subjectsAdded: […], subjectsRemoved: […] }`, without empty lists. */
export function difference(
  noun: string,
  current: ReadonlySet<string>,
  desired: ReadonlySet<string>,
): Record<string, AuditDetail> {
  const added = [...desired.difference(current)];
  const removed = [...current.difference(desired)];
  return {
    ...(added.length > 0 && { [`${noun}Added`]: added }),
    ...(removed.length > 0 && { [`${noun}Removed`]: removed }),
  };
}
