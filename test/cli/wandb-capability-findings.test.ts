import { expect, it } from 'vitest';
import type { WandbCapabilities } from '../../src/backends/wandb/client/queries/read-capabilities.ts';
import { capabilityFindings } from '../../src/cli/doctor/wandb-check.ts';
import { unusableMembersFindings } from '../../src/cli/doctor/wandb-credential-findings.ts';

const all: WandbCapabilities = {
  createServiceAccount: true,
  deleteInvite: true,
  createClient: true,
  revokeClient: true,
  usersQuery: true,
  roleOnMember: true,
  apiKeyOnMember: true,
  oauthClientsOnMember: true,
  organizationOnEntity: true,
  organizationsOnUser: true,
  oauthProvidersOnOrganization: true,
  featuresOnServerInfo: true,
  latestVersionOnServerInfo: true,
};

/** Returns the marks of service accounts, API keys and federated identities. */
const marks = (changes: Partial<WandbCapabilities>, issuers: string[] | undefined = ['https://a.test']) =>
  capabilityFindings({ ...all, ...changes }, issuers)
    .map(({ mark }) => mark)
    .join(' ');

it.each<[Partial<WandbCapabilities>, string]>([
  [{}, 'ok ok ok'],
  [{ createServiceAccount: false }, 'problem ok ok'],
  [{ deleteInvite: false }, 'problem ok ok'],
  [{ apiKeyOnMember: false }, 'ok warning ok'],
  [{ createClient: false }, 'ok ok warning'],
  [{ revokeClient: false }, 'ok ok warning'],
  [{ oauthProvidersOnOrganization: false }, 'ok ok warning'],
  [{ apiKeyOnMember: false, createClient: false }, 'ok problem warning'],
])('capabilities %j of a W&B server give the marks %s', (changes, expected) => {
  expect(marks(changes)).toBe(expected);
});

it('a W&B server without issuers lacks federated identities, but one that hides its issuers may have them', () => {
  expect(marks({ apiKeyOnMember: false }, [])).toBe('ok problem warning');
  expect(capabilityFindings(all, undefined)[2]).toMatchObject({ mark: 'ok' });
});

it('every finding that isn’t ok says what to do', () => {
  const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, false]));
  for (const { mark, remedy } of capabilityFindings({ ...all, ...nothing }, undefined)) {
    expect([mark === 'ok', remedy === undefined]).toEqual([false, false]);
  }
});

it('warns of members that the server returns without an ID, by team', () => {
  const unusable = { name: 'invited', accountType: undefined };
  const team = { id: 'e1', name: 'ml', members: [], organization: undefined, unusableMembers: undefined };
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
