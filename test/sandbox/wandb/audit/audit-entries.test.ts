import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { newAccount, scim } from '../scim/scim-calls.ts';
import { account, createServiceAccount, dataOf } from '../wandb-calls.ts';
import { readAuditLog, startWithAuditLog } from './audit-calls.ts';

interface Entry {
  action: string;
  actor_email?: string;
  entity_name?: string;
  user_email?: string;
  user_asset?: string;
}

async function entries(wandb: DrivenWandb): Promise<Entry[]> {
  return (await readAuditLog(wandb)).json.audit_logs;
}

const summary = async (wandb: DrivenWandb) =>
  (await entries(wandb)).map(({ action, actor_email, entity_name, user_email }) =>
    [action, actor_email, entity_name, user_email].filter(Boolean).join(' '),
  );

describe('the audit log of the local W&B', () => {
  it('is empty at first', async () => {
    const wandb = await startWithAuditLog();
    expect(await entries(wandb)).toEqual([]);
  });

  it('records what GraphQL changes, with the caller and without IDs of keys', async () => {
    const wandb = await startWithAuditLog({}, { now: () => Date.parse('2026-08-01T13:00:00.500Z') });
    const key = wandb.keyOf('ada');
    const created = await dataOf(wandb, createServiceAccount, { ...account(), key });
    const { id } = created.createServiceAccount.user;
    const [creation, newKey] = await entries(wandb);
    expect(creation).toEqual({
      action: 'team:create_service_account',
      actor_email: 'Ada@acme.test',
      actor_ip: '127.0.0.1',
      actor_user_id: expect.any(String),
      entity_asset: wandb.team('ml-platform').id,
      entity_name: 'ml-platform',
      response_code: 200,
      timestamp: '2026-08-01T13:00:00Z',
      user_asset: id,
    });
    expect(newKey).toMatchObject({ action: 'user:create_api_key', user_asset: id });

    const generate = 'mutation { generateApiKey(input: {}) { apiKey { id } } }';
    const { generateApiKey } = await dataOf(wandb, generate, { key });
    const keyId = generateApiKey.apiKey.id;
    const remove = 'mutation ($id: String!) { deleteApiKey(input: { id: $id }) { success } }';
    await dataOf(wandb, remove, { key, variables: { id: keyId } });
    const uninvite = `mutation ($id: String!) {
      deleteInvite(input: { id: $id, entityName: "ml-platform" }) { success }
    }`;
    await dataOf(wandb, uninvite, { key, variables: { id } });
    expect((await summary(wandb)).slice(2)).toEqual([
      'user:create_api_key Ada@acme.test Ada@acme.test',
      'user:delete_api_key Ada@acme.test Ada@acme.test',
      'team:uninvite Ada@acme.test ml-platform',
    ]);
    expect(JSON.stringify(await entries(wandb))).not.toContain(keyId);
  });

  it('records what SCIM changes', async () => {
    const wandb = await startWithAuditLog({ hasScim: true, scimServiceAccounts: true });
    const authorization = `Basic ${Buffer.from(`cy:${wandb.keyOf('cy')}`).toString('base64')}`;
    const { json } = await scim(wandb, 'Users', { method: 'POST', body: newAccount('x'), authorization });
    await scim(wandb, `Users/${json.id}`, { method: 'DELETE', authorization });
    const dee = await scim(wandb, 'Users', { filter: 'userName eq "dee"', authorization });
    for (const value of [{ organizationRole: 'admin' }, { active: false }]) {
      const body = { Operations: [{ op: 'replace', value }] };
      const path = `Users/${dee.json.Resources[0].id}`;
      await scim(wandb, path, { method: 'PATCH', body, authorization });
    }
    expect(await summary(wandb)).toEqual([
      'team:create_service_account CY@acme.test ml-platform',
      'team:uninvite CY@acme.test ml-platform',
      'user:permanently_delete CY@acme.test',
      'organization:update_member CY@acme.test dee@acme.test',
      'user:deactivate CY@acme.test dee@acme.test',
    ]);
  });

  it('records what people do in W&B’s own pages', async () => {
    const wandb = await startWithAuditLog();
    const team = wandb.team('ml-platform');
    const { id } = team.createAccountWithoutKey('manual');
    wandb.deleteKey(wandb.createKey(id, 'laptop'));
    team.removeMember('ben@acme.test');
    wandb.setActive('eve', false);
    wandb.setActive('eve', true);
    wandb.setOrganizationAdmin('dee', true);
    wandb.createTeam('Übersetzung 2');
    wandb.deleteTeam('Übersetzung 2');
    expect(await summary(wandb)).toEqual([
      'team:create_service_account CY@acme.test ml-platform',
      'user:create_api_key CY@acme.test',
      'user:delete_api_key',
      'team:uninvite CY@acme.test ml-platform ben@Acme.test',
      'user:deactivate CY@acme.test eve@acme.test',
      'user:reactivate CY@acme.test eve@acme.test',
      'organization:update_member CY@acme.test dee@acme.test',
      'team:create CY@acme.test Übersetzung 2',
      'team:delete CY@acme.test Übersetzung 2',
    ]);
    expect((await entries(wandb)).slice(0, 3).map((entry) => entry.user_asset)).toEqual([id, id, id]);
  });
});
