import { describe, expect, test } from 'vitest';
import { pageAfter } from '../../../src/application/teams/pages.ts';
import {
  type PolicyValues,
  policyValues,
  readPolicyValues,
} from '../../../src/application/teams/policy-choices.ts';
import type { Policy } from '../../../src/domain/organization/policy.ts';

const FULL: Policy = {
  longestKeyLifeDays: 45,
  requiredFields: ['purpose', 'used_by'],
  accountNames: { pattern: 'ml-*', example: 'ml-eval' },
  approvers: ['team_admins', 'eve@acme.test'],
  approvals: 2,
  urgentRequests: false,
  unusedAfterDays: 30,
  onLeak: 'notify',
};

describe('A policy in the form Team settings', () => {
  test.each<[string, Policy]>([
    ['without entries', {}],
    ['with every entry', FULL],
    ['with keys without end', { keysMayNeverExpire: true }],
    ['without required fields', { requiredFields: [], urgentRequests: true, onLeak: 'revoke', approvals: 1 }],
  ])('is read back unchanged %s, whether or not the form has its fields', (_, policy) => {
    expect(readPolicyValues({}, policyValues(policy))).toEqual({ ok: true, policy });
    expect(readPolicyValues(policy, {})).toEqual({ ok: true, policy });
  });

  test('loses an entry whose text is empty, and keeps one that the form doesn’t have', () => {
    const { approvals: _, ...others } = FULL;
    expect(readPolicyValues(FULL, { approvals: '' })).toEqual({ ok: true, policy: others });
  });

  test.each<[PolicyValues, string, string]>([
    [{ key_life: '0' }, 'key_life', 'invalid'],
    [{ key_life: '3651' }, 'key_life', 'invalid'],
    [{ unused_after: '6' }, 'unused_after', 'invalid'],
    [{ approvals: '3' }, 'approvals', 'invalid'],
    [{ on_leak: 'constructor' }, 'on_leak', 'invalid'],
    [{ required_fields: 'contact' }, 'required_fields', 'invalid'],
    [{ approvers: 'team_admins\nnobody' }, 'approvers', 'invalid'],
    [{ name_pattern: '*' }, 'name_pattern', 'invalid'],
    [{ name_pattern: 'ml-*' }, 'name_example', 'example_missing'],
    [{ name_pattern: 'ml-*', name_example: 'eval' }, 'name_example', 'example_mismatch'],
  ])('is refused with the field: %j', (values, field, reason) => {
    expect(readPolicyValues({}, values)).toEqual({ ok: false, problems: [{ field, reason }] });
  });
});

test('The pages of a list lead forwards and back, also from a key that left it', () => {
  const letters = [...'abcdefg'];
  const page = (after: string) => pageAfter(letters, (letter) => letter, { after, size: 3 });
  expect(page('')).toEqual({ items: ['a', 'b', 'c'], previous: undefined, next: 'c' });
  expect(page('c')).toEqual({ items: ['d', 'e', 'f'], previous: '', next: 'f' });
  expect(page('f')).toEqual({ items: ['g'], previous: 'c', next: undefined });
  expect(page('bb').items).toEqual(['c', 'd', 'e']);
  expect(page('x').items).toEqual(['e', 'f', 'g']);
  expect(pageAfter([], String, { after: 'x', size: 3 }).items).toEqual([]);
});
