import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewTeamKey } from '../../../../src/application/ports/upstream-store.ts';
import { claimOf } from '../jobs.ts';
import {
  auditEvent,
  cy,
  DESIRED,
  draw,
  impossibleEvent,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
  withoutTeam,
} from '../world.ts';

const TEAM = 'ml-platform';
const KEY = { teamName: TEAM, kind: 'team_key' } as const;

function teamKey(changes: Partial<NewTeamKey> = {}): NewTeamKey {
  return {
    id: draw('upc'),
    teamName: TEAM,
    sealed: 'sealed-key',
    owner: 'svc-upstream',
    isWider: false,
    storedAtMs: NOW_MS,
    ...changes,
  };
}

const saved = (action: 'added' | 'replaced') => auditEvent(`upstream_credential.${action}`);
const REMOVED = auditEvent('upstream_credential.removed');
const REJECTED = auditEvent('upstream_credential.rejected');
const RECOVERED = auditEvent('upstream_credential.recovered');

export function describeUpstreamCredentials(openStore: OpenStore): void {
  describe('the upstream credential of a team', () => {
    let world: World;
    let store: World['store'];
    beforeEach(async () => {
      world = await openWorld(openStore);
      store = world.store;
    });
    afterEach(() => world.close());

    const actions = async () =>
      (await store.auditRecords())
        .map(({ action }) => action)
        .filter((action) => action.startsWith('upstream_credential.'));
    const reject = (teamKeyId: string | undefined, kind: 'team_key' | 'access_token' = 'team_key') =>
      store.recordUpstreamRejection({ teamName: TEAM, kind, sinceMs: NOW_MS, teamKeyId }, REJECTED);
    const queued = () => store.claimJobs(claimOf());

    it('is one key, which another one replaces, and which is removed once', async () => {
      const [first, second] = [teamKey(), teamKey({ sealed: 'sealed-2', owner: 'admin', isWider: true })];
      const version = await store.upstreamVersion();
      expect(await store.saveTeamKey(first, saved)).toBe('added');
      expect(await (await world.another()).upstreamVersion()).not.toBe(version);
      expect(await store.sealedTeamKey(first.id)).toBe('sealed-key');
      expect(await store.saveTeamKey(second, saved)).toBe('replaced');
      expect(await store.sealedTeamKey(first.id)).toBeUndefined();
      const { sealed: _, ...shown } = second;
      expect(await (await world.another()).upstreamState()).toEqual({
        teamKeys: [{ ...shown, isTeamArchived: false }],
        rejections: [],
      });
      expect(await store.removeTeamKey(TEAM, REMOVED)).toBe('removed');
      expect(await store.removeTeamKey(TEAM, REMOVED)).toBe('not_found');
      expect(await store.upstreamState()).toEqual({ teamKeys: [], rejections: [] });
      expect(await actions()).toEqual([
        'upstream_credential.added',
        'upstream_credential.replaced',
        'upstream_credential.removed',
      ]);
    });

    it('can’t be stored for a team that doesn’t exist or is archived', async () => {
      await store.applyOrganization(withoutTeam('vision'), NOW_MS);
      for (const teamName of ['vision', 'ML-Platform', 'nobody']) {
        expect(await store.saveTeamKey(teamKey({ teamName }), saved)).toBe('no_team');
        expect(await store.removeTeamKey(teamName, REMOVED)).toBe('not_found');
      }
      expect(await actions()).toEqual([]);
    });

    it('is kept while its team is archived, and can be removed then', async () => {
      await store.saveTeamKey(teamKey(), saved);
      await store.applyOrganization(withoutTeam(TEAM), NOW_MS);
      expect((await store.upstreamState()).teamKeys).toMatchObject([{ isTeamArchived: true }]);
      await store.applyOrganization(DESIRED, NOW_MS);
      expect((await store.upstreamState()).teamKeys).toMatchObject([{ isTeamArchived: false }]);
      await store.applyOrganization(withoutTeam(TEAM), NOW_MS);
      expect(await store.removeTeamKey(TEAM, REMOVED)).toBe('removed');
    });

    it('is neither stored, removed nor rejected without its audit event', async () => {
      const key = teamKey();
      const broken = impossibleEvent('upstream_credential.added');
      await expect(store.saveTeamKey(key, () => broken)).rejects.toThrow();
      expect((await store.upstreamState()).teamKeys).toEqual([]);
      await store.saveTeamKey(key, saved);
      await expect(store.removeTeamKey(TEAM, broken)).rejects.toThrow();
      const rejection = { ...KEY, sinceMs: NOW_MS, teamKeyId: key.id };
      await expect(store.recordUpstreamRejection(rejection, broken)).rejects.toThrow();
      expect(await store.upstreamState()).toMatchObject({ teamKeys: [{ id: key.id }], rejections: [] });
      expect(await queued()).toEqual([]);
    });

    it('is rejected once, whichever process notices, and again after it worked', async () => {
      const key = teamKey();
      await store.saveTeamKey(key, saved);
      expect(await reject(key.id)).toEqual([cy.email]);
      const another = await world.another();
      const later = { ...KEY, sinceMs: NOW_MS + 1, teamKeyId: key.id };
      expect(await another.recordUpstreamRejection(later, REJECTED)).toBeUndefined();
      expect((await another.upstreamState()).rejections).toEqual([{ ...KEY, sinceMs: NOW_MS }]);
      const [job, ...others] = await queued();
      expect(others).toEqual([]);
      expect(job?.payload).toEqual({
        message: 'upstream_rejected',
        ...KEY,
        to: { email: cy.email },
        requestId: null,
      });
      await store.finishJob({ ...(job as NonNullable<typeof job>), outcome: 'done', nowMs: NOW_MS });

      expect(await another.recordUpstreamRecovery(KEY, RECOVERED)).toBe(true);
      expect(await store.recordUpstreamRecovery(KEY, RECOVERED)).toBe(false);
      expect(await reject(key.id)).toEqual([cy.email]);
      // Not within ten minutes of the last message.
      const at = (nowMs: number) => store.claimJobs(claimOf({ nowMs, longestDelayMs: 60 * 60_000 }));
      expect(await at(NOW_MS + 10 * 60_000 - 1)).toEqual([]);
      expect(await at(NOW_MS + 10 * 60_000)).toHaveLength(1);
      expect((await actions()).slice(1)).toEqual([
        'upstream_credential.rejected',
        'upstream_credential.recovered',
        'upstream_credential.rejected',
      ]);
    });

    it('isn’t rejected because of a key that was replaced or removed meanwhile', async () => {
      const [first, second] = [teamKey(), teamKey()];
      await store.saveTeamKey(first, saved);
      await reject(first.id);
      await store.saveTeamKey(second, saved);
      expect((await store.upstreamState()).rejections).toEqual([]);
      expect(await reject(first.id)).toBeUndefined();
      expect(await reject(undefined, 'access_token')).toBeUndefined();
      await store.removeTeamKey(TEAM, REMOVED);
      expect(await reject(second.id)).toBeUndefined();
      expect(await reject(undefined, 'access_token')).toEqual([cy.email]);
      expect((await store.upstreamState()).rejections).toEqual([
        { teamName: TEAM, kind: 'access_token', sinceMs: NOW_MS },
      ]);
    });

    it('is one of several that federation lacks, which share one message at a time', async () => {
      await reject(undefined, 'access_token');
      const other = { teamName: 'vision', kind: 'access_token', sinceMs: NOW_MS + 1 } as const;
      expect(await store.recordUpstreamRejection({ ...other, teamKeyId: undefined }, REJECTED)).toEqual([
        cy.email,
      ]);
      expect((await store.upstreamState()).rejections).toHaveLength(2);
      expect(await queued()).toEqual([]);
      expect(
        (await store.claimJobs(claimOf({ nowMs: NOW_MS + 15_000 }))).map(({ payload }) => payload),
      ).toEqual([
        { message: 'upstream_rejected', kind: 'access_token', to: { email: cy.email }, requestId: null },
      ]);
    });

    it('isn’t rejected or accepted for an archived team', async () => {
      const key = teamKey();
      await store.saveTeamKey(key, saved);
      await store.applyOrganization(withoutTeam(TEAM), NOW_MS);
      expect(await reject(key.id)).toBeUndefined();
      expect(await store.recordUpstreamRecovery(KEY, RECOVERED)).toBe(false);
    });

    it('belongs to one organization, and another one neither reads nor changes it', async () => {
      const key = teamKey();
      await store.saveTeamKey(key, saved);
      await reject(key.id);
      const before = await store.upstreamState();
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      await globex.applyOrganization(DESIRED, NOW_MS);
      expect(await globex.upstreamState()).toEqual({ teamKeys: [], rejections: [] });
      expect(await globex.sealedTeamKey(key.id)).toBeUndefined();
      expect(await globex.removeTeamKey(TEAM, REMOVED)).toBe('not_found');
      expect(await globex.recordUpstreamRecovery(KEY, RECOVERED)).toBe(false);
      const rejection = { ...KEY, sinceMs: NOW_MS, teamKeyId: key.id };
      expect(await globex.recordUpstreamRejection(rejection, REJECTED)).toBeUndefined();
      expect(await globex.saveTeamKey(key, saved)).toBe('added');
      expect(await store.upstreamState()).toEqual(before);
      expect(await store.sealedTeamKey(key.id)).toBe('sealed-key');
    });
  });
}
