import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAuditChain } from '../../../src/domain/audit/audit-event.ts';
import {
  AUDIT_KEY,
  auditEvent,
  impossibleEvent,
  insertCollectable,
  type OpenStore,
  openWorld,
  seedOrganization,
  type World,
} from './world.ts';

export function describeAudit(openStore: OpenStore): void {
  describe('the audit chain', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const verify = async (store = world.store) =>
      verifyAuditChain(await store.auditRecords(), store.organizationId, AUDIT_KEY);

    it('verifies after it is read back from the database', async () => {
      await insertCollectable(world, world.mlPlatform);
      const records = await world.store.auditRecords();
      expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
      expect(await verify()).toMatchObject({ intact: true, records: records.length });
    });

    it('has no gap and no fork when two replicas append at once', async () => {
      const other = await world.another();
      const { length } = await world.store.auditRecords();
      await Promise.all(
        Array.from({ length: 40 }, (_, number) =>
          (number % 2 === 0 ? world.store : other).appendAuditEvent(
            auditEvent('interaction.refused', { number }),
          ),
        ),
      );
      expect(await verify()).toMatchObject({ intact: true, records: length + 40 });
    });

    it('stores any text that people type and still verifies', async () => {
      const details = {
        lone: 'a\ud800b',
        emoji: '👩🏽‍🚀',
        nul: 'a\0b',
        quotes: `"'\\\u2028`,
        rtl: '\u202egnp',
        list: ['', '\udfff', 'x'.repeat(10_000)],
        yes: true,
        nothing: null,
        number: -0.1e-7,
      };
      await world.store.appendAuditEvent({
        ...auditEvent('interaction.refused', details),
        subject: 'team:\udc00\0’); drop table audit_events; --',
      });
      expect(await verify()).toMatchObject({ intact: true });
      const record = (await world.store.auditRecords()).at(-1);
      expect(record?.details).toMatchObject({ emoji: details.emoji, nul: details.nul, lone: 'a\ufffdb' });
    });

    it('starts at 1 in each organization and verifies on its own', async () => {
      const globex = await seedOrganization(world.stores, 'globex');
      await globex.appendAuditEvent(auditEvent('interaction.refused'));
      expect((await globex.auditRecords())[0]).toMatchObject({ sequence: 1 });
      expect(await verify(globex)).toMatchObject({ intact: true });
      expect(await verify()).toMatchObject({ intact: true });
    });

    it('rejects an event that can’t be serialized', async () => {
      const before = await world.store.auditRecords();
      await expect(world.store.appendAuditEvent(impossibleEvent('interaction.refused'))).rejects.toThrow(
        'NaN',
      );
      expect(await world.store.auditRecords()).toEqual(before);
    });
  });
}
