import { expect, it } from 'vitest';
import { capabilityFindings } from '../../src/cli/doctor/wandb-check.ts';
import { unusableMembersFindings } from '../../src/cli/doctor/wandb-credential-findings.ts';

const all = { returnsNewKeys: true, createsByScim: true, hasIssuers: true, issuers: ['https://a.test'] };
const markOf = ({ mark }: { mark: string }) => mark;

it.each<[Partial<Parameters<typeof capabilityFindings>[0]>, string]>([
  [{}, 'ok ok ok'],
  [{ returnsNewKeys: false }, 'ok warning ok'],
  [{ hasIssuers: false }, 'ok ok warning'],
  [{ issuers: [] }, 'ok ok warning'],
  [{ returnsNewKeys: false, hasIssuers: false }, 'ok warning warning'],
  [{ returnsNewKeys: false, issuers: [] }, 'ok warning warning'],
  // A server that hides its issuers may have them.
  [{ returnsNewKeys: false, issuers: undefined }, 'ok warning ok'],
])('capabilities %j of a W&B server give the marks %s', (changes, expected) => {
  const findings = capabilityFindings({ ...all, ...changes });
  expect(findings.map(markOf).join(' ')).toBe(expected);
  for (const { mark, remedy } of findings) expect(remedy === undefined).toBe(mark === 'ok');
});

it('warns of members that the server returns without an ID, by team', () => {
  const unusable = { name: 'invited', accountType: undefined };
  const team = {
    id: 'e1',
    name: 'ml',
    members: [],
    organization: undefined,
    hasOrganizations: true,
    unusableMembers: undefined,
  };
  expect(unusableMembersFindings([team])).toEqual([]);
  expect(unusableMembersFindings([{ ...team, unusableMembers: [unusable, unusable] }, team])).toEqual([
    {
      mark: 'warning',
      subject: 'W&B, members',
      text: '2 ignored in ml, because the server returns no ID for them',
      remedy: expect.any(String),
    },
  ]);
});
