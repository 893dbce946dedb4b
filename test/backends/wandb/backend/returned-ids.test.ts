import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { expectBothSidesAgree, settleAll, sweepFor } from './both-sides.ts';
import {
  create,
  createFederated,
  NAME,
  openWandbWorld,
  replacingResponse,
  route,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

/** The server creates the account but returns this ID. */
const returningId = (id: () => string) =>
  replacingResponse('CreateServiceAccount', () => ({
    data: { createServiceAccount: { user: { id: id() } } },
  }));

const team = ({ wandb }: WandbWorld) => wandb.team(TEAM);
const ids = (world: WandbWorld) =>
  team(world)
    .members()
    .map(({ id }) => id);

describe('an ID that the server returns for a new account', () => {
  it.each([
    ['a person in the team', (world: WandbWorld) => team(world).members()[0]?.id ?? ''],
    ['an account created elsewhere', (world: WandbWorld) => team(world).createServiceAccount('prod').id],
  ])('leaves %s alone when the ID existed before the creation', async (_, idOf) => {
    const world = await openWandbWorld();
    const id = idOf(world);
    const before = ids(world);
    const replica = await world.replica({ wire: returningId(() => id) });
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'other_answer' },
      link,
    });
    expect(world.delivered).toEqual([]);
    await settleAll(replica);
    // The created account is found by its name and removed.
    expect(ids(world)).toEqual(before);
    expect(world.offers).toHaveLength(1);
  });

  it('leaves a person alone who joined during the creation', async () => {
    const world = await openWandbWorld();
    const joining = () => team(world).addMember('zed@acme.test').id;
    const replica = await world.replica({ wire: returningId(joining) });
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'account_not_shown' },
    });
    await settleAll(replica);
    expect(team(world).members()).toContainEqual(expect.objectContaining({ email: 'zed@acme.test' }));
    expect(team(world).serviceAccounts()).toEqual([]);
    expect(world.delivered).toEqual([]);
    expectBothSidesAgree(world, replica);
  });

  it('is not accepted when it is the OAuth client of another account', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    await createFederated(first, 'repo:acme/first');
    const [theirs] = team(world).serviceAccounts();
    const clientId = theirs?.OAuthClients[0]?.id ?? '';
    const replica = await world.replica({
      wire: replacingResponse('CreateClient', () => ({
        data: { createClient: { success: true, clientId } },
      })),
    });
    expect(await createFederated(replica, 'repo:acme/web', 'weekly-eval')).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'other_answer' },
    });
    await settleAll(replica);
    expect(world.endings).toMatchObject([{ kind: 'created_late', account: { name: 'weekly-eval' } }]);
    expectBothSidesAgree(world, replica);
    expect(team(world).serviceAccounts()).toContainEqual(theirs);
  });
});

describe('an account whose membership has another ID than the server returned', () => {
  const unlike = returningId(() => 'user-id-of-it');

  it('is found by its name and removed, and the person can collect a key', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: unlike });
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'account_not_shown' },
    });
    await settleAll(replica);
    expect(team(world).serviceAccounts()).toEqual([]);
    expect(world.offers).toHaveLength(1);
    expectBothSidesAgree(world, replica);
    const collectionId = world.offers[0]?.collection.id ?? '';
    const request = { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' };
    const usual = await world.replica({ laterMs: 20 * 60_000 });
    expect(await collectKey(usual.ports, request)).toMatchObject({ kind: 'collected' });
  });

  it('is left alone when several accounts have its name, and the person is notified', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: unlike });
    await create(replica);
    team(world).createServiceAccount(NAME);
    await settleAll(replica);
    expect(team(world).serviceAccounts()).toHaveLength(2);
    expect(world.endings).toMatchObject([{ kind: 'several_candidates' }]);
  });

  it('leads to a collectable key when no account has its name, and to a notification when one appears later', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: unlike });
    await create(replica);
    team(world).removeMember(team(world).serviceAccounts()[0]?.id ?? '');
    await settleAll(replica);
    expect(world.offers).toHaveLength(1);
    team(world).createServiceAccount(NAME);
    await sweepFor(replica, 30);
    expect(world.endings).toMatchObject([{ kind: 'appeared_late' }]);
    expect(team(world).serviceAccounts()).toHaveLength(1);
  });

  it('is reported as removed only once it is removed, when its key could not be read either', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({
      wire: async (operation, ask) => {
        if (operation === 'ReadNewServiceAccountKey') return new Response('{}', { status: 500 });
        return unlike(operation, ask);
      },
    });
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'server_error' },
    });
    await settleAll(replica);
    expect(team(world).serviceAccounts()).toEqual([]);
    expect(world.endings).toMatchObject([{ kind: 'removed_again' }]);
    expectBothSidesAgree(world, replica);
  });
});

describe('a member that the server shows under the ID of an account', () => {
  it('is not removed when it has another name or is a person, and the admin gets a link to the team', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    const created = await create(first);
    if (created.kind !== 'created') throw new Error(created.kind);
    const { id: accountId } = created.account;
    const request = { slackUserId: 'U0ADA', accountId, requestId: 'req_2' };
    const replicaShowing = (change: Record<string, unknown>) =>
      world.replica({
        wire: replacingResponse('ReadTeam', ({ data }) => {
          const { entity } = data as unknown as { entity: { members: { accountType: string }[] } };
          const members = entity.members.map((one) =>
            one.accountType === 'SERVICE' ? { ...one, ...change } : one,
          );
          return { data: { entity: { ...entity, members } } };
        }),
      });
    for (const change of [{ name: 'prod-deploy' }, { accountType: 'USER' }]) {
      const { ports } = await replicaShowing(change);
      expect(await revokeServiceAccount(ports, request)).toMatchObject({
        kind: 'not_revoked',
        failure: { reason: 'another_account' },
        link: `${world.wandb.baseUrl}/${TEAM}/service-accounts`,
      });
    }
    expect(team(world).serviceAccounts()).toHaveLength(1);
    expect(await revokeServiceAccount(first.ports, request)).toMatchObject({ kind: 'revoked' });
  });
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
