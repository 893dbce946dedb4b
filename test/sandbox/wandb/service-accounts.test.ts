import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { account, call, createServiceAccount, dataOf, refused, startWandb } from './wandb-calls.ts';

const members =
  '{ entity(name: "ml-platform") { members { id name email accountType apiKey pending admin } } }';
const deleteInvite = 'mutation ($input: DeleteInviteInput!) { deleteInvite(input: $input) { success } }';

async function create(wandb: DrivenWandb, name?: string): Promise<string> {
  const { createServiceAccount: created } = await dataOf(wandb, createServiceAccount, account(name));
  return created.user.id;
}

const remove = (id: string, entityName = 'ml-platform') => ({ variables: { input: { id, entityName } } });

describe('service accounts of the local W&B', () => {
  it('creates an account as the last member, with a working key', async () => {
    const wandb = await startWandb();
    const id = await create(wandb, 'nightly-eval');
    const { entity } = await dataOf(wandb, members);
    const { apiKey, ...account } = entity.members.at(-1);
    expect(account).toEqual({
      id,
      name: 'nightly-eval',
      email: null,
      accountType: 'SERVICE',
      pending: false,
      admin: false,
    });
    const { viewer } = await dataOf(wandb, '{ viewer { id entity email } }', { key: apiKey });
    expect(viewer).toEqual({ id, entity: 'ml-platform', email: null });
    expect(wandb.activeKeys().at(-1)).toMatchObject({
      secret: apiKey,
      owner: { id, accountType: 'SERVICE' },
    });
  });

  it('accepts duplicate names, as W&B does', async () => {
    const wandb = await startWandb();
    const ids = [await create(wandb, 'same'), await create(wandb, 'same')];
    expect(
      wandb
        .team('ml-platform')
        .serviceAccounts()
        .map(({ id, name }) => [id, name]),
    ).toEqual(ids.map((id) => [id, 'same']));
  });

  it('returns accounts that people created in W&B’s own page', async () => {
    const wandb = await startWandb();
    const created = wandb.team('ml-platform').createServiceAccount('manual');
    const { entity } = await dataOf(wandb, members);
    expect(entity.members.at(-1)).toMatchObject(created);
    expect(wandb.requests.map(({ operations }) => operations)).toEqual([['entity']]);
  });

  it('deletes an account with its keys when its invite is deleted', async () => {
    const wandb = await startWandb();
    const before = wandb.activeKeys();
    const id = await create(wandb);
    const key = wandb.activeKeys().at(-1)?.secret ?? '';
    expect(await dataOf(wandb, deleteInvite, remove(id))).toEqual({ deleteInvite: { success: true } });
    expect(wandb.activeKeys()).toEqual(before);
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
    expect((await call(wandb, '{ viewer { id } }', { key })).status).toBe(401);
  });

  it('returns 404 for a second deletion and for an account of another team', async () => {
    const wandb = await startWandb();
    const id = await create(wandb);
    const elsewhere = await call(wandb, deleteInvite, remove(id, 'research'));
    expect(elsewhere.status).toBe(404);
    await dataOf(wandb, deleteInvite, remove(id));
    const again = await call(wandb, deleteInvite, remove(id));
    const message = `invite ${id} not found during deleteInvite`;
    expect([again.status, again.json]).toEqual([404, refused('deleteInvite', message)]);
  });

  it('returns the keys of service accounts to admins only, and never people’s keys', async () => {
    const wandb = await startWandb();
    await create(wandb);
    const keysSeenBy = async (person: string) => {
      const { entity } = await dataOf(wandb, members, { key: wandb.keyOf(person) });
      return entity.members.map(({ apiKey }: { apiKey: string | null }) => apiKey);
    };
    const secret = wandb.activeKeys().at(-1)?.secret;
    expect(await keysSeenBy('ada@acme.test')).toEqual([null, null, secret]);
    expect(await keysSeenBy('cy@acme.test')).toEqual([null, null, secret]);
    expect(await keysSeenBy('ben@acme.test')).toEqual([null, null, null]);
  });

  it('refuses to let a member delete an account', async () => {
    const wandb = await startWandb();
    const id = await create(wandb);
    const asBen = await call(wandb, deleteInvite, { ...remove(id), key: wandb.keyOf('ben@acme.test') });
    expect(asBen.status).toBe(403);
    expect(wandb.team('ml-platform').serviceAccounts()).toHaveLength(1);
  });
});
