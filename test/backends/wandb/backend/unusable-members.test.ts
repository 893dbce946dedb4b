import { describe, expect, it } from 'vitest';
import type { Person } from '../../../../src/domain/organization/person.ts';
import { expectBothSidesAgree, runJobsFor, settleAll } from './both-sides.ts';
import {
  create,
  createdAccount,
  createFederated,
  messages,
  NAME,
  openWandbWorld,
  replacingResponse,
  revoke,
  TEAM,
  type Wire,
} from './wandb-world.ts';

type Member = { id: string | null; name: string; accountType: string } | null;

/** Changes the members in every response that lists a team's. */
const changingMembers =
  (change: (members: Member[]) => Member[]): Wire =>
  async (operationName, ask) => {
    const response = await ask();
    if (!['ReadTeam', 'ReadNewServiceAccountKey'].includes(operationName)) return response;
    const body = (await response.json()) as { data: { entity: { members: Member[] } | null } };
    if (body.data.entity !== null) body.data.entity.members = change(body.data.entity.members);
    return Response.json(body);
  };

const UNUSABLE = [null, { id: null, name: 'invited', accountType: 'USER' }];
const ada: Person = { slackUserId: 'U0ADA', email: 'ada@acme.test' };

describe('a team with members that have no ID', () => {
  it('is used as if those members didn’t exist', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({
      wire: changingMembers((members) => [...UNUSABLE, ...members, null]),
    });

    const { id } = createdAccount(await create(replica));
    expect(world.delivered).toHaveLength(1);
    const listed = await replica.backend.listAccounts(ada, { limit: 9 });
    expect(listed).toMatchObject({ total: 1, unmanaged: { total: 0 } });
    expect(listed.accounts[0]?.isMissing).toBeUndefined();
    expect(await revoke(replica, id)).toMatchObject({ kind: 'revoked' });
    expect(world.wandb.team(TEAM).serviceAccounts()).toEqual([]);
  });

  it('doesn’t count an account as gone while the server shows its name without an ID: an admin decides', async () => {
    const world = await openWandbWorld();
    const { id } = createdAccount(await create(await world.replica()));
    const wire = changingMembers((members) =>
      members.map((member) => (member?.name.startsWith(NAME) ? { ...member, id: null } : member)),
    );
    const replica = await world.replica({ wire });

    const listed = await replica.backend.listAccounts(ada, { limit: 9 });
    expect(listed.accounts[0]?.isMissing).toBeUndefined();
    expect(await revoke(replica, id)).toMatchObject({ kind: 'pending' });
    await runJobsFor(replica, 30);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
    expect(world.notified).toMatchObject([{ message: 'server_account_problem', problem: 'no_id' }]);
  });
});

describe('a creation whose payload is null', () => {
  it.each([
    ['an API key', 'CreateServiceAccount', { createServiceAccount: null }, create],
    ['an API key', 'CreateServiceAccount', { createServiceAccount: { user: null } }, create],
    ['an API key', 'CreateServiceAccount', { createServiceAccount: { user: { id: null } } }, create],
    ['a federated identity', 'CreateClient', { createClient: null }, createFederated],
    ['a federated identity', 'CreateClient', { createClient: { success: null } }, createFederated],
  ])('of an account with %s is looked for in the team (%s: %j)', async (_, operation, payload, make) => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: replacingResponse(operation, () => ({ data: payload })) });

    expect(await make(replica)).toMatchObject({ kind: expect.stringMatching(/^created/) });
    await settleAll(replica);
    expect(world.wandb.team(TEAM).serviceAccounts()).toHaveLength(1);
  });

  it('has an unknown outcome if the team doesn’t show the account either', async () => {
    const world = await openWandbWorld();
    const wire: Wire = async (operation, ask) =>
      operation === 'CreateServiceAccount' ? Response.json({ data: { createServiceAccount: null } }) : ask();
    const replica = await world.replica({ wire });

    expect(await create(replica)).toMatchObject({ kind: 'outcome_unknown' });
    await settleAll(replica);
    expect(world.delivered).toEqual([]);
    expect(messages(world)).toEqual(['key_collectable']);
    expectBothSidesAgree(world, replica);
  });
});

it('A team that can’t be read doesn’t hide the person’s other teams', async () => {
  const world = await openWandbWorld();
  world.wandb.team('research').addMember('ada@acme.test', { role: 'admin' });
  const wire: Wire = async (operation, ask) => {
    const response = await ask();
    if (operation !== 'ReadTeam') return response;
    const body = (await response.json()) as { data: { entity: { name: string; members: unknown } } };
    if (body.data.entity.name === 'research') body.data.entity.members = null;
    return Response.json(body);
  };
  const replica = await world.replica({ wire });

  const administered = await replica.backend.administeredTeams(ada, { limit: 9 });
  expect(administered.teams.map(({ name }) => name)).toEqual([TEAM]);
  expect(world.lines.join('')).toContain('unreadable team skipped');
});
