import { describe, expect, it } from 'vitest';
import { call, dataOf, startWandb } from './wandb-calls.ts';

const createInvite = `mutation ($input: CreateInviteInput!) {
  createInvite(input: $input) { clientMutationId invite { id name email createdAt toUser { username } } }
}`;
const invite = (input: Record<string, unknown>) => ({
  variables: { input: { entityName: 'ml-platform', ...input } },
});

describe('invites of the local W&B', () => {
  it('invites a known person by username or email address, as a pending member', async () => {
    const wandb = await startWandb({ now: () => 0 });
    const data = await dataOf(
      wandb,
      createInvite,
      invite({ email: 'DEE@acme.test', admin: true, clientMutationId: 'x' }),
    );
    expect(data.createInvite).toEqual({
      clientMutationId: 'x',
      invite: {
        id: expect.any(String),
        name: 'Dee Tanaka',
        email: 'dee@acme.test',
        createdAt: '1970-01-01T00:00:00.000Z',
        toUser: { username: 'dee' },
      },
    });
    await dataOf(wandb, createInvite, invite({ username: 'eve', role: 'viewer' }));
    expect(wandb.team('ml-platform').members().slice(2)).toMatchObject([
      { username: 'dee', role: 'admin', pending: true },
      { username: 'eve', role: 'viewer', pending: true },
    ]);
  });

  it('invites an unknown email address, which gets a key when the person accepts', async () => {
    const wandb = await startWandb();
    await dataOf(wandb, createInvite, invite({ email: 'flo@acme.test' }));
    expect(() => wandb.keyOf('flo@acme.test')).toThrow('has no key');
    wandb.team('ml-platform').acceptInvite('flo@acme.test');
    const { viewer } = await dataOf(wandb, '{ viewer { entity } }', { key: wandb.keyOf('flo@acme.test') });
    expect(viewer).toEqual({ entity: 'ml-platform' });
  });

  it('refuses unknown usernames, unknown roles and existing members', async () => {
    const wandb = await startWandb();
    const statuses = [{ username: 'nobody' }, { username: 'dee', role: 'unknown' }, { username: 'benj' }].map(
      async (input) => (await call(wandb, createInvite, invite(input))).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 400, 409]);
    expect(wandb.team('ml-platform').members()).toHaveLength(2);
  });

  it('withdraws an invitation, and removes a member without deleting their user', async () => {
    const wandb = await startWandb();
    const team = wandb.team('ml-platform');
    const ids = [team.addMember('dee@acme.test', { pending: true }).id, team.members()[1]?.id];
    for (const id of ids) {
      await dataOf(
        wandb,
        'mutation ($input: DeleteInviteInput!) { deleteInvite(input: $input) { success } }',
        invite({ id }),
      );
    }
    expect(team.members().map(({ username }) => username)).toEqual(['ada']);
    const { viewer } = await dataOf(wandb, '{ viewer { username entity } }', {
      key: wandb.keyOf('ben@acme.test'),
    });
    expect(viewer).toEqual({ username: 'benj', entity: 'benj' });
  });

  it('makes the test driver refuse duplicate members and unknown ones', async () => {
    const team = (await startWandb()).team('ml-platform');
    expect(() => team.addMember('ada@acme.test')).toThrow('is already a member');
    expect(() => team.setAdmin('dee@acme.test', true)).toThrow('is not a member');
    expect(team.addMember('gus@acme.test')).toMatchObject({ username: 'gus', pending: false });
  });

  it('makes the test driver refuse unknown teams, people and keys', async () => {
    const wandb = await startWandb();
    expect(() => wandb.team('nowhere')).toThrow('No such team: nowhere');
    expect(() => wandb.keyOf('nobody')).toThrow('has no key');
    expect(() => wandb.deleteKey('nothing')).toThrow('No such key');
  });
});
