import { expect, it } from 'vitest';
import type { WandbCapabilities } from '../../src/backends/wandb/client/queries/read-capabilities.ts';
import { capabilityFindings } from '../../src/cli/doctor/wandb-check.ts';

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

/** The marks of service accounts, API keys and federated identities. */
const marks = (lacking: Partial<WandbCapabilities>, issuers: string[] | undefined = ['https://a.test']) =>
  capabilityFindings({ ...all, ...lacking }, issuers)
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
])('a server that lacks %j is judged by what is left to have', (lacking, expected) => {
  expect(marks(lacking)).toBe(expected);
});

it('a server without issuers has nobody who could sign in; one that hides them may', () => {
  expect(marks({ apiKeyOnMember: false }, [])).toBe('ok problem warning');
  expect(capabilityFindings(all, undefined)[2]).toMatchObject({ mark: 'ok' });
});

it('whatever is not well comes with what to do', () => {
  const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, false]));
  for (const { mark, remedy } of capabilityFindings({ ...all, ...nothing }, undefined)) {
    expect([mark === 'ok', remedy === undefined]).toEqual([false, false]);
  }
});
