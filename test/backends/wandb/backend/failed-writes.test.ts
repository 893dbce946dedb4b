import { describe, expect, it } from 'vitest';
import { type Store, StoreUnavailableError } from '../../../../src/application/ports/store.ts';
import { expectBothSidesAgree, expectNoSecretKept, settleAll } from './both-sides.ts';
import {
  collect,
  create,
  createdAccount,
  createFederated,
  messages,
  openWandbWorld,
  type Replica,
  revoke,
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
      'recordKeysNotShown',
      'completeCreation',
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
    name: 'the server refuses to create an account',
    methods: ['abandonCreation'],
    prepare: async ({ wandb }, replica) => {
      wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
      return () => create(replica);
    },
  },
  {
    name: 'the server may have created an account',
    methods: ['abandonCreation'],
    prepare: async ({ wandb }, replica) => {
      wandb.failures.set('createServiceAccount', { kind: 'reset' }, { times: 1 });
      return () => create(replica);
    },
  },
  {
    name: 'the server may have created a federated account',
    methods: ['scheduleServerAccount'],
    prepare: async ({ wandb }, replica) => {
      wandb.failures.set('createClient', { kind: 'reset' }, { times: 1 });
      return () => createFederated(replica);
    },
  },
  {
    name: 'Keysmith revokes a key that was not delivered',
    methods: ['settleDelivery'],
    prepare: async (_, replica) => {
      replica.attempts.push({ outcome: 'rejected', cause: 'test' });
      return () => create(replica);
    },
  },
  {
    name: 'a person collects a key',
    methods: ['beginRecreation', 'recordServerIdentity', 'completeCreation', 'settleDelivery'],
    prepare: async (world, replica) => {
      replica.attempts.push({ outcome: 'rejected', cause: 'test' });
      await create(replica);
      await replica.runJobs();
      const offered = { ...world, notified: world.notified.splice(0) };
      return () => collect(offered, replica);
    },
  },
  {
    name: 'a person revokes an account',
    methods: ['beginRemoval', 'recordGone'],
    prepare: async (_, replica) => {
      const { id } = createdAccount(await create(replica));
      return () => revoke(replica, id);
    },
  },
];

/** Writes after or before a call to the server: for these it matters whether the database committed. */
const ADVANCING_WRITES: Method[] = [
  'beginCreation',
  'beginRecreation',
  'recordServerIdentity',
  'completeCreation',
  'abandonCreation',
  'beginRemoval',
  'recordGone',
];

const CASES = ACTIVITIES.flatMap((activity) =>
  activity.methods.flatMap((method) => {
    const faults: Fault[] = ADVANCING_WRITES.includes(method) ? ['refused', 'lost'] : ['refused'];
    return faults.map((fault) => ({ ...activity, method, fault }));
  }),
);

/** Results whose text says that a direct message will follow; all others report the outcome themselves. */
const isPending = ({ kind, ...result }: { kind: string; key?: { kind: string } }) =>
  kind === 'outcome_unknown' || kind === 'pending' || result.key?.kind === 'unsettled';

describe.each(CASES)('a write ($method) that is $fault while $name', (activity) => {
  it('leaves both sides in agreement, no key without an owner and no person without an outcome', async () => {
    const world = await openWandbWorld();
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
    if (isPending(result)) expect(messages(world)).toHaveLength(1);
    else expect(messages(world).length).toBeLessThanOrEqual(1);
  });
});

describe('a database failure while a job brings an account to its desired state', () => {
  it.each(['abandonCreation', 'recordGone', 'claimJobs', 'repeatJob'] as const)(
    'is retried when %s fails',
    async (method) => {
      const world = await openWandbWorld();
      const store = failingStore();
      const replica = await world.replica({ over: store.over });
      world.wandb.failures.set('createServiceAccount', { kind: 'reset', afterEffect: true }, { times: 1 });
      store.arm('recordServerIdentity', 'refused');
      expect(await create(replica)).toMatchObject({ kind: 'outcome_unknown' });
      store.arm(method, 'refused');
      replica.clock.nowMs += 3 * 60_000;
      await replica.runJobs().catch(() => undefined);
      expect(store.hasFailed()).toBe(true);
      await settleAll(replica);
      expectBothSidesAgree(world, replica);
      expect(messages(world)).toEqual(['key_collectable']);
    },
  );
});
