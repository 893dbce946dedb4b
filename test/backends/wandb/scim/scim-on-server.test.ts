import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createScimClient } from '../../../../src/backends/wandb/scim/scim-client.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { startWithScim } from '../../../sandbox/wandb/scim/scim-calls.ts';
import { startWandb } from '../../../sandbox/wandb/wandb-calls.ts';

const OLD = { scimTakesBearer: false, scimEmails: 'object', scimServiceAccounts: false } as const;
const NAME = 'nightly-eval-ks0123456789abc';

const scimOf = ({ baseUrl, apiKey }: DrivenWandb, key = apiKey, username?: string) =>
  createScimClient({
    baseUrl,
    apiKey: new Secret(key),
    readUsername: async () => username,
    fetch,
    now: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    logger: pino({ level: 'silent' }),
  });

describe('SCIM on a W&B server', () => {
  it.each([
    ['a newer', {}],
    ['an older', OLD],
  ])('finds people and teams on %s server', async (_, capabilities) => {
    const wandb = await startWithScim(capabilities);
    const scim = scimOf(wandb);
    expect(await scim.availability()).toEqual({ ok: true, value: 'available' });
    expect(await scim.findPersonByEmail('ada@acme.test')).toMatchObject({
      value: { userName: 'ada', emails: ['ada@acme.test'], active: true },
    });
    expect(await scim.findPersonByEmail('nobody@acme.test')).toEqual({ ok: true, value: undefined });
    const teams = await scim.listTeams();
    expect(teams.ok && teams.value.entries.map(({ name }) => name)).toEqual(
      wandb.state.teams.map(({ name }) => name),
    );
    expect(await scim.findTeam('ml-platform')).toMatchObject({ value: { name: 'ml-platform' } });
    expect(await scim.findTeam('ML-platform')).toEqual({ ok: true, value: undefined });
  });

  it('creates, finds and deletes a service account on a newer server', async () => {
    const wandb = await startWithScim();
    const scim = scimOf(wandb);
    const account = { name: NAME, team: 'ml-platform', accountType: 'SERVICE' } as const;
    const created = await scim.createServiceAccount(account);
    if (created.outcome !== 'created') throw new Error(created.outcome);
    expect(await scim.findServiceAccountsByName(NAME)).toEqual({
      ok: true,
      value: [{ id: created.id, name: NAME, accountType: 'SERVICE' }],
    });
    expect(await scim.createServiceAccount(account)).toEqual({ outcome: 'name_taken' });
    expect(await scim.deleteUser(created.id)).toEqual({ ok: true, value: 'deleted' });
    expect(await scim.deleteUser(created.id)).toEqual({ ok: true, value: 'not_found' });
    expect(wandb.state.users.map(({ username }) => username)).not.toContain(NAME);
  });

  it('creates no account in an unknown team, nor on an older server', async () => {
    const account = { name: NAME, team: 'ml-platform', accountType: 'SERVICE' } as const;
    const newer = scimOf(await startWithScim());
    expect(await newer.createServiceAccount({ ...account, team: 'x' })).toEqual({ outcome: 'team_unknown' });
    const older = scimOf(await startWithScim(OLD));
    expect(await older.createServiceAccount(account)).toEqual({ outcome: 'not_supported' });
  });

  it.each([
    ['an admin, by Bearer on a newer server', {}, undefined],
    ['an admin, by Basic with the user name on an older server', OLD, 'keysmith'],
  ])('accepts the key of %s', async (_, capabilities, username) => {
    const wandb = await startWithScim(capabilities, { caller: 'organization_admin' });
    expect(await scimOf(wandb, undefined, username).availability()).toEqual({ ok: true, value: 'available' });
  });

  it('is not allowed to the key of a person who is not an admin, and absent from a server without it', async () => {
    const wandb = await startWithScim();
    const ofPerson = scimOf(wandb, wandb.keyOf('benj'), 'benj');
    expect(await ofPerson.availability()).toEqual({ ok: true, value: 'not_allowed' });
    expect(await scimOf(await startWandb()).availability()).toEqual({ ok: true, value: 'absent' });
  });
});
