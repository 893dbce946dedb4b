import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { type CallOptions, call, dataOf, startWandb } from './wandb-calls.ts';

const createProvider = `mutation ($input: CreateOAuthProviderInput!) {
  createOAuthProvider(input: $input) { providerId success }
}`;
const createClient = `mutation ($input: CreateClientInput!) { createClient(input: $input) { clientId success } }`;
const revokeClient = `mutation ($input: RevokeClientInput!) { revokeClient(input: $input) { success } }`;
const input = (values: Record<string, unknown>): CallOptions => ({ variables: { input: values } });

async function firstProvider(wandb: DrivenWandb): Promise<string> {
  const { viewer } = await dataOf(wandb, '{ viewer { organizations { OAuthProviders { id } } } }');
  return viewer.organizations[0].OAuthProviders[0].id;
}

const client = (providerId: string, values: Record<string, unknown> = {}) =>
  input({ entityName: 'ml-platform', subject: 'repo:acme/app', providerId, name: 'app', ...values });

describe('OAuth clients of the local W&B', () => {
  it('creates a federated account, which is a member with a subject and without keys', async () => {
    const wandb = await startWandb();
    const providerId = await firstProvider(wandb);
    const keys = wandb.activeKeys();
    const { createClient: created } = await dataOf(wandb, createClient, client(providerId));
    const { entity } = await dataOf(
      wandb,
      '{ entity(name: "ml-platform") { members { name accountType apiKey OAuthClients { id subject } } } }',
    );
    expect(entity.members.at(-1)).toEqual({
      name: 'app',
      accountType: 'SERVICE',
      apiKey: null,
      OAuthClients: [{ id: created.clientId, subject: 'repo:acme/app' }],
    });
    expect(wandb.activeKeys()).toEqual(keys);
    expect(wandb.team('ml-platform').serviceAccounts()).toMatchObject([
      { keys: [], OAuthClients: [{ issuerUrl: 'https://token.actions.githubusercontent.com' }] },
    ]);
  });

  it('refuses a duplicate subject, an unknown provider and a caller who is not an admin', async () => {
    const wandb = await startWandb();
    const providerId = await firstProvider(wandb);
    await dataOf(wandb, createClient, client(providerId));
    const taken = await call(wandb, createClient, client(providerId, { entityName: 'research' }));
    const unknown = await call(wandb, createClient, client('nothing'));
    const asBen = await call(wandb, createClient, {
      ...client(providerId, { subject: 'other' }),
      key: wandb.keyOf('ben@acme.test'),
    });
    expect([taken.status, unknown.status, asBen.status]).toEqual([409, 404, 403]);
    expect(wandb.team('research').serviceAccounts()).toEqual([]);
  });

  it('revokes a client once and keeps its account in the team', async () => {
    const wandb = await startWandb();
    const { createClient: created } = await dataOf(wandb, createClient, client(await firstProvider(wandb)));
    const revoked = (entityName: string) =>
      call(wandb, revokeClient, input({ entityName, clientId: created.clientId }));
    expect((await revoked('research')).status).toBe(404);
    expect((await revoked('ml-platform')).json).toEqual({ data: { revokeClient: { success: true } } });
    expect((await revoked('ml-platform')).status).toBe(404);
    expect(wandb.team('ml-platform').serviceAccounts()).toMatchObject([{ name: 'app', OAuthClients: [] }]);
  });

  it('frees the subject when the account is removed', async () => {
    const wandb = await startWandb();
    const providerId = await firstProvider(wandb);
    await dataOf(wandb, createClient, client(providerId));
    const [account] = wandb.team('ml-platform').serviceAccounts();
    wandb.team('ml-platform').removeMember(account?.id ?? '');
    expect((await dataOf(wandb, createClient, client(providerId))).createClient.success).toBe(true);
  });

  it('registers an issuer once, and for organization admins only', async () => {
    const wandb = await startWandb();
    const organizationId = wandb.organization.id;
    const provider = input({ organizationId, issuerUrl: 'https://ci.acme.test' });
    const asAda = await call(wandb, createProvider, { ...provider, key: wandb.keyOf('ada@acme.test') });
    expect(asAda.status).toBe(403);
    expect((await dataOf(wandb, createProvider, provider)).createOAuthProvider).toEqual({
      providerId: expect.any(String),
      success: true,
    });
    expect((await call(wandb, createProvider, provider)).status).toBe(409);
    const elsewhere = input({ organizationId: 'other', issuerUrl: 'https://x.test' });
    expect((await call(wandb, createProvider, elsewhere)).status).toBe(404);
  });
});
