import { describe, expect, it } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { type Store, StoreUnavailableError } from '../../../../src/application/ports/store.ts';
import { expectBothSidesAgree, expectNoSecretKept, settleAll } from './both-sides.ts';
import {
  create,
  createFederated,
  openWandbWorld,
  type Replica,
  route,
  type WandbWorld,
} from './wandb-world.ts';

type Method = keyof Store;
/** `lost`: the database commits, but its response doesn't arrive. */
type Fault = 'refused' | 'lost';

/** Keysmith's store, with one method that fails once when armed. */
function failingStore() {
  let armed: { method: Method; fault: Fault } | undefined;
  let hasFailed = false;
  const over = (store: Store) =>
    new Proxy(store, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...values: unknown[]) => {
          if (armed?.method !== name) return Reflect.apply(value, target, values);
          const { fault } = armed;
          armed = undefined;
          hasFailed = true;
          if (fault === 'lost') await Reflect.apply(value, target, values);
          throw new StoreUnavailableError('full', { cause: undefined });
        };
      },
    });
  return {
    over,
    arm: (method: Method, fault: Fault) => {
      armed = { method, fault };
    },
    hasFailed: () => hasFailed,
  };
}

interface Activity {
  name: string;
  methods: Method[];
  server?: { showsServiceAccountKeys: false };
  /** Runs before the fault is armed. Returns the work to do under the fault. */
  prepare(world: WandbWorld, replica: Replica): Promise<() => Promise<{ kind: string }>>;
}

const ACTIVITIES: Activity[] = [
  {
    name: 'Keysmith creates an account with a key',
    methods: [
      'ensureTeam',
      'beginCreation',
      'recordServerIdentity',
      'completeCreation',
      'recordKeysNotShown',
      'settleDelivery',
    ],
    prepare: async (_, replica) => () => create(replica),
  },
  {
    name: 'Keysmith creates a federated account',
    methods: ['recordServerIdentity', 'completeCreation'],
    prepare: async (_, replica) => () => createFederated(replica),
  },
  {
    name: 'Keysmith removes an account whose key is not shown',
    methods: ['recordKeysNotShown', 'abandonCreation', 'failCreation'],
    server: { showsServiceAccountKeys: false },
    prepare: async (_, replica) => () => create(replica),
  },
  {
    name: 'the server refuses to create an account',
    methods: ['failCreation'],
    prepare: async ({ wandb }, replica) => {
      wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
      return () => create(replica);
    },
  },
  {
    name: 'Keysmith revokes a key that was not delivered',
    methods: ['claimKeyRevocation', 'settleDelivery'],
    prepare: async (_, replica) => {
      replica.attempts.push({ outcome: 'rejected', cause: 'test' });
      return () => create(replica);
    },
  },
  {
    name: 'a person collects a key',
    methods: ['beginRecreation', 'recordServerIdentity', 'completeCreation', 'settleDelivery'],
    prepare: async ({ offers }, replica) => {
      replica.attempts.push({ outcome: 'rejected', cause: 'test' });
      await create(replica);
      const collectionId = offers.splice(0)[0]?.collection.id ?? '';
      return () =>
        collectKey(replica.ports, { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' });
    },
  },
  {
    name: 'a person revokes an account',
    methods: ['beginRemoval', 'completeRemoval'],
    prepare: async (_, replica) => {
      const created = await create(replica);
      const accountId = created.kind === 'created' ? created.account.id : '';
      return () =>
        revokeServiceAccount(replica.ports, { slackUserId: 'U0ADA', accountId, requestId: 'req_2' });
    },
  },
  {
    name: 'the server refuses to revoke an account',
    methods: ['failRemoval'],
    prepare: async ({ wandb }, replica) => {
      const created = await create(replica);
      const accountId = created.kind === 'created' ? created.account.id : '';
      wandb.failures.set('deleteInvite', { kind: 'status', status: 403 }, { times: 1 });
      return () =>
        revokeServiceAccount(replica.ports, { slackUserId: 'U0ADA', accountId, requestId: 'req_2' });
    },
  },
];

/** Writes that advance an operation: for these it matters whether the database committed. */
const ADVANCING_WRITES: Method[] = [
  'beginCreation',
  'recordServerIdentity',
  'completeCreation',
  'abandonCreation',
  'failCreation',
  'claimKeyRevocation',
  'completeRemoval',
  'failRemoval',
];

const CASES = ACTIVITIES.flatMap((activity) =>
  activity.methods.flatMap((method) => {
    const faults: Fault[] = ADVANCING_WRITES.includes(method) ? ['refused', 'lost'] : ['refused'];
    return faults.map((fault) => ({ ...activity, method, fault }));
  }),
);

/** Results whose text says that a direct message will follow; all others report the outcome themselves. */
const isPending = ({ kind, ...result }: { kind: string; removed?: boolean; key?: { kind: string } }) =>
  kind === 'outcome_unknown' || result.removed === false || result.key?.kind === 'unsettled';

describe.each(CASES)('a write ($method) that is $fault while $name', (activity) => {
  it('leaves both sides in agreement, no key without an owner and no person without an outcome', async () => {
    const world = await openWandbWorld({ capabilities: activity.server ?? {} });
    const store = failingStore();
    const replica = await world.replica({ over: store.over });
    const work = await activity.prepare(world, replica);
    store.arm(activity.method, activity.fault);
    const result = await work().catch((error: unknown) => {
      expect(error).toBeInstanceOf(StoreUnavailableError);
      return { kind: 'thrown' };
    });
    expect(store.hasFailed()).toBe(true);
    await settleAll(replica);
    expectBothSidesAgree(world, replica);
    expectNoSecretKept(world, replica);
    const notices = world.endings.length + world.offers.length;
    if (isPending(result)) expect(notices).toBe(1);
    else expect(notices).toBeLessThanOrEqual(1);
  });
});

describe.each([
  ['Keysmith settles an operation', ['recordServerIdentity', 'undoCreation']],
  ['Keysmith postpones an operation', ['postponeOperation', 'claimLapsedOperations']],
  ['Keysmith notifies the person', ['claimCollectionNotifications', 'markCollectionNotified']],
] as const)('a database failure while %s', (_, methods) => {
  it.each(methods)('is retried when %s fails', async (method) => {
    const world = await openWandbWorld();
    const store = failingStore();
    const replica = await world.replica({ over: store.over });
    world.wandb.failures.set('createServiceAccount', { kind: 'reset', afterEffect: true }, { times: 1 });
    store.arm('recordServerIdentity', 'refused');
    expect(await create(replica)).toMatchObject({ kind: 'outcome_unknown' });
    if (method === 'postponeOperation')
      world.wandb.failures.set('deleteInvite', { kind: 'reset' }, { times: 1 });
    store.arm(method, 'refused');
    replica.clock.nowMs += 3 * 60_000;
    await replica.sweep().catch(() => undefined);
    await settleAll(replica);
    expectBothSidesAgree(world, replica);
    expect(world.offers.length).toBeGreaterThanOrEqual(1);
  });
});
