import { describe, expect, it } from 'vitest';
import { call, createServiceAccount, dataOf, account as graphqlAccount } from '../wandb-calls.ts';
import { basicOf, newAccount, scim, scimErrorBody, startWithScim } from './scim-calls.ts';

const post = (body: unknown) => ({ method: 'POST' as const, body });

describe('service accounts in the SCIM API of the local W&B', () => {
  it('are created in their default team, without a key', async () => {
    const wandb = await startWithScim();
    const before = wandb.activeKeys();
    const { status, json } = await scim(
      wandb,
      'Users',
      post(newAccount('nightly-eval', { displayName: 'ignored' })),
    );
    expect(status).toBe(201);
    expect(json).toMatchObject({
      id: expect.any(String),
      userName: 'nightly-eval',
      displayName: 'nightly-eval',
      accountType: 'SERVICE',
      teamRoles: [{ teamName: 'ml-platform', roleName: 'member' }],
      organizationRole: 'member',
    });
    expect(wandb.activeKeys()).toEqual(before);
    expect(wandb.team('ml-platform').serviceAccounts().at(-1)).toMatchObject({
      name: 'nightly-eval',
      keys: [],
    });
    const { entity } = await dataOf(
      wandb,
      '{ entity(name: "ml-platform") { members { name accountType } } }',
    );
    expect(entity.members.at(-1)).toEqual({ name: 'nightly-eval', accountType: 'SERVICE' });
  });

  it('of the organization are members of every team', async () => {
    const wandb = await startWithScim();
    const { json } = await scim(
      wandb,
      'Users',
      post(newAccount('everywhere', { accountType: 'ORG_SERVICE', defaultTeam: 'research' })),
    );
    expect(json).toMatchObject({
      accountType: 'ORG_SERVICE',
      teamRoles: [
        { teamName: 'ml-platform', roleName: 'member' },
        { teamName: 'research', roleName: 'member' },
      ],
    });
    expect(wandb.createTeam('new-team').members()).toMatchObject([
      { username: 'keysmith' },
      { username: 'everywhere', accountType: 'SERVICE' },
    ]);
  });

  it.each([
    ['no body', 400, 'invalid JSON body', 'nothing'],
    ['no userName', 400, 'userName is required', { accountType: 'SERVICE' }],
    ['no default team', 400, 'defaultTeam is required', newAccount('x', { defaultTeam: '' })],
    ['an unknown default team', 400, 'team nowhere not found', newAccount('x', { defaultTeam: 'nowhere' })],
    ['an unknown account type', 400, 'invalid accountType', newAccount('x', { accountType: 'ROBOT' })],
    [
      'a seat',
      400,
      'modelsSeat is not supported for service accounts',
      newAccount('x', { modelsSeat: 'full' }),
    ],
    [
      'a Weave role',
      400,
      'weaveRole is not supported for service accounts',
      newAccount('x', { weaveRole: 'a' }),
    ],
    ['a taken userName', 409, 'user ada already exists', newAccount('ada')],
    ['a person without addresses', 400, 'emails is required', newAccount('x', { accountType: 'USER' })],
  ])('aren’t created with %s', async (_what, status, detail, body) => {
    const wandb = await startWithScim();
    const refused = await scim(wandb, 'Users', post(body));
    expect(refused).toEqual({ status, json: scimErrorBody(status, detail) });
    expect(wandb.team('ml-platform').serviceAccounts()).toHaveLength(1);
  });

  it('aren’t created by servers before 0.81, which treat the call as one about a person', async () => {
    const wandb = await startWithScim({ scimServiceAccounts: false });
    const refused = await scim(wandb, 'Users', post(newAccount('x')));
    expect(refused).toEqual({ status: 400, json: scimErrorBody(400, 'emails is required') });
  });

  it('of teams aren’t created while they are disabled, unlike those of the organization', async () => {
    const wandb = await startWithScim({ teamServiceAccountsEnabled: false });
    expect((await scim(wandb, 'Users', post(newAccount('x')))).status).toBe(403);
    const body = newAccount('x', { accountType: 'ORG_SERVICE' });
    expect((await scim(wandb, 'Users', post(body))).status).toBe(201);
  });

  it('are deleted once, and can’t be changed', async () => {
    const wandb = await startWithScim();
    const { json } = await scim(wandb, 'Users', post(newAccount('x')));
    const body = { Operations: [{ op: 'replace', path: 'organizationRole', value: 'admin' }] };
    expect((await scim(wandb, `Users/${json.id}`, { method: 'PATCH', body })).status).toBe(400);
    const remove = () => scim(wandb, `Users/${json.id}`, { method: 'DELETE' });
    expect(await remove()).toEqual({ status: 204, json: undefined });
    expect(await remove()).toEqual({ status: 404, json: scimErrorBody(404, `user ${json.id} not found`) });
    expect(wandb.team('ml-platform').serviceAccounts()).toMatchObject([{ name: 'Keysmith' }]);
  });

  it('of GraphQL have another userName than the name that people see', async () => {
    const wandb = await startWithScim();
    await dataOf(wandb, createServiceAccount, graphqlAccount('nightly-eval'));
    const { json } = await scim(wandb, 'Users');
    const created = json.Resources.at(-1);
    expect(created).toMatchObject({ displayName: 'nightly-eval', accountType: 'SERVICE' });
    expect(created.userName).toMatch(/^ml-platform-service-\d+$/);
  });
});

describe('callers of the SCIM API of the local W&B', () => {
  it('are organization admins by their username and organization service accounts by an empty one', async () => {
    const wandb = await startWithScim();
    const as = async (authorization: string | null) => (await scim(wandb, 'Users', { authorization })).status;
    const cy = wandb.keyOf('cy');
    expect(await as(basicOf('cy', cy))).toBe(200);
    expect(await as(basicOf('', wandb.apiKey))).toBe(200);
    expect(await as(`Bearer ${cy}`)).toBe(200);
    expect(await as(basicOf('', cy))).toBe(401);
    expect(await as(basicOf('api', wandb.apiKey))).toBe(401);
    expect(await as(basicOf('cy', 'nothing'))).toBe(401);
    expect(await as(null)).toBe(401);
    expect(await as(basicOf('ada', wandb.keyOf('ada')))).toBe(403);
    expect(await as(basicOf('', wandb.addTeamKey('ml-platform', 'team-scoped')))).toBe(403);
  });

  it('are refused while they are deactivated, and after they were deleted even if their keys stay', async () => {
    const wandb = await startWithScim({ keepsKeysOfDeleted: true });
    const cy = basicOf('cy', wandb.keyOf('cy'));
    const status = async (authorization: string) => (await scim(wandb, 'Users', { authorization })).status;
    wandb.setActive('cy', false);
    expect(await status(cy)).toBe(401);
    wandb.setActive('cy', true);
    const { json } = await scim(wandb, 'Users', { authorization: cy });
    const remove = (userName: string) => {
      const { id } = json.Resources.find((user: { userName: string }) => user.userName === userName);
      return scim(wandb, `Users/${id}`, { method: 'DELETE', authorization: cy });
    };
    await remove('keysmith');
    expect(await dataOf(wandb, '{ viewer { admin } }')).toEqual({ viewer: { admin: false } });
    expect(await status(basicOf('', wandb.apiKey))).toBe(403);
    await remove('cy');
    expect(await status(cy)).toBe(401);
  });

  it('can’t use Bearer before 0.79', async () => {
    const wandb = await startWithScim({ scimTakesBearer: false });
    const { status, json } = await scim(wandb, 'Users', { authorization: `Bearer ${wandb.apiKey}` });
    expect([status, json]).toEqual([401, scimErrorBody(401, 'user is not logged in')]);
  });

  it('get 404 from a server without SCIM', async () => {
    const wandb = await startWithScim({ hasScim: false });
    expect((await scim(wandb, 'Users')).status).toBe(404);
    wandb.switch('hasScim', true);
    expect((await scim(wandb, 'Users')).status).toBe(200);
  });

  it('see planned failures and are recorded', async () => {
    const wandb = await startWithScim();
    wandb.failures.set('scim_create_user', { kind: 'reset', afterEffect: true }, { times: 1 });
    await expect(scim(wandb, 'Users', post(newAccount('x')))).rejects.toThrow();
    expect(wandb.team('ml-platform').serviceAccounts().at(-1)?.name).toBe('x');
    await scim(wandb, 'Groups');
    expect(wandb.routeRequests.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['POST', '/scim/Users', undefined],
      ['GET', '/scim/Groups', 200],
    ]);
  });

  it('have an admin’s access in GraphQL as an organization service account', async () => {
    const wandb = await startWithScim();
    const { viewer } = await dataOf(wandb, '{ viewer { admin email entity } }');
    expect(viewer).toEqual({ admin: true, email: null, entity: 'ml-platform' });
    expect((await call(wandb, createServiceAccount, graphqlAccount('x', 'research'))).status).toBe(200);
  });
});
