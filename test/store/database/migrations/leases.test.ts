import { describe, expect, it } from 'vitest';
import {
  type NotificationPayload,
  notificationSubject,
} from '../../../../src/application/ports/notifications.ts';
import { ada, NOW_MS } from '../../contract/world.ts';
import { EXPIRES_MS, insertPrevious, migrated } from './before-server-accounts.ts';

describe('a database with deliveries and collections that had leases', () => {
  const account = { method: 'api_key', state: 'active', isOnServer: false } as const;
  const person = { slack_user_id: ada.slackUserId, email: ada.email };
  const delivery = {
    ...person,
    route: 'response_url',
    key_lifetime_days: 90,
    lease_until_ms: NOW_MS + 60_000,
  };
  const collection = { ...person, key_lifetime_days: 90, created_at_ms: NOW_MS, expires_at_ms: EXPIRES_MS };

  it('has a job for each open delivery at the end of its lease, and keeps the others', () => {
    const { rows } = migrated((insert) => {
      for (const [id, state] of [
        ['open', 'sending'],
        ['tried', 'sending'],
        ['done', 'delivered'],
        ['lost', 'failed'],
      ] as const) {
        insertPrevious(insert, { ...account, id });
        insert('deliveries', {
          id: `dlv_${id}`,
          key_id: `key_${id}`,
          ...delivery,
          state,
          revoke_attempts: id === 'tried' ? 3 : 0,
          settled_at_ms: state === 'sending' ? null : NOW_MS,
        });
      }
    });
    const states = rows('SELECT id, state, settled_at_ms FROM deliveries ORDER BY id');
    expect(states).toEqual([
      { id: 'dlv_done', state: 'delivered', settled_at_ms: NOW_MS },
      { id: 'dlv_lost', state: 'failed', settled_at_ms: NOW_MS },
      { id: 'dlv_open', state: 'sending', settled_at_ms: null },
      { id: 'dlv_tried', state: 'sending', settled_at_ms: null },
    ]);
    const jobs = rows(
      "SELECT subject, payload, run_at_ms, attempts FROM jobs WHERE kind = 'delivery' ORDER BY 1",
    );
    expect(jobs).toEqual(
      ['dlv_open', 'dlv_tried'].map((deliveryId) => ({
        subject: deliveryId,
        payload: JSON.stringify({ deliveryId }),
        run_at_ms: NOW_MS + 60_000,
        attempts: 0,
      })),
    );
  });

  it('has a job for each collection that isn’t over, and a notification unless its person had one', () => {
    const { rows } = migrated((insert) => {
      insertPrevious(insert, { ...account, id: 'a' });
      insert('deliveries', {
        id: 'dlv_a',
        key_id: 'key_a',
        ...delivery,
        collection_id: 'sent',
        state: 'sending',
      });
      for (const [id, state, told_at_ms, revoked_key_id] of [
        ['new', 'open', null, null],
        ['late', 'open', null, 'key_a'],
        ['known', 'open', NOW_MS, 'key_a'],
        ['sent', 'collecting', NOW_MS, null],
        ['lost', 'collecting', NOW_MS, 'key_a'],
        ['had', 'collected', NOW_MS, null],
        ['over', 'closed', null, null],
      ] as const) {
        insert('collections', { id, account_id: 'a', ...collection, state, told_at_ms, revoked_key_id });
      }
    });
    const states = Object.fromEntries(
      rows('SELECT id, state FROM collections').map(({ id, state }) => [id, state]),
    );
    // Whose key is neither being sent nor being created can be collected again.
    expect(states).toEqual({
      new: 'open',
      late: 'open',
      known: 'open',
      sent: 'collecting',
      lost: 'open',
      had: 'collected',
      over: 'closed',
    });
    const jobs = rows("SELECT subject, payload, run_at_ms FROM jobs WHERE kind = 'collection' ORDER BY 1");
    expect(jobs).toEqual(
      ['known', 'late', 'lost', 'new', 'sent'].map((collectionId) => ({
        subject: collectionId,
        payload: JSON.stringify({ collectionId }),
        run_at_ms: EXPIRES_MS,
      })),
    );
    const offers = rows("SELECT payload FROM jobs WHERE kind = 'notification' ORDER BY rowid").map(
      ({ payload }) => JSON.parse(String(payload)),
    );
    const to = { slackUserId: ada.slackUserId };
    const offer = { message: 'key_collectable', accountId: 'a', to, requestId: null };
    expect(offers).toEqual([
      { ...offer, collectionId: 'new', keyId: null },
      { ...offer, collectionId: 'late', keyId: 'key_a' },
      { ...offer, collectionId: 'lost', keyId: null },
    ]);
  });

  it('keeps its jobs, and doesn’t queue a notification that is pending', () => {
    const payload = { message: 'account_revoked', accountId: 'a', to: { slackUserId: ada.slackUserId } };
    const subject = notificationSubject({ ...payload, requestId: null } as NotificationPayload);
    const previous = {
      id: 'job_1',
      kind: 'notification',
      subject,
      payload: JSON.stringify(payload),
      run_at_ms: 5,
    };
    const { rows } = migrated((insert) => {
      const ending = {
        ending: 'revoked_late',
        wasNotified: false,
        isAbandoned: false,
        ids: 'member',
      } as const;
      const removed = { kind: 'remove', state: 'done', looks: false, ...ending } as const;
      insertPrevious(insert, { ...account, id: 'a', state: 'revoked', operation: removed });
      insert('jobs', { ...previous, attempts: 2, last_failure: 'not_accepted', failing_since_ms: 4 });
    });
    const jobs = rows('SELECT * FROM jobs');
    expect(jobs).toMatchObject([
      { ...previous, attempts: 2, last_failure: 'not_accepted', failing_since_ms: 4 },
    ]);
  });
});
