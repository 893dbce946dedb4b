import { describe, expect, it } from 'vitest';
import {
  account,
  type CallOptions,
  call,
  createServiceAccount,
  dataOf,
  denied,
  refused,
  startWandb,
} from './wandb-calls.ts';

const created = { createServiceAccount: { user: { id: expect.any(String) } } };
const entity = 'query ($name: String) { entity(name: $name) { name } }';
const named = (name: string): CallOptions => ({ variables: { name } });

describe('permissions of the local W&B', () => {
  it('returns no viewer and refuses mutations without credentials', async () => {
    const wandb = await startWandb();
    expect(await call(wandb, '{ viewer { id } }', { key: null })).toMatchObject({
      status: 200,
      json: { data: { viewer: null } },
    });
    expect(await call(wandb, createServiceAccount, { key: null, ...account() })).toMatchObject({
      status: 401,
      json: refused('createServiceAccount', 'user is not logged in', 'PERMISSION_ERROR'),
    });
  });

  it.each(['Basic dXNlcjpwYXNz', 'Basic', 'Basic !!', 'Bearer abc', ''])(
    'refuses the invalid credentials "%s"',
    async (authorization) => {
      const wandb = await startWandb();
      const options = { key: null, headers: { authorization }, ...account() };
      const { status, json } = await call(wandb, createServiceAccount, options);
      expect([status, json]).toEqual([401, denied('createServiceAccount')]);
      expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
    },
  );

  it('refuses a deleted key, even for a call that arrived before the deletion', async () => {
    const wandb = await startWandb();
    const held = wandb.hold('createServiceAccount', { at: 'before' });
    const creation = call(wandb, createServiceAccount, account());
    await held.reached;
    wandb.deleteKey(wandb.apiKey);
    held.release();
    expect((await creation).status).toBe(401);
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
  });

  it('lets team admins and organization admins create service accounts', async () => {
    const wandb = await startWandb();
    for (const person of ['ada@acme.test', 'cy@acme.test']) {
      const data = await dataOf(wandb, createServiceAccount, { ...account(), key: wandb.keyOf(person) });
      expect(data).toEqual(created);
    }
  });

  it.each(['ben@acme.test', 'dee@acme.test', 'eve@acme.test'])(
    'refuses to let %s, who is not an admin of the team, create a service account',
    async (person) => {
      const wandb = await startWandb();
      const { status, json } = await call(wandb, createServiceAccount, {
        ...account(),
        key: wandb.keyOf(person),
      });
      expect([status, json]).toEqual([403, denied('createServiceAccount')]);
    },
  );

  it('returns 404 for an unknown team', async () => {
    const wandb = await startWandb();
    const { status, json } = await call(wandb, createServiceAccount, account('x', 'nowhere'));
    const message = 'entity nowhere not found during createServiceAccount';
    expect([status, json]).toEqual([404, refused('createServiceAccount', message)]);
  });

  it('returns a team only to its members and organization admins', async () => {
    const wandb = await startWandb();
    const seen = async (person: string) =>
      (await dataOf(wandb, entity, { ...named('ml-platform'), key: wandb.keyOf(person) })).entity;
    expect(await seen('ben@acme.test')).toEqual({ name: 'ml-platform' });
    expect(await seen('cy@acme.test')).toEqual({ name: 'ml-platform' });
    expect(await seen('eve@acme.test')).toBeNull();
    wandb.team('ml-platform').addMember('eve@acme.test', { pending: true });
    expect(await seen('eve@acme.test')).toBeNull();
    wandb.team('ml-platform').acceptInvite('eve@acme.test');
    expect(await seen('eve@acme.test')).toEqual({ name: 'ml-platform' });
  });

  it('gives the app the access of an organization admin by default', async () => {
    const wandb = await startWandb();
    const { viewer } = await dataOf(wandb, '{ viewer { username admin teams { edges { node { name } } } } }');
    expect(viewer).toEqual({ username: 'keysmith', admin: true, teams: { edges: [] } });
  });

  it('gives the app the roles in teams that the test configures', async () => {
    const wandb = await startWandb({ caller: { adminOf: ['ml-platform'], memberOf: ['research'] } });
    const { viewer } = await dataOf(wandb, '{ viewer { admin entity teams { edges { node { name } } } } }');
    expect(viewer).toEqual({
      admin: false,
      entity: 'ml-platform',
      teams: { edges: [{ node: { name: 'ml-platform' } }, { node: { name: 'research' } }] },
    });
    expect(await dataOf(wandb, createServiceAccount, account('x', 'ml-platform'))).toEqual(created);
    expect((await call(wandb, createServiceAccount, account('x', 'research'))).status).toBe(403);
  });

  it('changes the access of the app from the next call on', async () => {
    const wandb = await startWandb();
    wandb.changeCaller({ memberOf: ['ml-platform'] });
    expect((await call(wandb, createServiceAccount, account())).status).toBe(403);
    wandb.changeCaller({});
    expect(await dataOf(wandb, entity, named('ml-platform'))).toEqual({ entity: null });
    wandb.changeCaller('organization_admin');
    expect(await dataOf(wandb, createServiceAccount, account())).toEqual(created);
  });

  it('applies changes of a person’s role from the next call on', async () => {
    const wandb = await startWandb();
    const team = wandb.team('ml-platform');
    const asBen = { ...account(), key: wandb.keyOf('ben@acme.test') };
    team.setAdmin('BEN@acme.test', true);
    expect(await dataOf(wandb, createServiceAccount, asBen)).toEqual(created);
    team.setAdmin('ben@acme.test', false);
    expect((await call(wandb, createServiceAccount, asBen)).status).toBe(403);
    team.removeMember('ben@acme.test');
    expect(await dataOf(wandb, entity, { ...named('ml-platform'), key: asBen.key })).toEqual({
      entity: null,
    });
  });

  it('finds people by a part of the name, username or email address, for organization admins only', async () => {
    const wandb = await startWandb();
    const users = 'query ($query: String) { users(query: $query) { edges { node { username } } } }';
    const found = async (query: string) =>
      (await dataOf(wandb, users, { variables: { query } })).users.edges.map(
        ({ node }: { node: { username: string } }) => node.username,
      );
    expect(await found('BEN@acme')).toEqual(['benj']);
    expect(await found('tanaka')).toEqual(['dee']);
    expect(await found('nobody')).toEqual([]);
    const asAda = await call(wandb, users, { key: wandb.keyOf('ada') });
    expect([asAda.status, asAda.json]).toEqual([403, denied('users')]);
  });
});
