import { normalizeEmailAddress } from '../../domain/organization/person.ts';
import { APPROVER_GROUPS, type Policy, type RequirableField } from '../../domain/organization/policy.ts';
import { matchesSubjectPattern } from '../../domain/organization/team.ts';

/** The entries of a policy as texts, as the form *Team settings* has them. */
export const POLICY_FIELDS = [
  'key_life',
  'required_fields',
  'name_pattern',
  'name_example',
  'approvers',
  'approvals',
  'urgent',
  'unused_after',
  'on_leak',
] as const;
export type PolicyField = (typeof POLICY_FIELDS)[number];

/** An empty text: as the organization's policy. An absent one wasn't in the form, and stays as it is. */
export type PolicyValues = Partial<Record<PolicyField, string>>;

export interface PolicyFieldProblem {
  field: PolicyField;
  reason: 'invalid' | 'example_missing' | 'example_mismatch';
}

/** The value of `key_life` for keys without end. */
export const NEVER = 'never';
/** The value of `required_fields` for none. */
export const NONE = 'none';
const MOST_DAYS = 3650;
const MAX_APPROVERS = 50;

/** Returns the texts of a policy's entries; empty where it has none. */
export function policyValues(policy: Policy): Required<PolicyValues> {
  const { longestKeyLifeDays, keysMayNeverExpire, requiredFields, accountNames, approvers } = policy;
  return {
    key_life: keysMayNeverExpire === true ? NEVER : keyLifeText(longestKeyLifeDays, keysMayNeverExpire),
    required_fields: requiredFields?.length === 0 ? NONE : (requiredFields?.toSorted().join(',') ?? ''),
    name_pattern: accountNames?.pattern ?? '',
    name_example: accountNames?.example ?? '',
    approvers: approvers?.join('\n') ?? '',
    approvals: policy.approvals === undefined ? '' : String(policy.approvals),
    urgent: policy.urgentRequests === undefined ? '' : policy.urgentRequests ? 'on' : 'off',
    unused_after: policy.unusedAfterDays === undefined ? '' : String(policy.unusedAfterDays),
    on_leak: policy.onLeak ?? '',
  };
}

/** A policy that only says that keys must expire allows a year. */
function keyLifeText(days: number | undefined, mayNeverExpire: boolean | undefined): string {
  if (days !== undefined) return String(days);
  return mayNeverExpire === undefined ? '' : '365';
}

/** Reads the form. What it doesn't have stays as in the current policy. */
export function readPolicyValues(
  current: Policy,
  values: PolicyValues,
): { ok: true; policy: Policy } | { ok: false; problems: PolicyFieldProblem[] } {
  const text = { ...policyValues(current), ...values };
  const problems: PolicyFieldProblem[] = [];
  const read = <Value>(
    field: PolicyField,
    parse: (value: string) => Value | undefined,
  ): Value | undefined => {
    const value = text[field].trim();
    if (value === '') return undefined;
    const parsed = parse(value);
    if (parsed === undefined) problems.push({ field, reason: 'invalid' });
    return parsed;
  };
  const entries = {
    longestKeyLifeDays: text.key_life === NEVER ? undefined : read('key_life', days(1)),
    keysMayNeverExpire: text.key_life === NEVER ? true : undefined,
    requiredFields: read('required_fields', readRequired),
    accountNames: readNames(text, problems),
    approvers: read('approvers', readApprovers),
    approvals: read('approvals', oneOf({ '1': 1, '2': 2 } as const)),
    urgentRequests: read('urgent', oneOf({ on: true, off: false })),
    unusedAfterDays: read('unused_after', days(7)),
    onLeak: read('on_leak', oneOf({ revoke: 'revoke', notify: 'notify' } as const)),
  };
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    policy: Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)),
  };
}

const days = (least: number) => (value: string) => {
  const count = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  return count >= least && count <= MOST_DAYS ? count : undefined;
};

const oneOf =
  <Value>(values: Record<string, Value>) =>
  (value: string): Value | undefined =>
    Object.hasOwn(values, value) ? values[value] : undefined;

const readRequired = oneOf<readonly RequirableField[]>({
  [NONE]: [],
  purpose: ['purpose'],
  used_by: ['used_by'],
  'purpose,used_by': ['purpose', 'used_by'],
});

function readNames(
  { name_pattern, name_example }: Required<PolicyValues>,
  problems: PolicyFieldProblem[],
): Policy['accountNames'] {
  const [pattern, example] = [name_pattern.trim(), name_example.trim()];
  if (pattern === '') return undefined;
  if (!/^[a-z0-9*-]{1,64}$/.test(pattern) || pattern === '*') {
    problems.push({ field: 'name_pattern', reason: 'invalid' });
    return undefined;
  }
  if (example === '' || !matchesSubjectPattern(example, pattern)) {
    problems.push({
      field: 'name_example',
      reason: example === '' ? 'example_missing' : 'example_mismatch',
    });
    return undefined;
  }
  return { pattern, example };
}

function readApprovers(value: string): string[] | undefined {
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const known = lines.map((line) =>
    APPROVER_GROUPS.some((group) => group === line) ? line : normalizeEmailAddress(line),
  );
  const approvers = [...new Set(known.filter((one) => one !== undefined))];
  return known.includes(undefined) || approvers.length > MAX_APPROVERS ? undefined : approvers;
}
