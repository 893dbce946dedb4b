import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ReconciliationStep,
  reconcile,
  type ShownAccount,
  type WantedAccount,
} from '../../../src/domain/accounts/reconciliation.ts';

const TAGGED = 'nightly-eval-ksabcdefghijklm';

const wantedPresent: WantedAccount = {
  desired: 'present',
  name: TAGGED,
  tag: 'abcdefghijklm',
  memberId: undefined,
  clientId: undefined,
  scimId: undefined,
};
const wantedAbsent: WantedAccount = { ...wantedPresent, desired: 'absent' };
const plain = { name: 'nightly-eval', tag: undefined };

const shown: ShownAccount = {
  memberId: 'm1',
  scimId: undefined,
  clientId: undefined,
  name: TAGGED,
  isServiceAccount: true,
  isComplete: true,
};
const shownPlain: ShownAccount = { ...shown, name: plain.name };

const needsAdmin = (problem: Extract<ReconciliationStep, { kind: 'needs_admin' }>['problem']) =>
  ({ kind: 'needs_admin', problem }) as const;
const done = { kind: 'done' } as const;
const create = { kind: 'create' } as const;
const adopt = (account: ShownAccount) => ({ kind: 'adopt', shown: account }) as const;
const deletion = (account?: ShownAccount) => ({ kind: 'delete', shown: account }) as const;

const CASES: [title: string, WantedAccount, ShownAccount[], ReconciliationStep][] = [
  ['creates what was never there', wantedPresent, [], create],
  ['adopts what has its tag', wantedPresent, [shown], adopt(shown)],
  ['changes nothing that exists as stored', { ...wantedPresent, memberId: 'm1' }, [shown], done],
  ['creates nothing again that was there once', { ...wantedPresent, memberId: 'm1' }, [], done],
  ['creates nothing again whose client is stored', { ...wantedPresent, clientId: 'c1' }, [], done],
  ['creates nothing again whose SCIM ID is stored', { ...wantedPresent, scimId: 's1' }, [], done],
  [
    'deletes what was created in part',
    wantedPresent,
    [{ ...shown, isComplete: false }],
    deletion({ ...shown, isComplete: false }),
  ],
  ['deletes what has its tag', wantedAbsent, [shown], deletion(shown)],
  [
    'deletes what has its tag and the stored ID',
    { ...wantedAbsent, memberId: 'm1' },
    [shown],
    deletion(shown),
  ],
  ['is done when nothing exists', wantedAbsent, [], done],
  ['is done when what existed is gone', { ...wantedAbsent, memberId: 'm1' }, [], done],
  ['deletes a client that is left', { ...wantedAbsent, memberId: 'm1', clientId: 'c1' }, [], deletion()],
  [
    'needs an admin for two accounts with one tag',
    wantedAbsent,
    [shown, { ...shown, memberId: 'm2' }],
    needsAdmin('duplicate_tag'),
  ],
  [
    'needs an admin for two accounts with one tag, also to adopt one',
    wantedPresent,
    [shown, { ...shown, memberId: 'm2' }],
    needsAdmin('duplicate_tag'),
  ],
  [
    'needs an admin for another member ID than the stored one',
    { ...wantedAbsent, memberId: 'm2' },
    [shown],
    needsAdmin('another_account'),
  ],
  [
    'needs an admin for another SCIM ID than the stored one',
    { ...wantedAbsent, scimId: 's2' },
    [{ ...shown, scimId: 's1' }],
    needsAdmin('another_account'),
  ],
  [
    'needs an admin for a person with the tag',
    wantedAbsent,
    [{ ...shown, isServiceAccount: false }],
    needsAdmin('another_account'),
  ],
  [
    'needs an admin for another name',
    { ...wantedAbsent, memberId: 'm1' },
    [shownPlain],
    needsAdmin('another_account'),
  ],
  [
    'needs an admin for an account without an ID',
    wantedAbsent,
    [{ ...shown, memberId: undefined }],
    needsAdmin('no_id'),
  ],
  [
    'deletes one from before tags by its ID and name',
    { ...wantedAbsent, ...plain, memberId: 'm1' },
    [shownPlain],
    deletion(shownPlain),
  ],
  [
    'deletes a renamed one from before tags by its client',
    { ...wantedAbsent, ...plain, clientId: 'c1' },
    [{ ...shown, name: 'renamed', clientId: 'c1' }],
    deletion({ ...shown, name: 'renamed', clientId: 'c1' }),
  ],
  [
    'needs an admin for a renamed one from before tags without a client',
    { ...wantedAbsent, ...plain, memberId: 'm1' },
    [{ ...shown, name: 'renamed' }],
    needsAdmin('another_account'),
  ],
  [
    'needs an admin for one that only has the name of one from before tags',
    { ...wantedAbsent, ...plain, memberId: 'm1' },
    [{ ...shownPlain, memberId: undefined, scimId: 's1' }],
    needsAdmin('another_account'),
  ],
  [
    'needs an admin for one without an ID that has the name of one from before tags',
    { ...wantedAbsent, ...plain, memberId: 'm1' },
    [{ ...shownPlain, memberId: undefined }],
    needsAdmin('no_id'),
  ],
];

const id = fc.constantFrom(undefined, 'one', 'other');
const wantedAccounts: fc.Arbitrary<WantedAccount> = fc
  .record({
    desired: fc.constantFrom('present' as const, 'absent' as const),
    tag: fc.constantFrom(undefined, 'abcdefghijklm'),
    memberId: id,
    clientId: id,
    scimId: id,
  })
  .map((wanted) => ({ ...wanted, name: wanted.tag === undefined ? plain.name : TAGGED }));
const shownAccounts: fc.Arbitrary<ShownAccount[]> = fc.array(
  fc.record({
    memberId: id,
    scimId: id,
    clientId: id,
    name: fc.constantFrom(undefined, plain.name, TAGGED, 'another'),
    isServiceAccount: fc.boolean(),
    isComplete: fc.boolean(),
  }),
  { maxLength: 2 },
);

describe('Reconciling an account on a W&B server', () => {
  it.each(CASES)('%s', (_, wanted, accounts, step) => {
    expect(reconcile(wanted, accounts)).toEqual(step);
  });

  it('never adopts or deletes an account that isn’t certainly Keysmith’s', () => {
    fc.assert(
      fc.property(wantedAccounts, shownAccounts, (wanted, accounts) => {
        const step = reconcile(wanted, accounts);
        if (step.kind === 'create') {
          expect([wanted.desired, accounts]).toEqual(['present', []]);
        }
        if (step.kind !== 'adopt' && step.kind !== 'delete') return;
        const found = step.shown;
        if (found === undefined) {
          expect([wanted.desired, accounts]).toEqual(['absent', []]);
          return;
        }
        expect([accounts, found.isServiceAccount]).toEqual([[found], true]);
        const ids = (['memberId', 'scimId', 'clientId'] as const).filter((one) => wanted[one] !== undefined);
        const same = ids.filter((one) => wanted[one] === found[one]);
        // A tag proves it; without one, only an ID does.
        expect(wanted.tag !== undefined ? found.name === TAGGED : same.length > 0).toBe(true);
        for (const one of ['memberId', 'scimId'] as const) {
          expect([undefined, found[one]]).toContain(
            found[one] === undefined ? undefined : (wanted[one] ?? found[one]),
          );
        }
        if (step.kind === 'delete') expect(wanted.desired === 'absent' || !found.isComplete).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
