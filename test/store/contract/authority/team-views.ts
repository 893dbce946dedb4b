import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, insertOnServer, removal } from '../server-accounts/server-account-world.ts';
import {
  ada,
  auditEvent,
  ben,
  claimDue,
  DESIRED,
  federatedAccount,
  insertCollectable,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
  withoutTeam,
} from '../world.ts';

const ADA = { email: ada.email, username: 'ada', role: 'admin' };
const BEN = { email: ben.email, username: 'benj', role: 'member' };

export function describeTeamViews(openStore: OpenStore): void {
  describe('what the authority reads about a team', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('includes for a run the listed project and the member that the run names', async () => {
      const ask = (
        teamName: string,
        projectName: string,
        named: { username?: string; email?: string } = {},
      ) => world.store.runTarget({ teamName, projectName, ...named });
      const [project] = DESIRED.teams[0]?.projects ?? [];
      expect(await ask('ml-platform', 'benchmarks')).toEqual({
        teamName: 'ml-platform',
        project,
        namedMember: undefined,
      });
      for (const other of ['Benchmarks', 'bench', 'bench%', '']) {
        expect((await ask('ml-platform', other))?.project).toBeUndefined();
      }
      // A project belongs to one team.
      expect(await ask('vision', 'benchmarks')).toMatchObject({ project: undefined });
      for (const other of ['unlisted', 'ML-Platform', '']) {
        expect(await ask(other, 'benchmarks')).toBeUndefined();
      }

      const named = async (user: { username?: string; email?: string }) =>
        (await ask('ml-platform', 'benchmarks', user))?.namedMember;
      expect(await named({ email: 'ADA@acme.TEST' })).toEqual(ADA);
      expect(await named({ username: 'benj' })).toEqual(BEN);
      expect(await named({ username: 'Benj' })).toBeUndefined();
      expect(await named({ username: ben.email })).toBeUndefined();
      expect(await named({ username: '', email: '' })).toBeUndefined();
      expect(await named({ username: 'benj', email: ada.email })).toEqual(ADA);
      expect(await named({ username: 'benj', email: 'nobody@acme.test' })).toEqual(BEN);
      expect((await ask('vision', 'x', { email: ada.email }))?.namedMember).toBeUndefined();

      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await ask('ml-platform', 'benchmarks', { email: ada.email })).toBeUndefined();
    });

    it('matches no non-ASCII letter with the ASCII letter that it resembles', async () => {
      const kim = { email: 'kim@acme.test', username: 'kim', role: 'member' as const };
      const teams = [{ name: 'vision', subjects: [], projects: [], members: [kim] }];
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
      const run = { teamName: 'vision', projectName: 'x' };
      const named = async (email: string) => (await world.store.runTarget({ ...run, email }))?.namedMember;
      expect(await named('KIM@acme.test')).toEqual(kim);
      // The Kelvin sign, whose lowercase is a k.
      expect(await named('\u212aim@acme.test')).toBeUndefined();
    });

    it('includes for a service account the team’s members and active accounts', async () => {
      const { account: sweep } = await insertSending(world, world.mlPlatform, { name: 'sweep' });
      const web = federatedAccount(world.organizationId, world.mlPlatform, 'repo:acme/web', {
        name: 'a-web',
      });
      await world.store.insertAccount(web);
      const { account: gone } = await insertSending(world, world.mlPlatform);
      await insertSending(world, world.vision);
      await begin(world);
      await world.store.revokeAccount(gone.id, NOW_MS, auditEvent('service_account.revoked'));
      const { store, mlPlatform } = world;
      expect(await store.findTeam('ml-platform')).toEqual({ id: mlPlatform.id, name: 'ml-platform' });
      expect(await store.teamPeople(mlPlatform.id, { limit: 9 })).toEqual([ADA, BEN]);
      expect(await store.teamPeople(mlPlatform.id, { limit: 1 })).toEqual([ADA]);
      expect(await store.teamPeople(mlPlatform.id, { limit: 1, after: ada.email })).toEqual([BEN]);
      expect(await store.teamPeople(mlPlatform.id, { limit: 1, after: ben.email })).toEqual([]);
      const accounts = [web.account, sweep].map(({ id, name }) => ({ id, name }));
      expect(await store.teamServiceAccounts(mlPlatform.id, { limit: 9 })).toEqual(accounts);
      expect(await store.teamServiceAccounts(mlPlatform.id, { limit: 1 })).toEqual([accounts[0]]);
      const rest = { limit: 9, after: web.account.name };
      expect(await store.teamServiceAccounts(mlPlatform.id, rest)).toEqual([accounts[1]]);
      expect(await store.findTeam('ML-Platform')).toBeUndefined();
      await store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await store.findTeam('ml-platform')).toBeUndefined();
    });
  });

  describe('the queue lengths', () => {
    it('count open deliveries, open collections and open jobs of a W&B server', async () => {
      const world = await openWorld(openStore);
      const { store } = world;
      const lengths = () => store.queueLengths();
      const none = {
        jobs: 0,
        failingJobs: 0,
        deliveries: 0,
        collections: 0,
        operations: 0,
        serverAccountsNeedingAdmin: 0,
      };
      expect(await lengths()).toEqual({ ...none, jobsByKind: [] });

      const sending = await insertSending(world, world.mlPlatform);
      await insertCollectable(world, world.mlPlatform);
      const onServer = await insertOnServer(world);
      await begin(world);
      await store.beginRemoval(removal(onServer.account.id));
      // With the end of the collection, the notifications of it and of the revocation, and the notices before two keys expire.
      const full = {
        jobs: 9,
        failingJobs: 0,
        deliveries: 2,
        collections: 1,
        operations: 2,
        serverAccountsNeedingAdmin: 0,
      };
      expect(await lengths()).toMatchObject(full);
      // A collection stays in its queue after its person was notified.
      for (const job of await claimDue(store, 'notification')) {
        await store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
      }
      expect(await lengths()).toMatchObject({ ...full, jobs: 8 });

      await store.settleDelivery(settlement(sending.key.delivery.id, 'accepted'));
      expect(await lengths()).toMatchObject({ jobs: 7, deliveries: 1, collections: 1 });
      await world.close();
    });
  });
}
