import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { startWandb } from './wandb-calls.ts';

/** Submits a form of the page as a browser does, and returns the page. */
async function submit(wandb: DrivenWandb, fields: Record<string, string>): Promise<string> {
  const { origin } = new URL(wandb.baseUrl);
  const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(fields).toString();
  const response = await fetch(`${wandb.baseUrl}/ml-platform/service-accounts`, {
    method: 'POST',
    headers,
    body,
  });
  expect(response.status).toBe(200);
  return response.text();
}

describe('the forms on the page of a team on the local W&B', () => {
  it('create and delete accounts and keys as an organization admin, with entries in the audit log', async () => {
    const wandb = await startWandb({
      capabilities: { keepsKeysOfDeleted: true, createsKeyWithAccount: false },
    });
    const accounts = () => wandb.team('ml-platform').serviceAccounts();
    expect(await submit(wandb, { action: 'create_account', name: '<b>ingest' })).toContain(
      'Created &#60;b&#62;ingest.',
    );
    const id = accounts()[0]?.id ?? '';
    const withKey = await submit(wandb, { action: 'create_key', id });
    const [key] = accounts()[0]?.keys ?? [];
    expect(withKey).toContain(`shown once: <code>${key?.secret}</code>`);
    const gone = await submit(wandb, { action: 'delete_account', id });
    expect(gone).toContain('<h2>API keys of deleted accounts</h2>');
    expect(gone).not.toContain(key?.secret);
    expect(await submit(wandb, { action: 'delete_key', id: key?.id ?? '' })).not.toContain(
      'deleted accounts',
    );
    const actor_email = 'CY@acme.test';
    expect(wandb.auditEntries).toMatchObject([
      { action: 'team:create_service_account', actor_email, entity_name: 'ml-platform' },
      { action: 'user:create_api_key', actor_email },
      { action: 'team:uninvite', actor_email },
      { action: 'user:delete_api_key', actor_email },
    ]);
  });

  it('create a key with the account on versions that do so, and change nothing of people or other teams', async () => {
    const wandb = await startWandb();
    expect(await submit(wandb, { action: 'create_account', name: 'ingest' })).toMatch(/<code>local-\w{40}</);
    const keys = wandb.activeKeys();
    const other = wandb.team('research').createServiceAccount('other');
    const ofAda = wandb.activeKeys().find(({ owner }) => owner.username === 'ada')?.id ?? '';
    for (const [action, id] of [
      ['delete_account', other.id],
      ['delete_key', ofAda],
      ['create_key', wandb.team('ml-platform').members()[0]?.id ?? ''],
      ['delete_team', wandb.team('ml-platform').id],
    ] as const) {
      expect(await submit(wandb, { action, id })).toContain('Nothing was changed');
    }
    expect(wandb.activeKeys()).toHaveLength(keys.length + 1);
    const foreign = { method: 'POST', headers: { origin: 'https://elsewhere.test' } };
    expect((await fetch(`${wandb.baseUrl}/ml-platform/service-accounts`, foreign)).status).toBe(403);
  });
});
