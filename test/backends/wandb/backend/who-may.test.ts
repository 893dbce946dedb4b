import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import { answering, create, MINUTE_MS, openWandbWorld, route, TEAM, type Wire } from './wandb-world.ts';

const person = (email: string): Person => ({ slackUserId: 'U0X', email });

describe('who may', () => {
  it.each([
    { email: 'ada@acme.test', role: 'admin' },
    { email: 'ben@acme.test', role: 'member' },
    { email: 'eve@acme.test', role: undefined },
  ])(
    '$email is $role of the team, whatever the letter case of the address there',
    async ({ email, role }) => {
      const world = await openWandbWorld();
      const { backend } = await world.replica();
      expect(await backend.teamAccess(person(email), TEAM)).toMatchObject({
        role,
        isOrganizationAdmin: false,
      });
    },
  );

  it('does not count who is only invited', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    world.wandb.team(TEAM).addMember('new@acme.test', { role: 'admin', pending: true });
    expect(await backend.teamAccess(person('new@acme.test'), TEAM)).toMatchObject({ role: undefined });
    world.wandb.team(TEAM).acceptInvite('new@acme.test');
    expect(await backend.teamAccess(person('new@acme.test'), TEAM)).toMatchObject({ role: 'admin' });
  });

  it('is read afresh at the effect, while what is shown may be a minute old', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const shown = async () =>
      (await replica.backend.administeredTeams(person('ada@acme.test'), { limit: 9 })).teams.map(
        ({ name }) => name,
      );
    expect(await shown()).toEqual([TEAM]);
    world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
    expect(await shown()).toEqual([TEAM]);
    expect(await create(replica)).toMatchObject({ kind: 'refused', refusal: { reason: 'not_admin' } });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    replica.clock.nowMs += MINUTE_MS + 1;
    expect(await shown()).toEqual([]);
  });

  it('counts as it is when the account is made, not as it was when that was asked for', async () => {
    const world = await openWandbWorld();
    let reads = 0;
    // The first reading finds an admin, who is none any more when its answer is there.
    const wire: Wire = async (operation, ask) => {
      const response = await ask();
      if (operation === 'ReadTeam' && reads++ === 0) world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
      return response;
    };
    const replica = await world.replica({ wire });
    expect(await create(replica)).toMatchObject({ kind: 'refused', refusal: { reason: 'not_admin' } });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    const records = await replica.store.auditRecords();
    expect(records.at(-1)).toMatchObject({
      action: 'service_account.create_refused',
      details: { reason: 'not_admin' },
    });

    world.wandb.team(TEAM).setAdmin('ada@acme.test', true);
    replica.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(replica);
    reads = 0;
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    expect(await collectKey(replica.ports, request)).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'not_admin' },
    });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    world.wandb.team(TEAM).setAdmin('ada@acme.test', true);
    expect(await collectKey(replica.ports, request)).toMatchObject({ kind: 'collected' });
  });

  it('comes without asking for every team, where the server lets people be looked up', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    await backend.administeredTeams(person('ada@acme.test'), { limit: 9 });
    const asked = world.wandb.requests.map(
      ({ variables }) => (variables as { name?: string } | undefined)?.name,
    );
    expect(asked.filter((name) => name !== undefined)).toEqual([TEAM]);
  });

  it('is found among the key’s own teams, where the server does not', async () => {
    const world = await openWandbWorld({
      capabilities: { allowsUsersQuery: false },
      caller: { adminOf: [TEAM] },
    });
    const { backend } = await world.replica();
    const administered = await backend.administeredTeams(person('ada@acme.test'), { limit: 9 });
    expect(administered).toMatchObject({ total: 1, teams: [{ name: TEAM }] });
    expect(await backend.teamsOf(person('ben@acme.test'))).toMatchObject([
      { team: { name: TEAM }, role: 'member' },
    ]);
  });

  it.each([
    ['keeps to itself', { organization: null }],
    ['refuses', { organization: null }, [{ message: 'permission denied', path: ['entity', 'organization'] }]],
    ['leaves out', {}],
  ])('sees no team whose organization the server %s', async (_, said, errors?: object[]) => {
    const world = await openWandbWorld();
    const wire = answering('ReadTeam', ({ data }) => {
      const { organization: _organization, ...entity } = data.entity as unknown as { organization: unknown };
      return { data: { entity: { ...entity, ...said } }, ...(errors && { errors }) };
    });
    const replica = await world.replica({ wire });
    expect(await replica.backend.teamAccess(person('ada@acme.test'), TEAM)).toBeUndefined();
    expect(await create(replica)).toMatchObject({ kind: 'refused', refusal: { reason: 'team_unknown' } });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
  });

  it('sees the teams of a server that knows no organizations', async () => {
    const world = await openWandbWorld();
    const wire: Wire = async (operation, ask) => {
      const response = await ask();
      if (operation !== 'ProbeCapabilities') return response;
      const { data } = (await response.json()) as { data: object };
      return Response.json({ data: { ...data, EntityType: { fields: [{ name: 'members' }] } } });
    };
    const { backend } = await world.replica({ wire });
    expect(await backend.teamAccess(person('ada@acme.test'), TEAM)).toMatchObject({ role: 'admin' });
  });

  it('sees no team of another organization', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    expect(await backend.teamAccess(person('ada@acme.test'), 'no-such-team')).toBeUndefined();
    expect(await backend.teamAccess(person('ada@acme.test'), TEAM.toUpperCase())).toBeUndefined();
    expect(await backend.teamAccess(person('ada@acme.test'), '../graphql?x')).toBeUndefined();
  });
});
