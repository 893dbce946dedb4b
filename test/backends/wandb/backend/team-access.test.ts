import { describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../../../src/application/ports/backend.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import {
  collect,
  create,
  MINUTE_MS,
  openWandbWorld,
  replacingResponse,
  TEAM,
  type Wire,
} from './wandb-world.ts';

const person = (email: string): Person => ({ slackUserId: 'U0X', email });

describe('access to a team of the W&B server', () => {
  it.each([
    { email: 'ada@acme.test', role: 'admin' },
    { email: 'ben@acme.test', role: 'member' },
    { email: 'eve@acme.test', role: undefined },
  ])(
    'gives $email the role $role, ignoring the case of the address on the server',
    async ({ email, role }) => {
      const world = await openWandbWorld();
      const { backend } = await world.replica();
      expect(await backend.teamAccess(person(email), TEAM)).toMatchObject({
        role,
        isOrganizationAdmin: false,
      });
    },
  );

  it('ignores people who are invited but have not joined', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    world.wandb.team(TEAM).addMember('new@acme.test', { role: 'admin', pending: true });
    expect(await backend.teamAccess(person('new@acme.test'), TEAM)).toMatchObject({ role: undefined });
    world.wandb.team(TEAM).acceptInvite('new@acme.test');
    expect(await backend.teamAccess(person('new@acme.test'), TEAM)).toMatchObject({ role: 'admin' });
  });

  it('is read again for an effect, while lists may be a minute old', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica();
    const listed = async () =>
      (await replica.backend.administeredTeams(person('ada@acme.test'), { limit: 9 })).teams.map(
        ({ name }) => name,
      );
    expect(await listed()).toEqual([TEAM]);
    world.wandb.team(TEAM).setAdmin('ada@acme.test', false);
    expect(await listed()).toEqual([TEAM]);
    expect(await create(replica)).toMatchObject({ kind: 'refused', refusal: { reason: 'not_admin' } });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    replica.clock.nowMs += MINUTE_MS + 1;
    expect(await listed()).toEqual([]);
  });

  it('is checked when the account is created, not only when the form is submitted', async () => {
    const world = await openWandbWorld();
    let reads = 0;
    // The first read still finds an admin; the role is removed before its response arrives.
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
    await replica.runJobs();
    reads = 0;
    expect(await collect(world, replica)).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'not_admin' },
    });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    world.wandb.team(TEAM).setAdmin('ada@acme.test', true);
    expect(await collect(world, replica)).toMatchObject({ kind: 'collected' });
  });

  it('is found without reading every team when the server lets the key look people up', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    await backend.administeredTeams(person('ada@acme.test'), { limit: 9 });
    const readNames = world.wandb.requests.map(
      ({ variables }) => (variables as { name?: string } | undefined)?.name,
    );
    expect(readNames.filter((name) => name !== undefined)).toEqual([TEAM]);
  });

  it('is found among the teams of the key when the server does not let it look people up', async () => {
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
    ['returns as null', { organization: null }],
    ['refuses', { organization: null }, [{ message: 'permission denied', path: ['entity', 'organization'] }]],
    ['omits', {}],
  ])(
    'does not exist for a team whose organization the server %s',
    async (_, organization, errors?: object[]) => {
      const world = await openWandbWorld();
      const wire = replacingResponse('ReadTeam', ({ data }) => {
        const { organization: _organization, ...entity } = data.entity as unknown as {
          organization: unknown;
        };
        return { data: { entity: { ...entity, ...organization } }, ...(errors && { errors }) };
      });
      const replica = await world.replica({ wire });
      expect(await replica.backend.teamAccess(person('ada@acme.test'), TEAM)).toBeUndefined();
      expect(await create(replica)).toMatchObject({ kind: 'refused', refusal: { reason: 'team_unknown' } });
      expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
    },
  );

  it('exists for the teams of a server that says it has no organizations', async () => {
    const world = await openWandbWorld();
    const message = 'Cannot query field "organization" on type "Entity".';
    let isAsked = true;
    const wire: Wire = async (operation, ask) => {
      if (operation !== 'ReadTeam' || !isAsked) return ask();
      isAsked = false;
      return Response.json({ errors: [{ message }] }, { status: 400 });
    };
    const { backend } = await world.replica({ wire });
    expect(await backend.teamAccess(person('ada@acme.test'), TEAM)).toMatchObject({ role: 'admin' });
  });

  it.each([
    { message: 'Cannot query field "organization" on type "Team".' },
    { message: 'Cannot query field "organization" on type "Entity".', path: ['entity'] },
    { message: 'Unknown type "Organization".' },
  ])('can’t be read from a server that refuses the query for another reason: %j', async (error) => {
    const world = await openWandbWorld();
    const wire: Wire = async (operation, ask) =>
      operation === 'ReadTeam' ? Response.json({ errors: [error] }, { status: 400 }) : ask();
    const { backend } = await world.replica({ wire });
    await expect(backend.teamAccess(person('ada@acme.test'), TEAM)).rejects.toThrow();
  });

  it('does not become wider because a server with organizations says once that it has none', async () => {
    const world = await openWandbWorld();
    const unknown = 'Cannot query field "organization" on type "Entity".';
    let answer: Wire = (_, ask) => ask();
    const { backend } = await world.replica({ wire: (operation, ask) => answer(operation, ask) });
    expect(await backend.teamAccess(person('ada@acme.test'), TEAM)).toMatchObject({ role: 'admin' });
    answer = (operation, ask) =>
      operation === 'ReadTeam'
        ? Promise.resolve(Response.json({ errors: [{ message: unknown }] }, { status: 400 }))
        : ask();
    await expect(backend.teamAccess(person('ada@acme.test'), TEAM)).rejects.toThrow(BackendUnavailableError);
    answer = replacingResponse('ReadTeam', ({ data }) => {
      const { organization: _, ...entity } = data.entity as unknown as { organization?: object };
      return { data: { entity } };
    });
    expect(await backend.teamAccess(person('ada@acme.test'), TEAM)).toBeUndefined();
  });

  it('does not exist for a team with an unknown, differently cased or malformed name', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    expect(await backend.teamAccess(person('ada@acme.test'), 'no-such-team')).toBeUndefined();
    expect(await backend.teamAccess(person('ada@acme.test'), TEAM.toUpperCase())).toBeUndefined();
    expect(await backend.teamAccess(person('ada@acme.test'), '../graphql?x')).toBeUndefined();
  });
});
