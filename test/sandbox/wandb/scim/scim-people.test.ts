import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { call, dataOf } from '../wandb-calls.ts';
import { scim, scimErrorBody, startWithScim } from './scim-calls.ts';

const userNames = (json: { Resources: { userName: string }[] }) =>
  json.Resources.map(({ userName }) => userName);

async function idOf(wandb: DrivenWandb, userName: string): Promise<string> {
  const { json } = await scim(wandb, 'Users', { filter: `userName eq "${userName}"` });
  return json.Resources[0].id;
}

const patch = (path: string | undefined, value: unknown) => ({
  method: 'PATCH' as const,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', ...(path !== undefined && { path }), value }],
  },
});

describe('people in the SCIM API of the local W&B', () => {
  it('are listed whole, with an array of email addresses on newer servers', async () => {
    const wandb = await startWithScim({}, { now: () => 0 });
    const { status, json } = await scim(wandb, 'Users');
    expect(status).toBe(200);
    expect(userNames(json)).toEqual(['ada', 'benj', 'cy', 'dee', 'eve', 'keysmith']);
    expect(json).toMatchObject({ itemsPerPage: 9999, startIndex: 1, totalResults: 6 });
    const [ada] = json.Resources;
    expect(ada).toEqual({
      active: true,
      displayName: 'Ada Lindqvist',
      emails: [{ value: 'Ada@acme.test', display: '', type: '', primary: true }],
      id: expect.any(String),
      meta: {
        resourceType: 'User',
        created: '1970-01-01T00:00:00.000Z',
        lastModified: '1970-01-01T00:00:00.000Z',
        location: `Users/${ada.id}`,
      },
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada',
      accountType: 'USER',
      lastActiveAt: null,
      daysActive: 0,
    });
    expect(json.Resources.at(-1)).toMatchObject({ userName: 'keysmith', accountType: 'ORG_SERVICE' });
    expect(json.Resources.at(-1)).not.toHaveProperty('emails');
  });

  it('have one email object with capitals on older servers, which list no service accounts', async () => {
    const wandb = await startWithScim({ scimEmails: 'object', scimServiceAccounts: false });
    const { json } = await scim(wandb, 'Users');
    expect(userNames(json)).toEqual(['ada', 'benj', 'cy', 'dee', 'eve']);
    expect(json.Resources[0].emails).toEqual({
      Value: 'Ada@acme.test',
      Display: '',
      Type: '',
      Primary: true,
    });
    expect(json.Resources[0]).not.toHaveProperty('accountType');
  });

  it('are found by username and by email address in any letter case', async () => {
    const wandb = await startWithScim();
    const found = async (filter: string) => userNames((await scim(wandb, 'Users', { filter })).json);
    expect(await found('userName eq "benj"')).toEqual(['benj']);
    expect(await found('emails.value eq "ada@acme.test"')).toEqual(['ada']);
    expect(await found('emails.value eq "ada@acme.tes"')).toEqual([]);
    expect(await scim(wandb, 'Users', { filter: 'displayName eq "Ada"' })).toEqual({
      status: 400,
      json: scimErrorBody(400, 'unsupported filter: displayName eq "Ada"'),
    });
    expect((await scim(wandb, 'Users', { filter: 'userName sw "a"' })).status).toBe(400);
  });

  it('are read by the ID of SCIM, which isn’t the one of GraphQL', async () => {
    const wandb = await startWithScim();
    const { viewer } = await dataOf(wandb, '{ viewer { id } }', { key: wandb.keyOf('ada') });
    const id = await idOf(wandb, 'ada');
    expect((await scim(wandb, `Users/${id}`)).json).toMatchObject({ userName: 'ada', id });
    expect((await scim(wandb, `Users/${encodeURIComponent(viewer.id)}`)).status).toBe(404);
  });

  it('get roles in teams and in the organization, which GET shows only where the server does', async () => {
    const wandb = await startWithScim();
    const id = await idOf(wandb, 'dee');
    const inTeam = await scim(
      wandb,
      `Users/${id}`,
      patch('teamRoles', [{ teamName: 'research', roleName: 'admin' }]),
    );
    const teamRoles = [{ teamName: 'research', roleName: 'admin' }];
    expect(inTeam).toMatchObject({ status: 200, json: { teamRoles, organizationRole: 'member' } });
    expect(wandb.team('research').members().at(-1)).toMatchObject({ username: 'dee', role: 'admin' });
    await scim(wandb, `Users/${id}`, patch('organizationRole', 'admin'));
    expect((await scim(wandb, `Users/${id}`)).json).not.toHaveProperty('teamRoles');
    wandb.switch('scimShowsRoles', true);
    expect((await scim(wandb, `Users/${id}`)).json).toMatchObject({ teamRoles, organizationRole: 'admin' });
  });

  it('are in no team while they are only invited', async () => {
    const wandb = await startWithScim({ scimShowsRoles: true });
    wandb.team('research').addMember('dee@acme.test', { pending: true });
    const dee = async () => (await scim(wandb, `Users/${await idOf(wandb, 'dee')}`)).json.teamRoles;
    const members = async () =>
      (await scim(wandb, 'Groups', { filter: 'displayName eq "research"' })).json.Resources[0].members.map(
        ({ Display }: { Display: string }) => Display,
      );
    expect([await dee(), await members()]).toEqual([[], ['keysmith', 'eve']]);
    wandb.team('research').acceptInvite('dee@acme.test');
    expect([await dee(), await members()]).toEqual([
      [{ teamName: 'research', roleName: 'member' }],
      ['keysmith', 'eve', 'dee'],
    ]);
  });

  it.each([
    ['an unknown team', 'teamRoles', [{ teamName: 'nowhere', roleName: 'admin' }]],
    ['an unknown role', 'teamRoles', [{ teamName: 'research', roleName: 'owner' }]],
    ['an unknown attribute', 'nickName', 'x'],
  ])('can’t be changed with %s', async (_what, path, value) => {
    const wandb = await startWithScim();
    const id = await idOf(wandb, 'dee');
    expect((await scim(wandb, `Users/${id}`, patch(path, value))).status).toBe(400);
  });

  it('have no login and no roles while they are deactivated', async () => {
    const wandb = await startWithScim({ scimShowsRoles: true });
    const id = await idOf(wandb, 'ada');
    const key = wandb.keyOf('ada');
    const { json } = await scim(wandb, `Users/${id}`, patch(undefined, { active: false }));
    expect(json).toMatchObject({ active: false, teamRoles: [] });
    expect((await call(wandb, '{ viewer { id } }', { key })).status).toBe(401);
    await scim(wandb, `Users/${id}`, patch('active', true));
    expect((await scim(wandb, `Users/${id}`)).json.teamRoles).toEqual([
      { teamName: 'ml-platform', roleName: 'admin' },
    ]);
    expect((await call(wandb, '{ viewer { id } }', { key })).status).toBe(200);
  });
});

describe('teams in the SCIM API of the local W&B', () => {
  it('are listed with their members, whose keys have capitals', async () => {
    const wandb = await startWithScim();
    const { json } = await scim(wandb, 'Groups');
    const [team] = json.Resources;
    expect(json.Resources.map(({ displayName }: { displayName: string }) => displayName)).toEqual([
      'ml-platform',
      'research',
    ]);
    expect(team.members).toContainEqual({
      Value: await idOf(wandb, 'ada'),
      Display: 'ada',
      Ref: '',
      Type: '',
    });
    expect((await scim(wandb, `Groups/${team.id}`)).json).toEqual(team);
    expect((await scim(wandb, 'Groups/nothing')).status).toBe(404);
  });

  it('have no service accounts on older servers', async () => {
    const wandb = await startWithScim({ scimServiceAccounts: false });
    const { json } = await scim(wandb, 'Groups', { filter: 'displayName eq "research"' });
    expect(json.Resources[0].members).toMatchObject([{ Display: 'eve' }]);
  });

  it('are found by their exact name, with capitals, spaces, quotes and any letters', async () => {
    const name = 'Forschung & "Größe" \\ 研究';
    const organization = { name: 'acme', issuers: [], people: [], teams: [{ name, members: [] }] };
    const wandb = await startWithScim({}, { organization, caller: 'organization_admin' });
    const authorization = `Bearer ${wandb.apiKey}`;
    const found = async (wanted: string) =>
      (
        await scim(wandb, 'Groups', { filter: `displayName eq ${JSON.stringify(wanted)}`, authorization })
      ).json.Resources.map(({ displayName, members }: { displayName: string; members: unknown }) => [
        displayName,
        members,
      ]);
    expect(await found(name)).toEqual([[name, null]]);
    expect(await found(name.toLowerCase())).toEqual([]);
  });
});
