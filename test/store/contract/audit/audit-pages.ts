import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditPage } from '../../../../src/application/audit/audit-store.ts';
import type { AuditEvent } from '../../../../src/domain/audit/audit-event.ts';
import {
  auditEvent,
  dueSubjects,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  seedOrganization,
  type World,
} from '../world.ts';

export function describeAuditPages(openStore: OpenStore): void {
  describe('the pages of the audit record', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const append = (event: Partial<AuditEvent>, store = world.store) =>
      store.appendAuditEvent({
        ...auditEvent('interaction.refused'),
        subject: 'organization:acme',
        ...event,
      });
    const page = async (
      subjects: AuditPage['subjects'],
      more: Partial<AuditPage> = {},
      store = world.store,
    ) =>
      (await store.auditPage({ subjects, before: undefined, from: undefined, limit: 100, ...more })).map(
        ({ details, sequence }) => details.mark ?? sequence,
      );

    it('have the events about a team: by subject, detail, target, and the team of an account', async () => {
      const { account } = await insertSending(world, world.mlPlatform);
      const before = (await page(['team:ml-platform'])).length;
      await append({ subject: 'team:ml-platform', details: { mark: 1 } });
      await append({ details: { mark: 2, team: 'ml-platform' } });
      await append({ subject: `service_account:${account.id}`, details: { mark: 3 } });
      await append({ details: { mark: 4, targets: [`service_account:${account.id}`, 'team:vision'] } });
      await append({ details: { mark: 5, team: 'vision' } });
      await append({ subject: 'service_account:sa_none', details: { mark: 6 } });
      await append({ details: { mark: 7 } });
      expect((await page(['team:ml-platform'])).slice(0, -before)).toEqual([3, 2, 1]);
      expect((await page(['team:vision'])).slice(0, 2)).toEqual([5, 4]);
      expect((await page([`service_account:${account.id}`])).slice(0, 2)).toEqual([4, 3]);
      expect((await page(['team:ml-platform', 'team:vision'])).slice(0, 5)).toEqual([5, 4, 3, 2, 1]);
      expect((await page(undefined)).slice(0, 3)).toEqual([7, 6, 5]);
      expect(await page([])).toEqual([]);
      expect(await page(['team:none'])).toEqual([]);
    });

    it('end before a sequence number, and begin at one', async () => {
      for (const mark of [1, 2, 3, 4, 5]) await append({ details: { mark, team: 'vision' } });
      const last = (await world.store.auditHead())?.sequence ?? 0;
      expect(await page(['team:vision'], { before: last, limit: 2 })).toEqual([4, 3]);
      expect(await page(['team:vision'], { from: last - 1 })).toEqual([5, 4]);
      expect(await page(undefined, { before: last - 1, from: last - 3 })).toEqual([3, 2]);
    });

    it('begin at the event with the earliest time since a time', async () => {
      const before = (await world.store.auditHead())?.sequence ?? 0;
      for (const atMs of [NOW_MS + 1, NOW_MS + 5, NOW_MS + 3]) await append({ atMs });
      expect(await world.store.firstAuditSequence(NOW_MS + 2)).toBe(before + 3);
      expect(await world.store.firstAuditSequence(NOW_MS + 6)).toBeUndefined();
    });

    it('have no event of another organization', async () => {
      const globex = await seedOrganization(world.stores, 'globex');
      await append({ details: { mark: 1, team: 'ml-platform' } });
      expect(await page(['team:ml-platform'], {}, globex)).not.toContain(1);
      expect((await globex.auditHead())?.sequence).not.toBe((await world.store.auditHead())?.sequence);
    });

    it('can be read in parts from the beginning, up to the head', async () => {
      const all = await world.store.auditRecords();
      const parts = [
        ...(await world.store.auditRecordsAfter(0, 2)),
        ...(await world.store.auditRecordsAfter(2, 1_000)),
      ];
      expect(parts).toEqual(all);
      const { sequence, hash } = all.at(-1) ?? {};
      expect(await world.store.auditHead()).toEqual({ sequence, hash });
    });

    it('find the accounts that ever had a name', async () => {
      const { account } = await insertSending(world, world.mlPlatform, { name: 'nightly-eval' });
      await world.store.revokeAccount(account.id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await world.store.accountsEverNamed('nightly-eval')).toEqual([
        { id: account.id, teamName: 'ml-platform' },
      ]);
      expect(await world.store.accountsEverNamed('none')).toEqual([]);
    });

    it('are followed by one job for the head, and by one card a day and channel', async () => {
      const other = await world.another();
      await Promise.all([world.store.startAuditHeads(NOW_MS), other.startAuditHeads(NOW_MS)]);
      expect(await dueSubjects(world.store, 'audit_head')).toEqual(['audit_head']);
      const head = { day: '2026-01-15', channelId: 'C0123456789', nowMs: NOW_MS };
      expect([await world.store.postAuditHead(head), await other.postAuditHead(head)]).toEqual([true, true]);
      const [card, ...more] = await world.store.listJobs({ kind: 'card', includesDone: true, limit: 10 });
      expect([card?.subject, more]).toEqual(['audit_head:2026-01-15:C0123456789', []]);
      const posted = { channelId: 'C0123456789', messageTs: '1.2', postedEntries: 0, nowMs: NOW_MS };
      await world.store.recordCard('audit_head:2026-01-15:C0123456789', posted);
      expect(await world.store.postAuditHead(head)).toBe(false);
      expect(await world.store.postAuditHead({ ...head, day: '2026-01-16' })).toBe(true);
    });
  });
}
