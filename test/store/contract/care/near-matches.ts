import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  claimDue,
  DAY_MS,
  DESIRED,
  dueSubjects,
  federatedAccount,
  ISSUER,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
  withoutTeam,
} from '../world.ts';

const IMMUTABLE = 'repo:acme@1234567/web@7654321:ref:refs/heads/main';
const NAMES = 'repo:acme/web:ref:refs/heads/main';

export function describeNearMatches(openStore: OpenStore): void {
  describe('an account whose subject resembles another one', () => {
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

    it('is found in another form, letter case, branch and repository of the same owner, with its team’s patterns', async () => {
      const { id } = await add(NAMES);
      for (const subject of [
        IMMUTABLE,
        NAMES.toUpperCase(),
        IMMUTABLE.replace('acme', 'Acme'),
        NAMES.replace('main', 'next'),
        NAMES.replace('web', 'site'),
      ]) {
        expect(await similarTo(subject), subject).toEqual([id]);
      }
      expect(await world.store.accountsWithSimilarSubject({ issuer: ISSUER, subject: IMMUTABLE })).toEqual([
        { id, subject: NAMES, teamName: 'ml-platform', teamSubjects: ['repo:acme/*'] },
      ]);
      const other = await add('spiffe://acme/eval');
      expect(await similarTo('SPIFFE://acme/Eval')).toEqual([other.id]);
    });

    it('isn’t found among those of another owner or issuer, or once it is revoked or its team archived', async () => {
      const { id } = await add(IMMUTABLE);
      for (const subject of ['repo:acm/web', 'repo:acme-evil/web', 'repo:acmea/web', 'x', 'repo:', '']) {
        expect(await similarTo(subject), subject).toEqual([]);
      }
      expect(await similarTo(NAMES, `${ISSUER}/`)).toEqual([]);
      expect(await similarTo(NAMES)).toEqual([id]);
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await similarTo(NAMES)).toEqual([]);
      await world.store.applyOrganization(DESIRED, NOW_MS);
      await world.store.revokeAccount(id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await similarTo(NAMES)).toEqual([]);
    });

    const open = (accountId: string, subject: string, nowMs = NOW_MS) =>
      world.store.openNearMatch({ accountId, subject, nowMs });
    const openId = async (accountId: string, subject = IMMUTABLE) => {
      expect(await open(accountId, subject)).toBe(true);
      const [job] = await claimDue(world.store, 'near_match');
      return job?.payload.nearMatchId ?? '';
    };
    const decision = (
      id: string,
      action: 'service_account.subject_changed' | 'service_account.subject_ignored',
    ) => ({
      id,
      by: ada.slackUserId,
      nowMs: NOW_MS + 1,
      auditEvent: auditEvent(action),
    });

    it('gets at most one near match a day and five open ones, and none twice', async () => {
      const { id } = await add(NAMES);
      const at = (day: number) => NOW_MS + day * DAY_MS;
      expect(await open(id, 'repo:acme/web:a')).toBe(true);
      expect(await open(id, 'repo:acme/web:b', at(0.9))).toBe(false);
      const opened: boolean[] = [];
      for (const day of [1, 2, 3, 4, 5, 6]) opened.push(await open(id, `repo:acme/web:${day}`, at(day)));
      expect(opened).toEqual([true, true, true, true, false, false]);
      expect(await open(id, 'repo:acme/web:a', at(30))).toBe(false);
      expect(await dueSubjects(world.store, 'near_match', at(30))).toHaveLength(5);
    });

    it('is opened once by two processes at the same time', async () => {
      const { id } = await add(NAMES);
      const other = await world.another();
      const opened = await Promise.all([
        open(id, IMMUTABLE),
        other.openNearMatch({ accountId: id, subject: IMMUTABLE, nowMs: NOW_MS }),
      ]);
      expect(opened.sort()).toEqual([false, true]);
    });

    it('gets the new subject once, with an audit event, and the old one no longer finds it', async () => {
      const account = await add(NAMES);
      const id = await openId(account.id);
      const use = decision(id, 'service_account.subject_changed');
      expect(await world.store.acceptNearMatch(use)).toBe('used');
      expect(await world.store.acceptNearMatch(use)).toBe('already_decided');
      expect(await world.store.ignoreNearMatch(use)).toBe(false);
      expect(await world.store.accountByIdentity({ issuer: ISSUER, subject: NAMES })).toBeUndefined();
      expect(await world.store.accountByIdentity({ issuer: ISSUER, subject: IMMUTABLE })).toMatchObject({
        account: { id: account.id },
      });
      expect(await world.store.nearMatch(id)).toMatchObject({
        state: 'used',
        decidedBySlackUserId: ada.slackUserId,
      });
      const actions = (await world.store.auditRecords()).map(({ action }) => action);
      expect(actions.filter((action) => action === 'service_account.subject_changed')).toHaveLength(1);
    });

    it('doesn’t get a subject that another account has, or while its issuer is removed', async () => {
      const account = await add(NAMES);
      const id = await openId(account.id);
      const use = decision(id, 'service_account.subject_changed');
      await world.store.applyOrganization({ ...DESIRED, issuers: [] }, NOW_MS);
      expect(await world.store.acceptNearMatch(use)).toBe('issuer_removed');
      await world.store.applyOrganization(DESIRED, NOW_MS);
      await add(IMMUTABLE, world.vision);
      expect(await world.store.acceptNearMatch(use)).toBe('subject_taken');
      expect(await world.store.nearMatch(id)).toMatchObject({ state: 'open' });
    });

    it('can be ignored once, and ends with its account', async () => {
      const account = await add(NAMES);
      const id = await openId(account.id);
      await world.store.showNearMatch(id, [{ email: ada.email }], NOW_MS);
      const ignore = decision(id, 'service_account.subject_ignored');
      expect(await world.store.ignoreNearMatch(ignore)).toBe(true);
      expect(await world.store.ignoreNearMatch(ignore)).toBe(false);
      expect(await dueSubjects(world.store, 'card', NOW_MS + 1)).toEqual([`near_match:${id}:${ada.email}`]);
      const other = await add('repo:acme/api:x');
      const otherId = await openId(other.id, 'repo:acme/api:y');
      await world.store.revokeAccount(other.id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await world.store.nearMatch(otherId)).toMatchObject({ state: 'ended' });
    });

    it('isn’t visible to another organization, which can’t decide about it', async () => {
      const account = await add(NAMES);
      const id = await openId(account.id);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.accountsWithSimilarSubject({ issuer: ISSUER, subject: IMMUTABLE })).toEqual([]);
      expect(await globex.nearMatch(id)).toBeUndefined();
      const use = decision(id, 'service_account.subject_changed');
      expect(await globex.acceptNearMatch(use)).toBe('already_decided');
      expect(await globex.ignoreNearMatch(use)).toBe(false);
      expect(await world.store.nearMatch(id)).toMatchObject({ state: 'open' });
    });
  });
}
