import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  NativeKeyEvent,
  RecordedFromLog,
} from '../../../src/application/outside-changes/outside-change-store.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import { digestWindow, type OutsideChange } from '../../../src/domain/accounts/outside-change.ts';
import type { AuditEvent } from '../../../src/domain/audit/audit-event.ts';
import {
  begin,
  completion,
  gone,
  identity,
  insertOnServer,
  removal,
} from './server-accounts/server-account-world.ts';
import {
  auditEvent,
  DAY_MS,
  draw,
  federatedAccount,
  keyAccount,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
} from './world.ts';

const TEAM = 'ml-platform';
const POSITION = { day: '2026-01-15', cursor: 'next' };

function change(overrides: Partial<OutsideChange> = {}): OutsideChange {
  return {
    entryId: draw('entry'),
    teamName: TEAM,
    kind: 'account_created',
    atMs: NOW_MS,
    actor: 'eve@acme.test',
    userId: draw('user'),
    subject: 'by-hand',
    ...overrides,
  };
}

function eventOf(recorded: RecordedFromLog): AuditEvent {
  if (recorded.kind === 'keys_deleted') return auditEvent('server_account.keys_deleted');
  return auditEvent(recorded.kind === 'change' ? 'outside_change.recorded' : 'outside_change.limit_reached');
}

export function describeOutsideChanges(openStore: OpenStore): void {
  let world: World;
  let store: Store;
  beforeEach(async () => {
    world = await openWorld(openStore);
    store = world.store;
  });
  afterEach(() => world.close());

  const record = (
    changes: OutsideChange[],
    options: { keyEvents?: NativeKeyEvent[]; nowMs?: number; newestAtMs?: number } = {},
  ) => {
    const { keyEvents = [], nowMs = NOW_MS, newestAtMs = nowMs } = options;
    return store.recordLogPage({
      page: { changes, keyEvents, newestAtMs },
      position: POSITION,
      nowMs,
      eventOf,
    });
  };
  const actions = async () =>
    (await store.auditRecords())
      .map(({ action }) => action)
      .filter((action) => /outside|keys_deleted|adopted/.test(action));
  const reminders = async (nowMs: number) =>
    (
      await store.claimJobs({ kind: 'reminder', nowMs, limit: 100, except: [], longestDelayMs: undefined })
    ).map(({ payload }) => payload);
  const ofDay = (nowMs = NOW_MS, limit = 100) => store.changesOfTeam(TEAM, { ...digestWindow(nowMs), limit });

  describe('changes outside Keysmith', () => {
    beforeEach(() => store.startAuditLog(NOW_MS));

    it('are stored once, with one event each and one digest for the team', async () => {
      const first = change();
      const second = change({ kind: 'key_created', atMs: NOW_MS + 1 });
      expect(await record([first, second])).toEqual({ recorded: 2 });
      expect(await record([first, second, change({ entryId: first.entryId, teamName: 'vision' })])).toEqual({
        recorded: 1,
      });
      expect(await ofDay()).toEqual({ changes: [first, second], more: 0 });
      expect(await ofDay(NOW_MS, 1)).toEqual({ changes: [second], more: 1 });
      expect(await actions()).toEqual(Array(3).fill('outside_change.recorded'));
      const { sinceMs, untilMs } = digestWindow(NOW_MS);
      expect(await reminders(untilMs - 1)).toEqual([]);
      expect(await reminders(untilMs)).toEqual([
        { message: 'team_changes', teamName: TEAM, sinceMs },
        { message: 'team_changes', teamName: 'vision', sinceMs },
      ]);
    });

    it('from before the first start, or the last 90 days, are ignored, and old ones are deleted', async () => {
      await store.startAuditLog(NOW_MS + DAY_MS);
      await record([change({ atMs: NOW_MS - 1000 }), change({ atMs: NOW_MS + 2 * DAY_MS })]);
      expect(await actions()).toEqual([]);
      const kept = change();
      await record([kept]);
      await record([], { nowMs: NOW_MS + 90 * DAY_MS });
      expect((await ofDay()).changes).toEqual([kept]);
      await record([kept], { nowMs: NOW_MS + 90 * DAY_MS + 1 });
      expect((await ofDay()).changes).toEqual([]);
      expect(await actions()).toEqual(['outside_change.recorded']);
    });

    it('beyond 50 of a team and day are only counted, each once', async () => {
      const many = Array.from({ length: 53 }, () => change());
      await record(many);
      await record(many);
      const { changes, more } = await ofDay();
      expect([changes.length, more]).toEqual([50, 3]);
      expect((await actions()).filter((action) => action === 'outside_change.limit_reached')).toHaveLength(1);
      expect(await record([change({ atMs: NOW_MS + DAY_MS }), change({ teamName: 'vision' })])).toEqual({
        recorded: 2,
      });
    });

    it('say who created an account, and belong to one organization', async () => {
      const { userId = '', actor, atMs } = change();
      await record([change({ userId })]);
      expect(await store.outsideCreations([userId, 'x'])).toEqual(new Map([[userId, { actor, atMs }]]));
      expect(await store.usersOnServer([userId])).toEqual([
        { userId, teamName: TEAM, name: 'by-hand', isManaged: false },
      ]);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.outsideCreations([userId])).toEqual(new Map());
      expect(await globex.usersOnServer([userId])).toEqual([]);
      expect(await globex.auditLogPosition()).toBeUndefined();
      const { changes } = await globex.changesOfTeam(TEAM, { ...digestWindow(NOW_MS), limit: 9 });
      expect(changes).toEqual([]);
    });

    it('move the position, which a later start keeps', async () => {
      expect(await store.auditLogPosition()).toEqual({ day: '2026-01-15', cursor: undefined });
      await record([]);
      await store.startAuditLog(NOW_MS + DAY_MS);
      expect(await store.auditLogPosition()).toEqual(POSITION);
    });

    it('are written with their events or not at all', async () => {
      const page = { changes: [change()], keyEvents: [], newestAtMs: NOW_MS };
      const broken = { ...auditEvent('outside_change.recorded'), details: { broken: Number.NaN } };
      const recording = store.recordLogPage({
        page,
        position: POSITION,
        nowMs: NOW_MS,
        eventOf: () => broken,
      });
      await expect(recording).rejects.toThrow();
      expect((await ofDay()).changes).toEqual([]);
      expect(await store.auditLogPosition()).toEqual({ day: '2026-01-15', cursor: undefined });
    });
  });

  it('leaves keys of an account that was created before the log was followed', async () => {
    const { account, serverAccountId, memberId } = await insertOnServer(world);
    await store.startAuditLog(NOW_MS + 1000);
    const keyEvents = [{ kind: 'deleted', userId: memberId, atMs: NOW_MS + 2000, isOwn: false } as const];
    await record([], { keyEvents });
    await store.beginRemoval(removal(account.id));
    await store.recordGone(gone(serverAccountId));
    expect(await store.leftKeys(serverAccountId)).toBeDefined();
  });

  describe('the native keys of a deleted account', () => {
    beforeEach(() => store.startAuditLog(NOW_MS));

    async function remove(method: 'api_key' | 'federated' = 'api_key') {
      const inserted = await insertOnServer(world, { method });
      await store.beginRemoval(removal(inserted.account.id));
      await store.recordGone(gone(inserted.serverAccountId));
      return inserted;
    }
    const event = (userId: string, kind: NativeKeyEvent['kind'], rest: Partial<NativeKeyEvent> = {}) => ({
      keyEvents: [{ kind, userId, atMs: NOW_MS, isOwn: false, ...rest }],
    });

    it('are left until an admin confirms once that they are deleted', async () => {
      const { serverAccountId, account, begun } = await remove();
      expect(await store.leftKeys(serverAccountId)).toMatchObject({
        account: { id: account.id },
        serverName: begun.server.name,
        goneAtMs: NOW_MS,
      });
      const ofTeam = async () => (await store.leftKeysOfTeams([TEAM], { limit: 9 })).accounts.length;
      expect(await ofTeam()).toBe(1);
      expect(await store.leftKeysOfTeams(['vision'], { limit: 9 })).toEqual({ accounts: [], total: 0 });
      const confirmed = {
        serverAccountId,
        nowMs: NOW_MS,
        auditEvent: auditEvent('server_account.keys_deleted'),
      };
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.confirmKeysDeleted(confirmed)).toBe(false);
      expect(await globex.leftKeys(serverAccountId)).toBeUndefined();
      expect(await store.confirmKeysDeleted(confirmed)).toBe(true);
      expect(await store.confirmKeysDeleted(confirmed)).toBe(false);
      expect(await store.leftKeys(serverAccountId)).toBeUndefined();
      expect(await ofTeam()).toBe(0);
      expect(await actions()).toEqual(['server_account.keys_deleted']);
      expect(await reminders(NOW_MS)).toEqual([]);
    });

    it('aren’t left by an account that is on the server, or has an external identity', async () => {
      const { serverAccountId } = await insertOnServer(world);
      expect(await store.leftKeys(serverAccountId)).toBeUndefined();
      const federated = await remove('federated');
      expect(await store.leftKeys(federated.serverAccountId)).toBeUndefined();
      expect(await reminders(NOW_MS)).toEqual([]);
    });

    it('are gone when the only one was deleted, before or after the account', async () => {
      const { serverAccountId, memberId } = await remove();
      await record([], event(memberId, 'deleted'));
      expect(await store.leftKeys(serverAccountId)).toBeUndefined();
      const other = await insertOnServer(world);
      await record([], event(other.memberId, 'deleted'));
      await store.beginRemoval(removal(other.account.id));
      await store.recordGone(gone(other.serverAccountId));
      expect(await store.leftKeys(other.serverAccountId)).toBeUndefined();
      expect(await actions()).toEqual(['server_account.keys_deleted']);
    });

    it('may be left when another one was created, but not with the account itself', async () => {
      const { serverAccountId, memberId } = await remove();
      await record([], event(memberId, 'created', { isOwn: true }));
      await record([], event(memberId, 'created'));
      await record([], event(memberId, 'deleted'));
      expect(await store.leftKeys(serverAccountId)).toBeDefined();
      // Another organization's log says nothing about it.
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      await globex.startAuditLog(NOW_MS);
      const foreign = await remove();
      await globex.recordLogPage({
        page: { changes: [], newestAtMs: NOW_MS, ...event(foreign.memberId, 'deleted') },
        position: POSITION,
        nowMs: NOW_MS,
        eventOf,
      });
      expect(await store.leftKeys(foreign.serverAccountId)).toBeDefined();
      const only = await remove();
      await record([], event(only.memberId, 'created', { isOwn: true }));
      await record([], event(only.memberId, 'deleted'));
      expect(await store.leftKeys(only.serverAccountId)).toBeUndefined();
    });

    it('may be left by an account that was created while days of the log weren’t read', async () => {
      const { serverAccountId, memberId } = await remove();
      const laterMs = NOW_MS + 60 * DAY_MS;
      const empty = { changes: [], keyEvents: [], newestAtMs: undefined };
      // The last 30 days are read.
      await store.recordLogPage({ page: empty, position: { day: '2026-02-14' }, nowMs: laterMs, eventOf });
      const deleted = event(memberId, 'deleted', { atMs: laterMs });
      await store.recordLogPage({
        page: { ...empty, ...deleted },
        position: { day: '2026-02-15' },
        nowMs: laterMs,
        eventOf,
      });
      expect(await store.leftKeys(serverAccountId)).toBeDefined();
    });

    it('may be left when someone created another one before Keysmith had stored its own', async () => {
      const begun = await begin(world);
      const { id: serverAccountId } = begun.server;
      const { memberId } = identity(serverAccountId);
      await store.recordServerIdentity(identity(serverAccountId, memberId));
      await record([], event(memberId, 'created'));
      await store.completeCreation(completion(serverAccountId));
      await store.beginRemoval(removal(begun.account.id));
      await store.recordGone(gone(serverAccountId));
      await record([], event(memberId, 'deleted'));
      expect(await store.leftKeys(serverAccountId)).toBeDefined();
    });

    it('cause one message per admin and reminder, however often its job runs', async () => {
      const { serverAccountId, account } = await remove();
      const message = { message: 'keys_to_delete', accountId: account.id, serverAccountId } as const;
      const send = (round: number) =>
        store.sendReminder({
          jobId: 'job_1',
          round,
          message,
          to: [{ email: 'ada@acme.test' }],
          nowMs: NOW_MS,
        });
      const claim = async () => {
        const claims = {
          kind: 'notification',
          nowMs: NOW_MS,
          limit: 9,
          except: [],
          longestDelayMs: undefined,
        } as const;
        const claimed = await store.claimJobs(claims);
        for (const job of claimed) await store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
        return claimed.filter(({ payload }) => payload.message === 'keys_to_delete').length;
      };
      await send(1);
      await send(1);
      expect(await claim()).toBe(1);
      await send(1);
      expect(await claim()).toBe(0);
      await send(2);
      expect(await claim()).toBe(1);
    });
  });

  describe('the adoption of an account', () => {
    const adoption = (account = keyAccount(world.organizationId, world.mlPlatform).account) => ({
      account,
      submissionId: draw('sub'),
      server: { id: draw('srv'), name: 'Ingest Images', memberId: draw('member'), clientId: undefined },
      reviewAtMs: NOW_MS + 30 * DAY_MS,
      nowMs: NOW_MS,
      auditEvent: auditEvent('service_account.adopted'),
    });

    it('writes the account, what it is on the server, its event and its review', async () => {
      const adopted = adoption();
      expect(await store.adoptAccount(adopted)).toEqual({ ok: true });
      expect(await store.serverAccount(adopted.server.id)).toMatchObject({
        ...adopted.server,
        tag: undefined,
        desired: 'present',
        account: { id: adopted.account.id, state: 'active' },
      });
      expect(await store.keysOfAccount(adopted.account.id)).toEqual([]);
      expect(await actions()).toEqual(['service_account.adopted']);
      const review = { message: 'review_due', accountId: adopted.account.id };
      expect(await reminders(NOW_MS + 30 * DAY_MS - 1)).toEqual([]);
      expect(await reminders(NOW_MS + 30 * DAY_MS)).toEqual([review]);
    });

    it('happens once per form and account, and needs a free name and identity', async () => {
      const adopted = adoption();
      await store.adoptAccount(adopted);
      const refused = async (again: typeof adopted) =>
        (await store.adoptAccount(again)) as { reason?: string };
      expect(await refused({ ...adoption(), submissionId: adopted.submissionId })).toMatchObject({
        reason: 'already_submitted',
      });
      expect(await refused({ ...adoption(), server: adopted.server })).toEqual({
        ok: false,
        reason: 'already_managed',
      });
      const { name } = adopted.account;
      expect(await refused(adoption({ ...adoption().account, name }))).toEqual({
        ok: false,
        reason: 'name_taken',
      });
      const federated = () => federatedAccount(world.organizationId, world.mlPlatform, 'subject').account;
      expect(await store.adoptAccount(adoption(federated()))).toEqual({ ok: true });
      expect(await refused(adoption(federated()))).toEqual({ ok: false, reason: 'subject_taken' });
      expect(await actions()).toEqual(Array(2).fill('service_account.adopted'));
    });
  });
}
