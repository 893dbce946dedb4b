import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LIVE_KEYS } from '../../../../src/application/keys/account-key.ts';
import type { NewKey } from '../../../../src/application/keys/key-store.ts';
import {
  ada,
  auditEvent,
  claimNotifications,
  DAY_MS,
  draw,
  insertCollectable,
  insertSending,
  keyRecord,
  NOW_MS,
  type OpenStore,
  openWorld,
  pendingDelivery,
  settlement,
  type World,
  withoutTeam,
} from '../world.ts';

/** Returns another key of an account. */
export function newKey(accountId: string, name = draw('name'), submissionId = draw('sub')): NewKey {
  const record = { ...keyRecord(NOW_MS), name };
  return {
    accountId,
    submissionId,
    record,
    expiry: { days: 90 },
    delivery: pendingDelivery(record, ada),
    nowMs: NOW_MS,
    auditEvent: auditEvent('api_key.created'),
  };
}

export function describeAccountKeys(openStore: OpenStore): void {
  describe('the keys of an account', () => {
    let world: World;
    let accountId: string;
    let firstName: string;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { account, key } = await insertSending(world, world.mlPlatform);
      await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
      accountId = account.id;
      firstName = key.record.name;
    });
    afterEach(() => world.close());

    const insert = (key: NewKey) => world.store.insertKey(key);
    const names = async () => (await world.store.accountKeys(accountId)).map(({ name }) => name);
    const lastAction = async () => (await world.store.auditRecords()).at(-1)?.action;
    const revoke = (keyId: string, nowMs = NOW_MS) =>
      world.store.revokeKey({
        accountId,
        keyId,
        by: ada,
        nowMs,
        auditEvent: auditEvent('api_key.revoked'),
        notification: undefined,
      });

    it('are listed with their delivery and creator, those that aren’t revoked first', async () => {
      const [ci, batch] = [newKey(accountId, 'ci'), newKey(accountId, 'batch')];
      expect([await insert(ci), await insert(batch)]).toEqual([{ ok: true }, { ok: true }]);
      await world.store.settleDelivery(settlement(ci.delivery.id, 'accepted'));
      await revoke(ci.record.keyId);

      const keys = await world.store.accountKeys(accountId);

      expect(keys.map(({ name }) => name).slice(-1)).toEqual(['ci']);
      expect(keys.find(({ name }) => name === 'batch')).toEqual({
        keyId: batch.record.keyId,
        name: 'batch',
        createdAtMs: NOW_MS,
        createdBySlackUserId: ada.slackUserId,
        expiresAtMs: NOW_MS + 90 * DAY_MS,
        revokedAtMs: undefined,
        leakReportedAtMs: undefined,
        delivery: 'sending',
        lastUse: undefined,
      });
    });

    it('show when and from where they were last used', async () => {
      const { keyId } = (await world.store.accountKeys(accountId))[0] ?? { keyId: '' };
      const use = { atMs: NOW_MS + 1, address: '10.0.0.1', userAgent: 'wandb-core' };
      await world.store.recordUses([{ accountId, keyId, ...use }], NOW_MS + 1);

      expect((await world.store.accountKeys(accountId))[0]?.lastUse).toEqual(use);
    });

    it('get one key for one form, however often it arrives', async () => {
      const key = newKey(accountId);
      expect(await insert(key)).toEqual({ ok: true });
      expect(await insert({ ...newKey(accountId), submissionId: key.submissionId })).toMatchObject({
        reason: 'already_submitted',
        earlier: { keyId: key.record.keyId, delivery: 'sending' },
      });
      expect(await names()).toHaveLength(2);
    });

    it('have different names, until the earlier key is revoked', async () => {
      const [first] = await world.store.accountKeys(accountId);
      expect(await insert(newKey(accountId, firstName))).toEqual({ ok: false, reason: 'name_taken' });
      await revoke(first?.keyId ?? '');
      expect(await insert(newKey(accountId, firstName))).toEqual({ ok: true });
    });

    it('don’t take the name of a key that a person can collect', async () => {
      const { inserted } = await insertCollectable(world, world.mlPlatform);
      const { account, key } = inserted;
      expect(await insert(newKey(account.id, key.record.name))).toMatchObject({ reason: 'name_taken' });
    });

    it('are at most as many as may work at a time; expired ones don’t count', async () => {
      for (let count = 1; count < MAX_LIVE_KEYS; count += 1) await insert(newKey(accountId));
      expect(await insert(newKey(accountId))).toEqual({ ok: false, reason: 'too_many_keys' });
      const later = { ...newKey(accountId), nowMs: NOW_MS + 90 * DAY_MS };
      expect(await insert(later)).toEqual({ ok: true });
    });

    it('aren’t added to a revoked account or in an archived team', async () => {
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await insert(newKey(accountId))).toEqual({ ok: false, reason: 'account_revoked' });
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await insert(newKey(accountId))).toEqual({ ok: false, reason: 'account_revoked' });
    });

    it('keep working under a new name, which is recorded once', async () => {
      const [first] = await world.store.accountKeys(accountId);
      const { keyId = '' } = first ?? {};
      const rename = (name: string, id = keyId) =>
        world.store.renameKey({ accountId, keyId: id, name, auditEvent: auditEvent('api_key.renamed') });
      await insert(newKey(accountId, 'ci'));

      expect(await rename('ci')).toBe('name_taken');
      expect(await rename('batch')).toBe('renamed');
      expect(await lastAction()).toBe('api_key.renamed');
      const { length } = await world.store.auditRecords();
      expect(await rename('batch')).toBe('unchanged');
      expect(await world.store.auditRecords()).toHaveLength(length);
      expect(await rename('other', 'no such key')).toBe('not_found');
      expect(await names()).toContain('batch');
      expect((await world.store.findApiKey(keyId))?.revokedAtMs).toBeUndefined();
      await revoke(keyId);
      expect(await rename('late')).toBe('not_found');
    });

    it('are revoked one by one, once, with a notification', async () => {
      const [first] = await world.store.accountKeys(accountId);
      const { keyId = '', name: keyName = '' } = first ?? {};
      const payload = {
        message: 'key_revoked',
        accountId,
        keyId,
        keyName,
        revokedBy: ada.slackUserId,
        to: { slackUserId: 'U0BEN' },
        requestId: 'req_1',
      } as const;
      const other = newKey(accountId);
      await insert(other);
      const revoked = () =>
        world.store.revokeKey({
          accountId,
          keyId,
          by: ada,
          nowMs: NOW_MS + 5,
          auditEvent: auditEvent('api_key.revoked'),
          notification: { payload, start: { atMs: NOW_MS } },
        });

      expect(await revoked()).toBe('revoked');
      expect(await revoked()).toBe('already_revoked');
      expect((await world.store.findApiKey(keyId))?.revokedAtMs).toBe(NOW_MS + 5);
      expect((await world.store.findApiKey(other.record.keyId))?.revokedAtMs).toBeUndefined();
      expect(await claimNotifications(world.store)).toEqual([payload]);
      expect(await revoke('no such key')).toBe('not_found');
    });
  });
}
