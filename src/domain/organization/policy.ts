import { matchesSubjectPattern, type TeamAccess } from './team.ts';

/** The fields of an account that a policy can require. */
export const REQUIRABLE_FIELDS = ['purpose', 'used_by'] as const;
export type RequirableField = (typeof REQUIRABLE_FIELDS)[number];

/** Groups that may approve requests. Everyone else is named by their address. */
export const APPROVER_GROUPS = ['team_admins', 'organization_admins'] as const;

/** What an organization or a team sets. An absent entry isn't set. */
export interface Policy {
  /** The longest life of a new key. */
  longestKeyLifeDays?: number;
  /** Whether a key may live without end. */
  keysMayNeverExpire?: boolean;
  requiredFields?: readonly RequirableField[];
  /** A `*` in the pattern matches any characters. The example matches it. */
  accountNames?: { pattern: string; example: string };
  /** Who may approve requests: entries of {@link APPROVER_GROUPS}, and email addresses in lowercase. */
  approvers?: readonly string[];
  approvals?: 1 | 2;
  urgentRequests?: boolean;
  /** After how many days without use a key is reported as unused. */
  unusedAfterDays?: number;
  /** What happens to a key that was found in public. */
  onLeak?: 'revoke' | 'notify';
}

/** Where a rule is set. `default`: neither the team nor the organization sets it. */
export type PolicySource = 'team' | 'organization' | 'default';

/** The policy that applies to one team. */
export interface EffectivePolicy {
  /** Undefined if a key may live without end. */
  longestKeyLifeDays: number | undefined;
  requiredFields: readonly RequirableField[];
  accountNames: { pattern: string; example: string } | undefined;
  approvers: readonly string[];
  approvals: 1 | 2;
  urgentRequests: boolean;
  unusedAfterDays: number;
  onLeak: 'revoke' | 'notify';
  sources: Readonly<Record<Exclude<keyof EffectivePolicy, 'sources'>, PolicySource>>;
}

interface Picked<Value> {
  value: Value;
  source: PolicySource;
}

/** The longest lifetime that the form offers without a policy. */
const DEFAULT_LONGEST_KEY_LIFE_DAYS = 365;

type Inherited = Omit<EffectivePolicy, 'longestKeyLifeDays' | 'sources'>;

const DEFAULTS: Inherited = {
  requiredFields: [],
  accountNames: undefined,
  approvers: ['team_admins'],
  approvals: 1,
  urgentRequests: false,
  unusedAfterDays: 90,
  onLeak: 'revoke',
};

/**
 * Returns the policy of one team. An entry of the team replaces the organization's. The two entries about the life of keys
 * belong together: a team that sets one of them inherits neither.
 */
export function effectivePolicy(organization: Policy, team: Policy): EffectivePolicy {
  const pick = <Rule extends keyof Inherited>(rule: Rule): Picked<Inherited[Rule]> => {
    const ofTeam = team[rule] as Inherited[Rule] | undefined;
    if (ofTeam !== undefined) return { value: ofTeam, source: 'team' };
    const inherited = organization[rule] as Inherited[Rule] | undefined;
    if (inherited !== undefined) return { value: inherited, source: 'organization' };
    return { value: DEFAULTS[rule], source: 'default' };
  };
  const life = keyLife(organization, team);
  const requiredFields = pick('requiredFields');
  const accountNames = pick('accountNames');
  const approvers = pick('approvers');
  const approvals = pick('approvals');
  const urgentRequests = pick('urgentRequests');
  const unusedAfterDays = pick('unusedAfterDays');
  const onLeak = pick('onLeak');
  return {
    longestKeyLifeDays: life.days,
    requiredFields: requiredFields.value,
    accountNames: accountNames.value,
    approvers: approvers.value,
    approvals: approvals.value,
    urgentRequests: urgentRequests.value,
    unusedAfterDays: unusedAfterDays.value,
    onLeak: onLeak.value,
    sources: {
      longestKeyLifeDays: life.source,
      requiredFields: requiredFields.source,
      accountNames: accountNames.source,
      approvers: approvers.source,
      approvals: approvals.source,
      urgentRequests: urgentRequests.source,
      unusedAfterDays: unusedAfterDays.source,
      onLeak: onLeak.source,
    },
  };
}

/** The policy of a team without any entries. */
export const DEFAULT_POLICY: EffectivePolicy = effectivePolicy({}, {});

function keyLife(organization: Policy, team: Policy): { days: number | undefined; source: PolicySource } {
  for (const [source, policy] of [
    ['team', team],
    ['organization', organization],
  ] as const) {
    const { longestKeyLifeDays, keysMayNeverExpire } = policy;
    if (keysMayNeverExpire === true) return { days: undefined, source };
    if (longestKeyLifeDays !== undefined) return { days: longestKeyLifeDays, source };
    if (keysMayNeverExpire === false) return { days: DEFAULT_LONGEST_KEY_LIFE_DAYS, source };
  }
  return { days: DEFAULT_LONGEST_KEY_LIFE_DAYS, source: 'default' };
}

/** What a person asks for. An absent fact isn't checked. */
export interface PolicyFacts {
  name?: string;
  /** The texts of the fields that a policy can require. Undefined or blank: not filled in. */
  fields?: Readonly<Record<RequirableField, string | undefined>>;
  /** When a new key expires, in milliseconds since 1970. */
  expiresAtMs?: number | 'never';
}

/** A rule that stops a person, and where it is set. */
export type PolicyProblem = { setBy: PolicySource } & (
  | { rule: 'longest_key_life_days'; days: number; isNever: boolean }
  | { rule: 'required_fields'; field: RequirableField }
  | { rule: 'account_names'; pattern: string; example: string }
);

/** Returns the rules that stop what a person asks for, in the order of the form's fields. */
export function policyProblems(policy: EffectivePolicy, facts: PolicyFacts, nowMs: number): PolicyProblem[] {
  const { accountNames, longestKeyLifeDays: days, requiredFields, sources } = policy;
  const problems: PolicyProblem[] = [];
  const { name, fields, expiresAtMs } = facts;
  if (name !== undefined && accountNames && !matchesSubjectPattern(name, accountNames.pattern)) {
    problems.push({ rule: 'account_names', setBy: sources.accountNames, ...accountNames });
  }
  if (expiresAtMs !== undefined && days !== undefined) {
    const isNever = expiresAtMs === 'never';
    if (isNever || isLonger({ startMs: nowMs, endMs: expiresAtMs }, days)) {
      problems.push({ rule: 'longest_key_life_days', setBy: sources.longestKeyLifeDays, days, isNever });
    }
  }
  if (fields !== undefined) {
    const missing = requiredFields.filter((field) => (fields[field] ?? '').trim() === '');
    for (const field of missing) {
      problems.push({ rule: 'required_fields', setBy: sources.requiredFields, field });
    }
  }
  return problems;
}

const DAY_MS = 24 * 60 * 60 * 1000;

function isLonger({ startMs, endMs }: { startMs: number; endMs: number }, days: number): boolean {
  return endMs - startMs > days * DAY_MS;
}

/**
 * Returns whether a key that Keysmith verifies was created for longer than the policy allows now. Such a key keeps its expiry: a
 * policy applies to new keys.
 *
 * @param key.expiresAtMs undefined if the key lives without end
 */
export function isLongerThanPolicy(
  { longestKeyLifeDays: days }: EffectivePolicy,
  { createdAtMs, expiresAtMs }: { createdAtMs: number; expiresAtMs: number | undefined },
): boolean {
  if (days === undefined) return false;
  return expiresAtMs === undefined || isLonger({ startMs: createdAtMs, endMs: expiresAtMs }, days);
}

/** Decides whether a person may approve or deny a team's requests. Nobody approves their own, which the caller checks. */
export function mayApprove(
  { approvers }: EffectivePolicy,
  person: { email: string },
  access: Pick<TeamAccess, 'role' | 'isOrganizationAdmin'>,
): boolean {
  if (approvers.includes(person.email)) return true;
  if (access.isOrganizationAdmin) return approvers.some((entry) => isGroup(entry));
  return access.role === 'admin' && approvers.includes('team_admins');
}

function isGroup(approver: string): boolean {
  return APPROVER_GROUPS.some((group) => group === approver);
}

/** Returns whether more approvals are needed than the policy names people, so that no request could ever be granted. */
export function lacksApprovers({ approvers, approvals }: EffectivePolicy): boolean {
  return !approvers.some(isGroup) && approvers.length < approvals;
}

/** Returns the entries that are set, such as `approvals: 2`, for the record of a change. */
export function describePolicy(policy: Policy): string[] {
  const { accountNames } = policy;
  const entries: [string, string | number | boolean | undefined][] = [
    ['longest_key_life_days', policy.longestKeyLifeDays],
    ['keys_may_never_expire', policy.keysMayNeverExpire],
    ['required_fields', policy.requiredFields?.join(', ')],
    ['account_names', accountNames && `${accountNames.pattern}, such as ${accountNames.example}`],
    ['approvers', policy.approvers?.join(', ')],
    ['approvals', policy.approvals],
    ['urgent_requests', policy.urgentRequests],
    ['unused_after_days', policy.unusedAfterDays],
    ['on_leak', policy.onLeak],
  ];
  return entries.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
}
