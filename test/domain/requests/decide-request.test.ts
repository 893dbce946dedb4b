import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/domain/organization/policy.ts';
import {
  approverAddresses,
  decideAsk,
  decideRequest,
  MOST_APPROVERS,
} from '../../../src/domain/requests/decide-request.ts';

const BEN = 'ben@acme.test';
const ADA = { email: 'ada@acme.test', mayApprove: true, choice: 'approve' } as const;
const OPEN = { state: 'open', email: BEN, decisions: [] } as const;
const approvedBy = (email: string) => ({ email, decision: 'approved' as const });
const confirmedBy = (email: string) => ({ email, decision: 'confirmed' as const });

describe('A decision on a request', () => {
  it.each([
    ['one approval approves it', OPEN, ADA, 1, { kind: 'counts', decision: 'approved', becomes: 'approved' }],
    [
      'one denial denies it',
      OPEN,
      { ...ADA, choice: 'deny' },
      2,
      { kind: 'counts', decision: 'denied', becomes: 'denied' },
    ],
    [
      'the first of two approvals waits',
      OPEN,
      ADA,
      2,
      { kind: 'counts', decision: 'approved', becomes: undefined },
    ],
    [
      'the second of two different people approves it',
      { ...OPEN, decisions: [approvedBy('cy@acme.test')] },
      ADA,
      2,
      { kind: 'counts', decision: 'approved', becomes: 'approved' },
    ],
    [
      'the same person never counts twice',
      { ...OPEN, decisions: [approvedBy(ADA.email)] },
      ADA,
      2,
      { kind: 'waits_for_another' },
    ],
    [
      'the same person completes it after the policy asked for fewer approvals',
      { ...OPEN, decisions: [approvedBy(ADA.email)] },
      ADA,
      1,
      { kind: 'counts', decision: 'approved', becomes: 'approved' },
    ],
    [
      'nobody decides on their own',
      OPEN,
      { ...ADA, email: BEN },
      1,
      { kind: 'refused', reason: 'own_request' },
    ],
    [
      'only approvers decide',
      OPEN,
      { ...ADA, mayApprove: false },
      1,
      { kind: 'refused', reason: 'not_approver' },
    ],
    [
      'an urgent request is confirmed',
      { ...OPEN, state: 'granted' as const },
      ADA,
      1,
      { kind: 'counts', decision: 'confirmed', becomes: 'approved' },
    ],
    [
      'an urgent request needs two confirmations of different people too',
      { ...OPEN, state: 'granted' as const, decisions: [confirmedBy(ADA.email)] },
      ADA,
      2,
      { kind: 'waits_for_another' },
    ],
    ...(['approved', 'denied', 'withdrawn', 'lapsed'] as const).map(
      (state) =>
        [`nothing changes once it is ${state}`, { ...OPEN, state }, ADA, 1, { kind: 'decided' }] as const,
    ),
  ] as const)('%s', (_title, request, by, approvals, verdict) => {
    expect(decideRequest(request, by, { approvals })).toEqual(verdict);
  });
});

describe('The approvers of a request', () => {
  const people = {
    teamAdmins: ['ada@acme.test', 'zoe@acme.test'],
    organizationAdmins: ['cy@acme.test'],
    requester: BEN,
  };
  it.each([
    ['the admins of the team by default', ['team_admins'], 1, people, ['ada@acme.test', 'zoe@acme.test']],
    ['the organization admins', ['organization_admins'], 1, people, ['cy@acme.test']],
    ['named people', ['dee@acme.test'], 1, people, ['dee@acme.test']],
    ['never the requester', ['dee@acme.test', BEN], 1, people, ['dee@acme.test']],
    [
      'organization admins too where a team has too few admins',
      ['team_admins'],
      2,
      { ...people, teamAdmins: ['ada@acme.test', BEN] },
      ['ada@acme.test', 'cy@acme.test'],
    ],
    ['nobody', [BEN], 1, people, []],
  ] as const)('are %s', (_title, approvers, approvals, of, expected) => {
    expect(approverAddresses({ ...DEFAULT_POLICY, approvers, approvals }, of)).toEqual(expected);
  });

  it('are at most 20', () => {
    const teamAdmins = Array.from({ length: 100 }, (_, index) => `admin-${index}@acme.test`);
    expect(approverAddresses(DEFAULT_POLICY, { ...people, teamAdmins })).toHaveLength(MOST_APPROVERS);
  });
});

it.each([
  ['admin', false, 'create'],
  [undefined, true, 'create'],
  ['member', false, 'request'],
  ['view-only', false, 'view_only'],
  ['view-only', true, 'create'],
  [undefined, false, 'unknown'],
] as const)(
  'a person with the role %s (organization admin: %s) gets: %s',
  (role, isOrganizationAdmin, expected) => {
    const team = { id: 'team_1', name: 'ml-platform', subjects: [] };
    expect(decideAsk({ team, role, isOrganizationAdmin })).toBe(expected);
  },
);
