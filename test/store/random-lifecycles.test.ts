import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canBecome, hasEnded, type LifecycleState } from '../../src/domain/accounts/lifecycle.ts';
import type { ServiceAccount } from '../../src/domain/accounts/service-account.ts';
import { isLongForm } from '../long-form.ts';
import {
  abandonment,
  begin,
  completion,
  creation,
  gone,
  identity,
  JOB,
  newServer,
  recreation,
  removal,
} from './contract/server-accounts/server-account-world.ts';
import { auditEvent, DAY_MS, NOW_MS, settlement } from './contract/world.ts';
import { quickFolder } from './database/migrated-database.ts';
import { openSharedSqliteWorld, type SqliteWorld } from './database/temporary-database.ts';

/** What the model knows of one attempt to have the account on the server. */
interface Attempt {
  id: string;
  isWanted: boolean;
  mayBeThere: boolean;
  /** Its process hasn't learnt the outcome. */
  isOpen: boolean;
  collectionId: string | undefined;
}

interface Model {
  account: ServiceAccount;
  state: LifecycleState;
  attempts: Attempt[];
  delivery: { id: string; collectionId: string | undefined } | undefined;
  /** The collection that can be collected. */
  collectionId: string | undefined;
}

const present = ({ attempts }: Model) => attempts.find(({ isWanted }) => isWanted);
const mayCollect = (model: Model, collectionId: string | undefined) =>
  model.state === 'active' ? collectionId : undefined;

/** The calls that processes make in any order, also long after they were lost. Each changes the model as the store should change. */
const CALLS: Record<string, (world: SqliteWorld, model: Model, pick: number) => Promise<void>> = {
  async complete({ store }, model, pick) {
    const attempt = model.attempts[pick % model.attempts.length];
    // A process that has completed or given up its attempt is done with it.
    if (attempt === undefined || (attempt.isWanted && !attempt.isOpen)) return;
    const { id, collectionId } = attempt;
    const hasKey = pick % 3 !== 0;
    const completed = completion(id, { collectionId });
    const result = await store.completeCreation(hasKey ? completed : { ...completed, key: undefined });
    expect(result).toBe(attempt.isWanted ? 'completed' : 'abandoned');
    if (!attempt.isWanted) return;
    attempt.isOpen = false;
    model.state = 'active';
    if (hasKey) model.delivery = { id: completed.key.delivery.id, collectionId };
  },
  async abandon({ store }, model, pick) {
    const attempt = model.attempts[pick % model.attempts.length];
    if (attempt === undefined) return;
    const isCertain = pick % 2 === 0;
    const opens = pick % 3 !== 0 && attempt.collectionId === undefined;
    const given = abandonment(attempt.id, { isCertain, collectionId: attempt.collectionId });
    const { newCollection, ...others } = given;
    const result = await store.abandonCreation({
      ...others,
      newCollection: opens ? newCollection : undefined,
    });
    const isGivenUp = attempt.isWanted && attempt.isOpen;
    expect(result.abandoned).toBe(isGivenUp);
    if (!isGivenUp) return;
    Object.assign(attempt, { isWanted: false, isOpen: false, mayBeThere: !isCertain });
    if (model.state === 'provisioning') model.state = opens ? 'active' : 'failed';
    model.collectionId = mayCollect(model, attempt.collectionId ?? (opens ? newCollection?.id : undefined));
    expect(result.collection?.id).toBe(model.collectionId);
  },
  async renew({ store }, model) {
    const attempt = present(model);
    if (attempt === undefined || !attempt.isOpen) return;
    const server = newServer(model.account, attempt.collectionId ?? null);
    expect(await store.renewTag({ serverAccountId: attempt.id, server, nowMs: NOW_MS })).toBe(true);
    Object.assign(attempt, { isWanted: false, isOpen: false });
    model.attempts.push({ ...attempt, id: server.id, isWanted: true, isOpen: true });
  },
  async identify({ store }, model, pick) {
    const attempt = model.attempts[pick % model.attempts.length];
    if (attempt === undefined) return;
    const recorded = await store.recordServerIdentity(identity(attempt.id));
    expect(recorded).toBe(attempt.isWanted ? 'recorded' : 'abandoned');
    attempt.mayBeThere = true;
    // As the process does that learns of it late.
    if (recorded === 'abandoned')
      await store.scheduleServerAccount({ serverAccountId: attempt.id, ...JOB }, NOW_MS);
  },
  async settle({ store }, model, pick) {
    if (model.delivery === undefined) return;
    const outcome = pick % 2 === 0 ? 'accepted' : 'unknown';
    const settled = settlement(model.delivery.id, outcome);
    const result = await store.settleDelivery(settled);
    expect(result).toMatchObject({ settled: true, state: model.state });
    if (outcome === 'unknown') {
      const attempt = present(model);
      if (attempt !== undefined) Object.assign(attempt, { isWanted: false, isOpen: false });
      model.collectionId = mayCollect(model, model.delivery.collectionId ?? settled.newCollection.id);
      expect('collection' in result && result.collection?.id).toBe(model.collectionId);
    }
    model.delivery = undefined;
  },
  async collect({ store }, model) {
    if (model.collectionId === undefined) return;
    const again = recreation(model.account, model.collectionId);
    const result = await store.beginRecreation(again);
    expect(result.ok).toBe(model.state === 'active');
    if (!result.ok) return;
    const attempt = { id: again.server.id, isWanted: true, isOpen: true, mayBeThere: true };
    model.attempts.push({ ...attempt, collectionId: model.collectionId });
    model.collectionId = undefined;
  },
  async expire({ store }, model, pick) {
    const id = model.collectionId;
    if (id === undefined) return;
    const atMs = NOW_MS + (pick % 2 === 0 ? DAY_MS : 0);
    expect(await store.expireCollection(id, atMs)).toBe(pick % 2 === 0 ? undefined : NOW_MS + DAY_MS);
    if (pick % 2 === 0) model.collectionId = undefined;
  },
  async remove({ store }, model) {
    const { kind } = await store.beginRemoval(removal(model.account.id));
    const { state } = model;
    if (state === 'provisioning' || state === 'failed') return expect(kind).toBe('not_found');
    if (state === 'revoked') return expect(kind).toBe('already_revoked');
    const left = model.attempts.filter(({ mayBeThere }) => mayBeThere);
    expect(kind).toBe(left.length > 0 ? 'begun' : 'revoked');
    for (const attempt of left) Object.assign(attempt, { isWanted: false, isOpen: false });
    model.state = left.length > 0 ? 'revoking' : 'revoked';
    model.collectionId = undefined;
  },
  async recordGone({ store }, model, pick) {
    const attempt = model.attempts[pick % model.attempts.length];
    if (attempt === undefined) return;
    const result = await store.recordGone(gone(attempt.id, { isFinal: pick % 2 === 0 }));
    if (!attempt.isWanted) attempt.mayBeThere = false;
    const isOver = model.state === 'revoking' && model.attempts.every(({ mayBeThere }) => !mayBeThere);
    expect(result).toBe(isOver ? 'revoked' : 'recorded');
    if (isOver) model.state = 'revoked';
  },
  async recordProblem({ store }, model, pick) {
    const attempt = model.attempts[pick % model.attempts.length];
    if (attempt === undefined) return;
    await store.recordProblem({
      serverAccountId: attempt.id,
      problem: 'stalled',
      notifications: [],
      nowMs: NOW_MS,
      auditEvent: auditEvent('service_account.reconciliation_stalled'),
    });
  },
};

describe('An account on a W&B server', () => {
  const folder = mkdtempSync(join(quickFolder(), 'keysmith-lifecycles-'));
  let world: SqliteWorld;
  beforeAll(async () => {
    world = await openSharedSqliteWorld(join(folder, 'keysmith.db'));
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  const rows = (sql: string, id: string) =>
    world.client.prepare<[string], Record<string, unknown>>(sql).all(id);
  const read = (accountId: string) => {
    const [account] = rows('SELECT state, revoked_at_ms FROM service_accounts WHERE id = ?', accountId);
    const job = (kind: string, id: string) =>
      `EXISTS (SELECT 1 FROM jobs j WHERE j.kind = '${kind}' AND j.subject = ${id} AND j.finished_at_ms IS NULL) AS hasJob`;
    return {
      state: account?.state as LifecycleState,
      hasEnd: account?.revoked_at_ms !== null,
      servers: rows(
        `SELECT id, desired, gone_at_ms IS NULL AS mayBeThere, ${job('server_account', 'server_accounts.id')} FROM server_accounts WHERE account_id = ? ORDER BY rowid`,
        accountId,
      ),
      deliveries: rows(
        `SELECT d.id, ${job('delivery', 'd.id')} FROM deliveries d JOIN api_keys k ON k.key_id = d.key_id WHERE k.account_id = ? AND d.state = 'sending'`,
        accountId,
      ),
      collections: rows(
        `SELECT id, state, ${job('collection', 'collections.id')} FROM collections WHERE account_id = ? AND state IN ('open', 'collecting')`,
        accountId,
      ),
      activeKeys: rows(
        'SELECT key_id FROM api_keys WHERE account_id = ? AND revoked_at_ms IS NULL',
        accountId,
      ),
    };
  };

  /** Nothing waits for something that never happens, and nobody holds a key of an account that has ended. */
  function expectNothingStuck(model: Model, seen: ReturnType<typeof read>): void {
    const isWaiting = (server: Record<string, unknown>) => server.mayBeThere === 1 && server.hasJob === 1;
    const open = seen.servers.filter((server) => server.desired === 'present' && server.hasJob === 1);
    if (model.state === 'provisioning') expect(open).toHaveLength(1);
    if (model.state === 'revoking') expect(seen.servers.some(isWaiting)).toBe(true);
    for (const server of seen.servers) {
      if (server.desired === 'absent' && server.mayBeThere === 1) expect(server.hasJob).toBe(1);
    }
    for (const { hasJob } of [...seen.deliveries, ...seen.collections]) expect(hasJob).toBe(1);
    if (seen.collections.some(({ state }) => state === 'collecting')) {
      expect(open.length + seen.deliveries.length).toBeGreaterThan(0);
    }
    if (hasEnded(model.state) || model.state === 'revoking') expect(seen.activeKeys).toEqual([]);
  }

  it('only makes transitions of its lifecycle and is never stuck, whatever processes do in any order', async () => {
    const call = fc.tuple(fc.constantFrom(...Object.keys(CALLS)), fc.nat(29));
    const states = new Set<LifecycleState>();
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(call, { minLength: 4, maxLength: 14 }),
        async (isFederated, calls) => {
          const begun = await begin(world, creation(world, isFederated ? { method: 'federated' } : {}));
          const { account } = begun;
          const first = { isWanted: true, isOpen: true, mayBeThere: true, collectionId: undefined };
          const model: Model = {
            account,
            state: 'provisioning',
            attempts: [{ id: begun.server.id, ...first }],
            delivery: undefined,
            collectionId: undefined,
          };
          let previous: LifecycleState = 'provisioning';
          for (const [name, pick] of calls) {
            await CALLS[name]?.(world, model, pick);
            const seen = read(account.id);
            expect(seen.state).toBe(model.state);
            expect(previous === model.state || canBecome(previous, model.state)).toBe(true);
            expect(seen.hasEnd).toBe(hasEnded(model.state));
            expect(seen.servers.map(({ id, desired, mayBeThere }) => [id, desired, mayBeThere])).toEqual(
              model.attempts.map(({ id, isWanted, mayBeThere }) => [
                id,
                isWanted ? 'present' : 'absent',
                mayBeThere ? 1 : 0,
              ]),
            );
            expect(seen.deliveries.map(({ id }) => id)).toEqual(model.delivery ? [model.delivery.id] : []);
            const open = seen.collections.filter(({ state }) => state === 'open').map(({ id }) => id);
            expect(open).toEqual(model.collectionId === undefined ? [] : [model.collectionId]);
            expectNothingStuck(model, seen);
            previous = model.state;
            states.add(previous);
          }
        },
      ),
      { numRuns: isLongForm ? 1_000 : 60 },
    );
    expect([...states].toSorted()).toEqual(['active', 'failed', 'provisioning', 'revoked', 'revoking']);
  });
});
