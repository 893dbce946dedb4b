import { describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../../../src/application/ports/backend.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import type { ConfiguredCaller } from '../../../../src/sandbox/wandb/caller.ts';
import type { Capabilities } from '../../../../src/sandbox/wandb/capabilities.ts';
import { wandbPresets } from '../../../../src/sandbox/wandb/wandb-presets.ts';
import {
  create,
  openWandbWorld,
  replacingResponse,
  TEAM,
  type WandbWorld,
  type Wire,
} from './wandb-world.ts';

const person = (email: string): Person => ({ slackUserId: 'U0X', email });
const ada = person('ada@acme.test');

const openWithScim = (
  capabilities: Partial<Capabilities> = {},
  caller: ConfiguredCaller = 'organization_service_account',
) => openWandbWorld({ caller, capabilities: { hasScim: true, scimTakesBearer: true, ...capabilities } });

function deactivate({ wandb }: WandbWorld, username: string): void {
  const user = wandb.state.person(username);
  if (user === undefined) throw new Error(`No such person: ${username}`);
  user.active = false;
}

/** Changes the members of a team in GraphQL only. */
const changingMembers = (change: (member: { username: string }) => object) =>
  replacingResponse('ReadTeam', ({ data }) => {
    const entity = data.entity as unknown as { members: { username: string }[] };
    return { data: { entity: { ...entity, members: entity.members.map(change) } } };
  });

/** Replaces SCIM's responses. */
const scimResponding =
  (status: number): Wire =>
  (operation, ask) =>
    operation === 'scim' ? Promise.resolve(Response.json({}, { status })) : ask();

describe('a person whom SCIM shows as deactivated', () => {
  it.each(['0.74', '0.80', '0.84'] as const)(
    'has no role on version %s, although GraphQL still lists them as an admin',
    async (version) => {
      const world = await openWithScim(wandbPresets[version]);
      deactivate(world, 'ada');
      expect(world.wandb.team(TEAM).members()).toContainEqual(
        expect.objectContaining({ username: 'ada', role: 'admin' }),
      );
      const replica = await world.replica();
      expect(await replica.backend.teamAccess(ada, TEAM)).toMatchObject({ role: undefined });
      expect(await replica.backend.teamsOf(ada)).toEqual([]);
      expect(await replica.backend.teamAdmins(TEAM)).toEqual([]);
      expect(await replica.backend.administeredTeams(ada, { limit: 9 })).toMatchObject({ total: 0 });
      expect(await create(replica)).toMatchObject({ kind: 'refused', refusal: { reason: 'team_unknown' } });
      expect(await replica.backend.teamAccess(person('ben@acme.test'), TEAM)).toMatchObject({
        role: 'member',
      });
    },
  );

  it('has no rights as an organization admin of the settings either', async () => {
    const world = await openWithScim();
    const replica = await world.replica({ organizationAdmins: [ada.email, 'head@acme.test'] });
    deactivate(world, 'ada');
    const { backend } = replica;
    expect(await backend.teamAccess(ada, TEAM)).toMatchObject({ isOrganizationAdmin: false });
    expect(await backend.administeredTeams(ada, { limit: 9 })).toMatchObject({ total: 0 });
    expect(await create(replica)).toMatchObject({ kind: 'refused' });
    // A person without an account in W&B isn't deactivated there.
    const head = person('head@acme.test');
    expect(await backend.teamAccess(head, TEAM)).toMatchObject({ isOrganizationAdmin: true });
  });

  it('loses the permission at once, while lists may be a minute old', async () => {
    const world = await openWithScim();
    const { backend } = await world.replica();
    const listed = async () => (await backend.administeredTeams(ada, { limit: 9 })).total;
    expect(await listed()).toBe(1);
    deactivate(world, 'ada');
    expect(await backend.teamAccess(ada, TEAM)).toMatchObject({ role: undefined });
    expect(await listed()).toBe(1);
  });

  it('is found by the server’s own spelling of the address, which a server may compare exactly', async () => {
    const world = await openWithScim();
    deactivate(world, 'ada');
    let reads = 0;
    // The first read probes SCIM, and the second one is for the address in lowercase.
    const wire: Wire = async (operation, ask) => {
      const response = await ask();
      if (operation === 'scim') reads += 1;
      return operation === 'scim' && reads === 2 ? Response.json({ totalResults: 0 }) : response;
    };
    const { backend } = await world.replica({ wire });
    expect(await backend.teamAccess(ada, TEAM)).toMatchObject({ role: undefined });
  });
});

describe('the role of a person', () => {
  it('is the one that SCIM shows', async () => {
    const world = await openWithScim({ scimShowsRoles: true });
    const wire = changingMembers((member) => ({
      ...member,
      ...(member.username === 'ada' && { admin: false, role: 'member' }),
      ...(member.username === 'benj' && { admin: true, role: 'admin' }),
    }));
    const { backend } = await world.replica({ wire });
    expect(await backend.teamAccess(ada, TEAM)).toMatchObject({ role: 'admin' });
    expect(await backend.teamAccess(person('ben@acme.test'), TEAM)).toMatchObject({ role: 'member' });
    expect(await backend.administeredTeams(person('ben@acme.test'), { limit: 9 })).toMatchObject({
      total: 0,
    });
  });

  it('is the one of GraphQL when SCIM shows none, and when GraphQL hides the address', async () => {
    const world = await openWithScim();
    const wire = changingMembers((member) => ({ ...member, email: null }));
    const { backend } = await world.replica({ wire });
    expect(await backend.teamAccess(ada, TEAM)).toMatchObject({ role: 'admin' });
    expect(await backend.teamAccess(person('ben@acme.test'), TEAM)).toMatchObject({ role: 'member' });
    expect(await backend.teamAccess(person('nobody@acme.test'), TEAM)).toMatchObject({ role: undefined });
  });

  it.each([403, 404])('is the one of GraphQL when SCIM responds with %d', async (status) => {
    const world = await openWithScim();
    let wire: Wire = (_, ask) => ask();
    const { backend } = await world.replica({ wire: (operation, ask) => wire(operation, ask) });
    await backend.teamAccess(ada, TEAM);
    deactivate(world, 'ada');
    wire = scimResponding(status);
    expect(await backend.teamAccess(ada, TEAM)).toMatchObject({ role: 'admin' });
  });

  it.each([500, 502, 503, 429])('isn’t known while SCIM responds with %d', async (status) => {
    const world = await openWithScim();
    const replica = await world.replica({ wire: scimResponding(status) });
    await expect(replica.backend.teamAccess(ada, TEAM)).rejects.toThrow(BackendUnavailableError);
    await expect(replica.backend.administeredTeams(ada, { limit: 9 })).rejects.toThrow(
      BackendUnavailableError,
    );
    await expect(create(replica)).rejects.toThrow(BackendUnavailableError);
    expect(world.wandb.state.keys.map(({ user }) => user.name)).not.toContain('nightly-eval');
  });
});

describe('the teams of the organization', () => {
  const admin = person('head@acme.test');
  const names = (teams: { name: string }[]) => teams.map(({ name }) => name);

  it('are all listed for an organization admin where the server has SCIM', async () => {
    // This key's owner is in no team.
    const world = await openWithScim({}, 'organization_admin');
    const { backend } = await world.replica({ organizationAdmins: [admin.email] });
    const all = await backend.administeredTeams(admin, { limit: 99 });
    expect(names(all.teams).toSorted()).toEqual(names(world.wandb.state.teams).toSorted());
    expect(all).toMatchObject({ total: all.teams.length, hasUnlisted: false });
    expect(await backend.administeredTeams(admin, { limit: 1 })).toMatchObject({
      teams: [all.teams[0]],
      total: all.total,
    });
    expect(await backend.administeredTeams(admin, { query: TEAM, limit: 9 })).toMatchObject({ total: 1 });
  });

  it.each([
    ['without SCIM', { hasScim: false }, undefined],
    ['that lists only some of them', {}, 10_000],
  ])('may be unlisted on a server %s', async (_, capabilities, totalResults) => {
    const world = await openWithScim(capabilities);
    const wire: Wire = async (operation, ask) => {
      const response = await ask();
      if (operation !== 'scim' || totalResults === undefined) return response;
      return Response.json({ ...((await response.json()) as object), totalResults });
    };
    const { backend } = await world.replica({ wire, organizationAdmins: [admin.email] });
    expect(await backend.administeredTeams(admin, { limit: 99 })).toMatchObject({ hasUnlisted: true });
  });

  it('are found for a person whom GraphQL doesn’t let Keysmith look up', async () => {
    const world = await openWithScim({ allowsUsersQuery: false });
    const { backend } = await world.replica();
    await backend.administeredTeams(ada, { limit: 9 });
    const read = world.wandb.requests.map(
      ({ variables }) => (variables as { name?: string } | undefined)?.name,
    );
    expect(read.filter((name) => name !== undefined)).toEqual([TEAM]);
  });
});

it('The service account whose key Keysmith uses isn’t listed as an account that others created', async () => {
  const world = await openWithScim();
  world.wandb.team(TEAM).createServiceAccount('by-an-admin');
  const { backend } = await world.replica();
  expect(
    world.wandb
      .team(TEAM)
      .serviceAccounts()
      .map(({ username }) => username),
  ).toContain('keysmith');
  const { unmanaged } = await backend.listAccounts(ada, { limit: 9 });
  expect(unmanaged.accounts.map(({ name }) => name)).toEqual(['by-an-admin']);
});
