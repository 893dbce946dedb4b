import { describe, expect, it } from 'vitest';
import { expectBothSidesAgree, runJobsFor, settleAll } from './both-sides.ts';
import {
  collect,
  create,
  createdAccount,
  createFederated,
  messages,
  NAME,
  openWandbWorld,
  replacingResponse,
  revoke,
  TEAM,
  type WandbWorld,
  type Wire,
} from './wandb-world.ts';

/** The server creates the account but returns this ID. */
const returningId = (id: () => string) =>
  replacingResponse('CreateServiceAccount', () => ({
    data: { createServiceAccount: { user: { id: id() } } },
  }));

type Member = { accountType: string };

/** Changes the service accounts in every response that lists a team's members, while `isOn`. */
function changingServiceAccounts(change: (accounts: Member[]) => Member[], operations: string[]) {
  const state = { isOn: true };
  const wire: Wire = async (operation, ask) => {
    const response = await ask();
    if (!state.isOn || !operations.includes(operation)) return response;
    const body = (await response.json()) as { data: { entity: { members: Member[] } } };
    const { entity } = body.data;
    const isService = ({ accountType }: Member) => accountType === 'SERVICE';
    const people = entity.members.filter((one) => !isService(one));
    entity.members = [...people, ...change(entity.members.filter(isService))];
    return Response.json(body);
  };
  return { state, wire };
}

const team = ({ wandb }: WandbWorld) => wandb.team(TEAM);
const ids = (world: WandbWorld) =>
  team(world)
    .members()
    .map(({ id }) => id);

describe('an ID that the server returns for a new account', () => {
  it.each([
    ['a person in the team', (world: WandbWorld) => team(world).members()[0]?.id ?? ''],
    ['an account created elsewhere', (world: WandbWorld) => team(world).createServiceAccount('prod').id],
    ['a person who joins meanwhile', (world: WandbWorld) => team(world).addMember('zed@acme.test').id],
  ])('never leads to the deletion of %s: an admin decides', async (_, idOf) => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: returningId(() => idOf(world)) });
    // The key is read by the tagged name, so it is the new account's.
    const account = createdAccount(await create(replica));
    const [key] = team(world)
      .serviceAccounts()
      .filter(({ name }) => name.startsWith(NAME))
      .flatMap(({ keys }) => keys);
    expect(world.delivered).toEqual([key?.secret]);
    const before = ids(world);
    expect(await revoke(replica, account.id)).toMatchObject({
      kind: 'pending',
      cause: { reason: 'another_account' },
    });
    await runJobsFor(replica, 120);
    expect(ids(world)).toEqual(before);
    expect(messages(world)).toEqual(['server_account_problem']);
  });

  it('is kept if no member has it: the account is known by its tag', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: returningId(() => 'user-id-of-it') });
    expect(await create(replica)).toMatchObject({ kind: 'created', key: { kind: 'delivered' } });
    expect(team(world).serviceAccounts()).toHaveLength(1);
  });

  it('is not accepted when it is the OAuth client of another account', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    await createFederated(first, 'repo:acme/first');
    const [theirs] = team(world).serviceAccounts();
    const clientId = theirs?.OAuthClients[0]?.id ?? '';
    const replica = await world.replica({
      wire: async (operation, ask) =>
        operation === 'CreateClient'
          ? Response.json({ data: { createClient: { success: true, clientId } } })
          : ask(),
    });
    expect(await createFederated(replica, 'repo:acme/web', 'weekly-eval')).toMatchObject({
      problems: [{ field: 'subject', reason: 'subject_taken' }],
    });
    await settleAll(replica);
    expect(team(world).serviceAccounts()).toEqual([theirs]);
    expectBothSidesAgree(world, replica);
  });
});

describe('a new account that the team doesn’t show', () => {
  it('is abandoned, deleted once it appears, and its key can be collected', async () => {
    const world = await openWandbWorld();
    const { state: hiding, wire } = changingServiceAccounts(
      () => [],
      ['ReadTeam', 'ReadNewServiceAccountKey'],
    );
    const replica = await world.replica({ wire });
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'account_not_shown' },
    });
    await settleAll(replica);
    hiding.isOn = false;
    await runJobsFor(replica, 60);
    expect(team(world).serviceAccounts()).toEqual([]);
    expect(messages(world)).toEqual(['key_collectable']);
    expect(await collect(world, replica)).toMatchObject({ kind: 'collected', key: { kind: 'delivered' } });
    expectBothSidesAgree(world, replica);
  });

  it('is deleted once it appears when it has an external identity and was revoked meanwhile', async () => {
    const world = await openWandbWorld();
    const { state: hiding, wire } = changingServiceAccounts(() => [], ['ReadTeam']);
    const replica = await world.replica({ wire });
    const { id } = createdAccount(await createFederated(replica));
    world.wandb.failures.set('revokeClient', { kind: 'status', status: 404 });
    await revoke(replica, id);
    expect(team(world).serviceAccounts()).toHaveLength(1);
    world.wandb.failures.clear();
    hiding.isOn = false;
    await runJobsFor(replica, 60);
    expect(team(world).serviceAccounts()).toEqual([]);
    expectBothSidesAgree(world, replica);
  });

  it('is deleted once it appears when its key was not delivered', async () => {
    const world = await openWandbWorld();
    const { state: hiding, wire } = changingServiceAccounts(() => [], ['ReadTeam']);
    const replica = await world.replica({ wire });
    replica.attempts.push({ outcome: 'rejected', cause: 'test' });
    await create(replica);
    await replica.runJobs();
    expect(team(world).serviceAccounts()).toHaveLength(1);
    hiding.isOn = false;
    await runJobsFor(replica, 60);
    expect(team(world).serviceAccounts()).toEqual([]);
    expectBothSidesAgree(world, replica);
  });
});

describe('a member that the server shows under the ID of an account', () => {
  it.each([
    ['has another name', { name: 'prod-deploy' }],
    ['is a person', { accountType: 'USER' }],
  ])('is not deleted when it %s, and the admin gets a link to the team', async (_, change) => {
    const world = await openWandbWorld();
    const account = createdAccount(await create(await world.replica()));
    const { state: changing, wire } = changingServiceAccounts(
      (accounts) => accounts.map((one) => ({ ...one, ...change })),
      ['ReadTeam'],
    );
    const replica = await world.replica({ wire });
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    const cause = { reason: 'another_account' };
    expect(await revoke(replica, account.id)).toMatchObject({ kind: 'pending', cause, link });
    await runJobsFor(replica, 120);
    expect(team(world).serviceAccounts()).toHaveLength(1);
    expect(world.notified).toMatchObject([
      { message: 'server_account_problem', problem: 'another_account', link },
    ]);
    expect(world.lines.filter((line) => line.includes('account needs an admin in W&B'))).toHaveLength(1);
    changing.isOn = false;
    await runJobsFor(replica, 65);
    expect(messages(world)).toEqual(['server_account_problem', 'account_revoked']);
    expectBothSidesAgree(world, replica);
  });
});

it('An account that the server lists twice with one ID is still one account, and is deleted', async () => {
  const world = await openWandbWorld();
  const account = createdAccount(await create(await world.replica()));
  const { wire } = changingServiceAccounts((accounts) => [...accounts, ...accounts], ['ReadTeam']);
  const replica = await world.replica({ wire });
  expect(await revoke(replica, account.id)).toMatchObject({ kind: 'revoked' });
  expectBothSidesAgree(world, replica);
});

describe('a conflict that arises while an account is being created', () => {
  it('is reported for a name, and the key of the other account is not read', async () => {
    const world = await openWandbWorld();
    const keyReads: string[] = [];
    const replica = await world.replica({
      wire: async (operation, ask) => {
        if (operation === 'ReadNewServiceAccountKey') keyReads.push(operation);
        if (operation !== 'CreateServiceAccount') return ask();
        team(world).createServiceAccount(NAME);
        const errors = [{ message: 'a service account of this name already exists' }];
        return Response.json({ errors, data: { createServiceAccount: null } });
      },
    });
    expect(await create(replica)).toMatchObject({ kind: 'not_created', failure: { reason: 'conflict' } });
    await settleAll(replica);
    expect([world.delivered, keyReads]).toEqual([[], []]);
    expect(team(world).serviceAccounts()).toHaveLength(1);
  });

  it('is reported at the form field for a subject', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({
      wire: async (operation, ask) => {
        if (operation !== 'CreateClient') return ask();
        team(world).createServiceAccount(NAME);
        return Response.json({ errors: [{ message: 'Client already exists' }], data: null });
      },
    });
    expect(await createFederated(replica)).toMatchObject({
      problems: [{ field: 'subject', reason: 'subject_taken' }],
    });
    expect(team(world).serviceAccounts()).toHaveLength(1);
  });
});
