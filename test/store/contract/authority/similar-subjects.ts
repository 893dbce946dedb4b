import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  auditEvent,
  DAY_MS,
  DESIRED,
  federatedAccount,
  ISSUER,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
} from '../world.ts';

const IMMUTABLE = 'repo:acme@1234567/web@7654321:ref:refs/heads/main';
const NAMES = 'repo:acme/web:ref:refs/heads/main';

export function describeSimilarSubjects(openStore: OpenStore): void {
  describe('an account whose subject differs only in its form', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const add = async (subject: string, team = world.mlPlatform) => {
      const inserted = federatedAccount(world.organizationId, team, subject);
      expect(await world.store.insertAccount(inserted)).toEqual({ ok: true });
      return inserted.account;
    };
    const similarTo = async (subject: string, issuer = ISSUER) =>
      (await world.store.accountsWithSimilarSubject({ issuer, subject })).map(({ id }) => id);

    it('is found without GitHub’s IDs, with them, with other ones, and in another letter case', async () => {
      const { id } = await add(NAMES);
      for (const subject of [IMMUTABLE, NAMES.toUpperCase(), IMMUTABLE.replace('acme', 'Acme')]) {
        expect(await similarTo(subject), subject).toEqual([id]);
      }
      const other = await add(IMMUTABLE.replace('web', 'api'));
      for (const subject of ['repo:acme/api:x', 'repo:Acme/api:x', 'repo:acme@1/api@2:x']) {
        expect(await similarTo(subject), subject).toEqual([other.id]);
      }
    });

    it('isn’t found among those of another owner or issuer, or once it is revoked or its team archived', async () => {
      const { id } = await add(IMMUTABLE);
      for (const subject of ['repo:acm/web', 'repo:acme-evil/web', 'repo:acmea/web', 'x', 'repo:', '']) {
        expect(await similarTo(subject), subject).toEqual([]);
      }
      expect(await similarTo(NAMES, `${ISSUER}/`)).toEqual([]);
      expect(await similarTo(NAMES)).toEqual([id]);
      await world.store.revokeAccount(id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await similarTo(NAMES)).toEqual([]);
    });

    it('has its notification queued once for each admin of its team, until the sent one is deleted', async () => {
      const { id: accountId } = await add(NAMES);
      const queue = (nowMs: number, subject = IMMUTABLE) =>
        world.store.queueSubjectChange({ accountId, subject, nowMs });
      const claim = (nowMs: number) =>
        world.store.claimJobs({
          kind: 'notification',
          nowMs,
          limit: 9,
          except: [],
          longestDelayMs: undefined,
        });

      expect(await queue(NOW_MS)).toEqual(['ada@acme.test']);
      expect(await queue(NOW_MS + 1)).toEqual([]);
      const [job] = await claim(NOW_MS + 2);
      expect(job?.payload).toEqual({
        message: 'subject_changed',
        accountId,
        subject: IMMUTABLE,
        to: { email: 'ada@acme.test' },
        requestId: null,
      });
      expect(await queue(NOW_MS + 3)).toEqual([]);
      await world.store.finishJob({
        ...(job as NonNullable<typeof job>),
        outcome: 'done',
        nowMs: NOW_MS + 4,
      });
      // Whatever the subject: what a workload sends decides how it reads, not how often admins are notified.
      expect(await queue(NOW_MS + DAY_MS, `${IMMUTABLE}-2`)).toEqual([]);

      await world.store.deleteFinishedJobs(NOW_MS + 7 * DAY_MS, { limit: 9 });
      expect(await queue(NOW_MS + 8 * DAY_MS)).toEqual(['ada@acme.test']);
    });

    it('has its notification queued for organization admins if its team has no admin, and not once it is revoked', async () => {
      const { id: accountId } = await add(NAMES);
      const change = { accountId, subject: IMMUTABLE, nowMs: NOW_MS };
      const teams = DESIRED.teams.map((team) => ({
        ...team,
        members: team.members.map((member) => ({ ...member, role: 'member' as const })),
      }));
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
      expect(await world.store.queueSubjectChange(change)).toEqual(['cy@acme.test']);

      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect(await world.store.queueSubjectChange(change)).toEqual([]);
      expect(await world.store.queueSubjectChange({ ...change, accountId: 'sa_none' })).toEqual([]);
    });
  });
}
