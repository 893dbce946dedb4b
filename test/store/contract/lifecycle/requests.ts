import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  AccountOfRequest,
  NewAccessRequest,
} from '../../../../src/application/requests/request-store.ts';
import type { Team } from '../../../../src/domain/organization/team.ts';
import {
  LAPSES_AFTER_MS,
  MOST_OPEN_REQUESTS,
  REMINDED_AFTER_MS,
  URGENT_LIFE_MS,
} from '../../../../src/domain/requests/request-state.ts';
import { postponeDue } from '../jobs.ts';
import { newKey } from '../keys/account-keys.ts';
import { extend, startRotationOf } from '../keys/rotations.ts';
import {
  ada,
  auditEvent,
  ben,
  claimDue,
  cy,
  draw,
  dueSubjects,
  federatedAccount,
  keyRecord,
  NOW_MS,
  type OpenStore,
  openWorld,
  pendingDelivery,
  settlement,
  type World,
} from '../world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const written = { auditEvent: auditEvent('access_request.opened'), notifications: [], nowMs: NOW_MS };
const by = (
  person: { email: string; slackUserId: string },
  decision: 'approved' | 'denied' | 'confirmed',
) => ({
  ...person,
  decision,
  atMs: NOW_MS,
});

/** A member's request, for an account with an API key. */
export function newRequest(team: Team, overrides: Partial<NewAccessRequest> = {}): NewAccessRequest {
  const authentication = { method: 'api_key', keyExpiry: { days: 90 } } as const;
  return {
    id: draw('request'),
    teamId: team.id,
    person: ben,
    requested: {
      name: draw('weekly').replace('_', '-'),
      authentication,
      purpose: null,
      usedBy: null,
      contact: 'U0BEN',
    },
    reason: 'Needed',
    isUrgent: false,
    createdAtMs: NOW_MS,
    confirmUntilMs: undefined,
    ...overrides,
  };
}

export function describeRequests(openStore: OpenStore): void {
  describe('requests', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const open = async (overrides: Partial<NewAccessRequest> = {}) => {
      const request = newRequest(world.mlPlatform, overrides);
      expect(await world.store.openAccessRequest({ ...request, ...written })).toEqual({ ok: true });
      return request;
    };
    const accountFor = (request: AccountOfRequest['request'], { requested, person }: NewAccessRequest) => {
      const { name } = requested;
      const account = {
        ...federatedAccount(world.organizationId, world.mlPlatform, 'x', { createdBy: person, name }),
      };
      const collection = {
        id: draw('col'),
        expiresAtMs: NOW_MS + DAY_MS,
        person,
        keyName: 'key-1',
        keyExpiry: { atMs: NOW_MS + URGENT_LIFE_MS },
      };
      return {
        ...account,
        account: { ...account.account, method: 'api_key' as const, externalIdentity: undefined },
        ofRequest: { ...written, request, collection },
      };
    };
    const approve = (request: NewAccessRequest) =>
      world.store.insertAccount(
        accountFor({ approved: { id: request.id, decision: by(ada, 'approved') } }, request),
      );
    const stateOf = async ({ id }: { id: string }) => (await world.store.accessRequest(id))?.state;

    it('are stored once, with a job that reminds their approvers and a card in each place', async () => {
      const request = newRequest(world.mlPlatform);
      const places = [{ channelId: 'C1' }, { email: ada.email }];
      expect(await world.store.openAccessRequest({ ...request, ...written, places })).toEqual({ ok: true });
      expect(await world.store.openAccessRequest({ ...request, ...written })).toEqual({
        ok: false,
        reason: 'already_submitted',
      });
      expect(await world.store.accessRequest(request.id)).toMatchObject({
        ...request,
        teamName: 'ml-platform',
        state: 'open',
        decisions: [],
      });
      expect(await dueSubjects(world.store, 'card')).toEqual([
        `access_request:${request.id}:C1`,
        `access_request:${request.id}:${ada.email}`,
      ]);
      expect(await dueSubjects(world.store, 'access_request', NOW_MS + REMINDED_AFTER_MS - 1)).toEqual([]);
      expect(await dueSubjects(world.store, 'access_request', NOW_MS + REMINDED_AFTER_MS)).toEqual([
        request.id,
      ]);
    });

    it('are limited for a person and for a team, without those that were decided', async () => {
      const requests: NewAccessRequest[] = [];
      for (let at = 0; at < MOST_OPEN_REQUESTS.person; at += 1) requests.push(await open());
      const more = newRequest(world.mlPlatform);
      expect(await world.store.openAccessRequest({ ...more, ...written })).toEqual({
        ok: false,
        reason: 'too_many_of_person',
      });
      const [first] = requests;
      await world.store.endAccessRequest({ id: first?.id ?? '', state: 'withdrawn', ...written });
      expect(await world.store.openAccessRequest({ ...more, ...written })).toEqual({ ok: true });

      for (let at = MOST_OPEN_REQUESTS.person; at < MOST_OPEN_REQUESTS.team; at += 1) {
        await open({ person: { slackUserId: `U${at}`, email: `person-${at}@acme.test` } });
      }
      const person = { slackUserId: 'U0NEW', email: 'new@acme.test' };
      expect(
        await world.store.openAccessRequest({ ...newRequest(world.mlPlatform, { person }), ...written }),
      ).toEqual({ ok: false, reason: 'too_many_of_team' });
    });

    it('become an account with a collection in the write of the approval, once', async () => {
      const request = await open();
      expect(await approve(request)).toEqual({ ok: true });
      expect(await approve(request)).toEqual({ ok: false, reason: 'request_decided' });
      const approved = await world.store.accessRequest(request.id);
      expect(approved).toMatchObject({ state: 'approved', decisions: [by(ada, 'approved')] });
      const [collection] = await world.store.openCollections(ben.slackUserId, NOW_MS);
      expect(collection).toMatchObject({ accessRequestId: request.id, accountId: approved?.accountId });
      expect(await world.store.requestedKey(request.id)).toEqual({
        state: 'open',
        collectionId: collection?.id,
        untilMs: NOW_MS + DAY_MS,
      });
      await world.store.expireCollection(collection?.id ?? '', NOW_MS + DAY_MS);
      expect(await world.store.requestedKey(request.id)).toEqual({ state: 'closed' });
    });

    it('aren’t approved where the name was taken, and nothing is written', async () => {
      const request = await open();
      const other = await open({ requested: { ...request.requested } });
      expect(await approve(other)).toEqual({ ok: true });
      expect(await approve(request)).toEqual({ ok: false, reason: 'name_taken' });
      expect(await world.store.accessRequest(request.id)).toMatchObject({ state: 'open', decisions: [] });
    });

    it('count one approval of each person until enough have approved', async () => {
      const request = await open();
      const approval = { id: request.id, decision: by(ada, 'approved'), seenDecisions: 0, ...written };
      expect(await world.store.recordApproval(approval)).toBe(true);
      expect(await world.store.recordApproval(approval)).toBe(false);
      expect(await world.store.recordApproval({ ...approval, decision: by(cy, 'approved') })).toBe(false);
      const seen = { ...approval, decision: by(cy, 'approved'), seenDecisions: 1 };
      expect(await world.store.recordApproval(seen)).toBe(true);
      expect((await world.store.accessRequest(request.id))?.decisions).toHaveLength(2);
    });

    it('end once, with the first decision', async () => {
      const request = await open();
      const end = { id: request.id, denialReason: 'No', decision: by(ada, 'denied'), ...written };
      expect(await world.store.endAccessRequest({ ...end, state: 'denied' })).toBe(true);
      expect(await world.store.endAccessRequest({ ...end, state: 'lapsed' })).toBe(false);
      expect(await approve(request)).toEqual({ ok: false, reason: 'request_decided' });
      expect(await world.store.accessRequest(request.id)).toMatchObject({
        state: 'denied',
        denialReason: 'No',
      });
      expect(await claimDue(world.store, 'access_request', NOW_MS + LAPSES_AFTER_MS)).toEqual([]);
    });

    it('are reminded of once', async () => {
      const request = await open();
      const reminder = { id: request.id, ...written };
      expect(await world.store.remindApprovers(reminder)).toBe(true);
      expect(await world.store.remindApprovers(reminder)).toBe(false);
      expect((await world.store.accessRequest(request.id))?.remindedAtMs).toBe(NOW_MS);
    });

    const confirmUntilMs = NOW_MS + URGENT_LIFE_MS;
    const collectUrgent = async () => {
      const request = newRequest(world.mlPlatform, { isUrgent: true, confirmUntilMs });
      expect(await world.store.insertAccount(accountFor({ granted: request }, request))).toEqual({
        ok: true,
      });
      const [{ id = '', accountId = '' } = {}] = await world.store.openCollections(ben.slackUserId, NOW_MS);
      const record = { ...keyRecord(NOW_MS), expiresAtMs: confirmUntilMs };
      const delivery = pendingDelivery(record, ben, id);
      const started = auditEvent('api_key.collection_started');
      await world.store.beginCollection(id, { record, delivery }, NOW_MS, started);
      await world.store.settleDelivery(settlement(delivery.id, 'accepted'));
      const decision = by(ada, 'confirmed');
      const confirmation = { id: request.id, decision, seenDecisions: 0, isEnough: true, ...written };
      return { request, accountId, record, confirmation };
    };

    it('that are urgent keep the key that was collected, with the requested expiry, once confirmed', async () => {
      const { request, accountId, record, confirmation } = await collectUrgent();
      expect(await stateOf(request)).toBe('granted');
      expect(await world.store.requestedKey(request.id)).toEqual({ state: 'collected' });
      const [notice] = await claimDue(world.store, 'expiry_notice');
      const noticed = { keyId: record.keyId, daysBefore: 0, to: [], nowMs: NOW_MS } as const;
      expect(await world.store.queueExpiryNotice(noticed)).toBe(true);
      const { id = '', leaseToken = '' } = notice ?? {};
      await world.store.finishJob({ id, leaseToken, outcome: 'done', nowMs: NOW_MS });

      expect(await world.store.confirmAccessRequest({ ...confirmation, nowMs: confirmUntilMs })).toBe(false);
      expect(await world.store.confirmAccessRequest(confirmation)).toBe(true);
      expect(await world.store.confirmAccessRequest(confirmation)).toBe(false);
      expect(await stateOf(request)).toBe('approved');
      const [key] = await world.store.keysOfAccount(accountId);
      expect(key?.expiresAtMs).toBe(NOW_MS + 90 * DAY_MS);
      expect((await world.store.expiringKey(record.keyId))?.noticedDaysBefore).toBeUndefined();
      expect(await dueSubjects(world.store, 'expiry_notice', NOW_MS + 76 * DAY_MS)).toEqual([record.keyId]);
    });

    it('that are urgent leave a rotation of their key as it is when they are confirmed', async () => {
      const { accountId, record, confirmation } = await collectUrgent();
      const overlapMs = 60 * 60_000;
      const started = await startRotationOf(world, { accountId, oldKeyId: record.keyId, overlapMs });
      await world.store.settleDelivery(settlement(started.deliveryId, 'accepted'));
      expect(await world.store.confirmAccessRequest(confirmation)).toBe(true);
      const endsAtMs = async () => (await world.store.findApiKey(record.keyId))?.expiresAtMs;
      expect(await endsAtMs()).toBe(NOW_MS + overlapMs);
      const endMs = NOW_MS + overlapMs;
      expect(await extend(world.store, started.rotationId, endMs)).toBe(endMs + DAY_MS);
      const leak = { keyId: started.newKeyId, place: 'a', nowMs: NOW_MS };
      await world.store.recordLeak({ ...leak, eventOf: () => auditEvent('api_key.leak_reported') });
      expect(await endsAtMs()).toBe(NOW_MS + 90 * DAY_MS);
    });

    it('that are urgent don’t bring a key back that has ended with its rotation', async () => {
      const { accountId, record, confirmation } = await collectUrgent();
      const started = await startRotationOf(world, { accountId, oldKeyId: record.keyId, overlapMs: 1 });
      await world.store.settleDelivery(settlement(started.deliveryId, 'accepted'));
      expect(await world.store.confirmAccessRequest({ ...confirmation, nowMs: NOW_MS + 1 })).toBe(true);
      expect((await world.store.findApiKey(record.keyId))?.expiresAtMs).toBe(NOW_MS + 1);
    });

    it('that are urgent schedule the end of their account when they end', async () => {
      const request = newRequest(world.mlPlatform, { isUrgent: true, confirmUntilMs });
      await world.store.insertAccount(accountFor({ granted: request }, request));
      expect(await dueSubjects(world.store, 'access_request')).toEqual([]);
      await world.store.endAccessRequest({ id: request.id, state: 'denied', ...written });
      expect(await dueSubjects(world.store, 'access_request')).toEqual([request.id]);
    });

    const grant = async () => {
      const confirmUntilMs = NOW_MS + URGENT_LIFE_MS;
      const request = newRequest(world.mlPlatform, { isUrgent: true, confirmUntilMs });
      await world.store.insertAccount(accountFor({ granted: request }, request));
      const [collection] = await world.store.openCollections(ben.slackUserId, NOW_MS);
      const { id = '', accountId = '' } = collection ?? {};
      const collect = (nowMs = NOW_MS) => {
        const record = keyRecord(nowMs);
        const key = { record, delivery: pendingDelivery(record, ben, id) };
        return world.store.beginCollection(id, key, nowMs, auditEvent('api_key.collection_started'));
      };
      return { request, confirmUntilMs, accountId, collect };
    };

    it('that are urgent are confirmed by someone who has confirmed, once one confirmation is enough', async () => {
      const { request } = await grant();
      const once = {
        id: request.id,
        decision: by(ada, 'confirmed'),
        seenDecisions: 0,
        isEnough: false,
        ...written,
      };
      expect(await world.store.confirmAccessRequest(once)).toBe(true);
      const again = { ...once, seenDecisions: 1 };
      expect(await world.store.confirmAccessRequest(again)).toBe(false);
      expect(await world.store.confirmAccessRequest({ ...again, isEnough: true })).toBe(true);
      expect(await world.store.accessRequest(request.id)).toMatchObject({
        state: 'approved',
        decisions: [by(ada, 'confirmed')],
      });
    });

    it('that ended give no key, although their account hasn’t ended yet', async () => {
      const { request, collect } = await grant();
      await world.store.endAccessRequest({ id: request.id, state: 'denied', ...written });
      expect(await collect()).toEqual({ ok: false, reason: 'account_revoked' });
    });

    it('that are urgent give no key once their time is over, and one within it', async () => {
      const { confirmUntilMs, collect } = await grant();
      expect(await collect(confirmUntilMs)).toEqual({ ok: false, reason: 'account_revoked' });
      expect(await collect(confirmUntilMs - 1)).toEqual({ ok: true });
    });

    it('whose key wasn’t collected leave an account alone that has another key', async () => {
      const { accountId } = await grant();
      const end = () =>
        world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'), [], null);
      const other = newKey(accountId);
      await world.store.insertKey(other);
      expect(await end()).toBe('has_other_keys');
      const revoked = { accountId, keyId: other.record.keyId, by: ada, notification: undefined };
      await world.store.revokeKey({ ...revoked, nowMs: NOW_MS, auditEvent: auditEvent('api_key.revoked') });
      expect(await end()).toBe('revoked');
    });

    it('show their card in further places, and everywhere when they change', async () => {
      const request = await open();
      await world.store.showRequest(request.id, [{ email: ada.email }], NOW_MS);
      await world.store.showRequest(request.id, [{ email: ada.email }], NOW_MS);
      const subject = `access_request:${request.id}:${ada.email}`;
      expect(await postponeDue(world.store, 'card')).toMatchObject([{ subject }]);
      await world.store.endAccessRequest({ id: request.id, state: 'withdrawn', ...written });
      expect(await dueSubjects(world.store, 'card')).toEqual([subject]);
    });

    it('show their card only where it isn’t yet, if one place doesn’t accept it', async () => {
      const request = await open();
      await world.store.showRequest(request.id, [{ channelId: 'C1' }], NOW_MS);
      expect(await postponeDue(world.store, 'card')).toHaveLength(1);
      const places = [{ channelId: 'C1' }, { email: ada.email }];
      await world.store.showRequestAlsoIn(request.id, places, NOW_MS);
      expect(await postponeDue(world.store, 'card')).toMatchObject([
        { subject: `access_request:${request.id}:${ada.email}` },
      ]);
      await world.store.showRequestAlsoIn(request.id, places, NOW_MS);
      expect(await dueSubjects(world.store, 'card')).toEqual([]);
    });

    it('of another organization don’t exist, and can’t be changed', async () => {
      const request = await open();
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      const end = { id: request.id, ...written };
      expect(await globex.accessRequest(request.id)).toBeUndefined();
      expect(await globex.requestedKey(request.id)).toEqual({ state: 'none' });
      expect(await globex.endAccessRequest({ ...end, state: 'denied' })).toBe(false);
      expect(await globex.remindApprovers(end)).toBe(false);
      const decision = by(ada, 'confirmed');
      expect(await globex.confirmAccessRequest({ ...end, decision, seenDecisions: 0, isEnough: true })).toBe(
        false,
      );
      expect(await globex.recordApproval({ ...end, decision: by(ada, 'approved'), seenDecisions: 0 })).toBe(
        false,
      );
      await globex.showRequest(request.id, [{ channelId: 'C1' }], NOW_MS);
      await globex.showRequestAlsoIn(request.id, [{ channelId: 'C1' }], NOW_MS);
      expect(await dueSubjects(globex, 'card')).toEqual([]);
      expect(await stateOf(request)).toBe('open');
    });
  });
}
