import {
  NEVER,
  NONE,
  POLICY_FIELDS,
  type PolicyField,
  policyValues,
} from '../../../application/teams/policy-choices.ts';
import type { Policy } from '../../../domain/organization/policy.ts';
import { code, shortened } from '../blocks.ts';
import { daysText } from '../failures/policy-text.ts';

/** Returns numbers of days as choices of a select: the value and its text. */
export const dayChoices = (...counts: number[]): [string, string][] =>
  counts.map((count) => [String(count), daysText(count)]);

/** The entries of a policy that are chosen, with their choices. */
export const POLICY_CHOICES: Partial<Record<PolicyField, { label: string; choices: [string, string][] }>> = {
  key_life: {
    label: 'Longest life of a key',
    choices: [...dayChoices(7, 30, 60, 90, 180, 365), [NEVER, 'Keys may live without end']],
  },
  required_fields: {
    label: 'Required fields',
    choices: [
      [NONE, 'None'],
      ['purpose', 'Purpose'],
      ['used_by', 'Used by'],
      ['purpose,used_by', 'Purpose and Used by'],
    ],
  },
  approvals: {
    label: 'Approvals of a request',
    choices: [
      ['1', 'One'],
      ['2', 'Two different people'],
    ],
  },
  urgent: {
    label: 'Urgent requests',
    choices: [
      ['on', 'Allowed'],
      ['off', 'Not allowed'],
    ],
  },
  unused_after: { label: 'A key is unused after', choices: dayChoices(30, 60, 90, 180, 365) },
  on_leak: {
    label: 'A key that was found in public',
    choices: [
      ['revoke', 'Revoke it'],
      ['notify', 'Only notify'],
    ],
  },
};

/** The labels of the entries that are typed. */
export const POLICY_TEXT_LABELS = {
  name_pattern: 'Pattern of account names',
  name_example: 'Example of a name',
  approvers: 'Approvers of requests',
} as const satisfies Partial<Record<PolicyField, string>>;

/** Returns the entries that a policy sets, each in a line with the words of the form *Team settings*. Markup. */
export function policyLines(policy: Policy): string[] {
  const values = policyValues(policy);
  return POLICY_FIELDS.flatMap((field) => {
    const value = values[field];
    if (value === '' || field === 'name_example') return [];
    if (field === 'name_pattern') {
      return [`${POLICY_TEXT_LABELS[field]}: ${code(value)}, such as ${code(values.name_example)}`];
    }
    if (field === 'approvers') {
      return [`${POLICY_TEXT_LABELS[field]}: ${code(shortened(value.replaceAll('\n', ', '), 200))}`];
    }
    const { label = '', choices = [] } = POLICY_CHOICES[field] ?? {};
    // The teams file can set numbers of days that the form doesn't offer.
    return [`${label}: ${choices.find(([one]) => one === value)?.[1] ?? daysText(Number(value))}`];
  });
}
