import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { expectBothSidesAgree, settleAll, sweepFor } from './both-sides.ts';
import {
  answering,
  create,
  createFederated,
  NAME,
  openWandbWorld,
  route,
  TEAM,
  type WandbWorld,
} from './wandb-world.ts';

/** The server makes the account, and answers with this ID. */
const answeringId = (id: () => string) =>
  answering('CreateServiceAccount', () => ({ data: { createServiceAccount: { user: { id: id() } } } }));

const team = ({ wandb }: WandbWorld) => wandb.team(TEAM);
const ids = (world: WandbWorld) =>
  team(world)
    .members()
    .map(({ id }) => id);

describe('an ID that the server answers to a creation', () => {
  it.each([
    ['a person', (world: WandbWorld) => team(world).members()[0]?.id ?? ''],
    ['an account made elsewhere', (world: WandbWorld) => team(world).createServiceAccount('prod').id],
  ])('and that was there before is neither read nor removed: %s', async (_, idOf) => {
    const world = await openWandbWorld();
    const id = idOf(world);
    const before = ids(world);
    const replica = await world.replica({ wire: answeringId(() => id) });
    const link = `${world.wandb.baseUrl}/${TEAM}/service-accounts`;
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'other_answer' },
      link,
    });
    expect(world.handedOver).toEqual([]);
    await settleAll(replica);
    // What it did make is found by its name, and taken back.
    expect(ids(world)).toEqual(before);
    expect(world.offers).toHaveLength(1);
  });

  it('and that is a person who has just joined is neither read nor removed', async () => {
    const world = await openWandbWorld();
    const joining = () => team(world).addMember('zed@acme.test').id;
    const replica = await world.replica({ wire: answeringId(joining) });
    expect(await create(replica)).toMatchObject({
      kind: 'outcome_unknown',
      cause: { reason: 'account_not_shown' },
    });
    await settleAll(replica);
    expect(team(world).members()).toContainEqual(expect.objectContaining({ email: 'zed@acme.test' }));
    expect(team(world).serviceAccounts()).toEqual([]);
    expect(world.handedOver).toEqual([]);
    expectBothSidesAgree(world, replica);
  });

  it('and that is a client of another account is not taken for the new one', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    await createFederated(first, 'repo:acme/first');
    const [theirs] = team(world).serviceAccounts();
    const clientId = theirs?.OAuthClients[0]?.id ?? '';
    const replica = await world.replica({
      wire: answering('CreateClient', () => ({ data: { createClient: { success: true, clientId } } })),
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

describe('an ID that is not the one of the membership', () => {
  const unlike = answeringId(() => 'user-id-of-it');

  it('leaves no key that nobody holds: the account is found by its name, taken back, and a key offered', async () => {
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

  it('with several of the name there: none is touched, and that is told', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: unlike });
    await create(replica);
    team(world).createServiceAccount(NAME);
    await settleAll(replica);
    expect(team(world).serviceAccounts()).toHaveLength(2);
    expect(world.endings).toMatchObject([{ kind: 'several_candidates' }]);
  });

  it('with none there: a key is offered, and what comes later is told', async () => {
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

  it('whose account can not be read either is not said to be removed while it stands', async () => {
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

describe('what the server shows in an account’s place', () => {
  it('is not removed where it has another name, and the admin is told where to look', async () => {
    const world = await openWandbWorld();
    const first = await world.replica();
    const created = await create(first);
    if (created.kind !== 'created') throw new Error(created.kind);
    const { id: accountId } = created.account;
    const request = { slackUserId: 'U0ADA', accountId, requestId: 'req_2' };
    const shown = (change: Record<string, unknown>) =>
      world.replica({
        wire: answering('ReadTeam', ({ data }) => {
          const { entity } = data as unknown as { entity: { members: { accountType: string }[] } };
          const members = entity.members.map((one) =>
            one.accountType === 'SERVICE' ? { ...one, ...change } : one,
          );
          return { data: { entity: { ...entity, members } } };
        }),
      });
    for (const change of [{ name: 'prod-deploy' }, { accountType: 'USER' }]) {
      const { ports } = await shown(change);
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

describe('a name that somebody else takes while the account is made', () => {
  it('is said to be taken, and the key of theirs is not read', async () => {
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
    expect([world.handedOver, keyReads]).toEqual([[], []]);
    expect(team(world).serviceAccounts()).toHaveLength(1);
  });

  it('or a subject, is said at its field', async () => {
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
