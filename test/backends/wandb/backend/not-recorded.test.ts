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
/** `lost`: the database has written, and its answer did not arrive. */
type Fault = 'refused' | 'lost';

/** Keysmith's own store, of which one method fails once when it is armed. */
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

interface Deed {
  name: string;
  methods: Method[];
  server?: { showsServiceAccountKeys: false };
  /** Comes before the fault. Answers what is then done with it. */
  prepare(world: WandbWorld, replica: Replica): Promise<() => Promise<{ kind: string }>>;
}

const DEEDS: Deed[] = [
  {
    name: 'an account with a key is made',
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
    name: 'an account with an external identity is made',
    methods: ['recordServerIdentity', 'completeCreation'],
    prepare: async (_, replica) => () => createFederated(replica),
  },
  {
    name: 'an account is taken back whose key is not shown',
    methods: ['recordKeysNotShown', 'abandonCreation', 'failCreation'],
    server: { showsServiceAccountKeys: false },
    prepare: async (_, replica) => () => create(replica),
  },
  {
    name: 'the server refuses to make an account',
    methods: ['failCreation'],
    prepare: async ({ wandb }, replica) => {
      wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 }, { times: 1 });
      return () => create(replica);
    },
  },
  {
    name: 'a key is cut off that did not arrive',
    methods: ['claimKeyRevocation', 'settleDelivery'],
    prepare: async (_, replica) => {
      replica.attempts.push({ outcome: 'rejected', cause: 'test' });
      return () => create(replica);
    },
  },
  {
    name: 'a key is collected',
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
    name: 'an account is revoked',
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

/** What ends an operation, or goes on with it: there it matters whether the database has written. */
const WRITES_THAT_COUNT: Method[] = [
  'beginCreation',
  'recordServerIdentity',
  'completeCreation',
  'abandonCreation',
  'failCreation',
  'claimKeyRevocation',
  'completeRemoval',
  'failRemoval',
];

const CASES = DEEDS.flatMap((deed) =>
  deed.methods.flatMap((method) => {
    const faults: Fault[] = WRITES_THAT_COUNT.includes(method) ? ['refused', 'lost'] : ['refused'];
    return faults.map((fault) => ({ ...deed, method, fault }));
  }),
);

/** The words of these say how it ended; of the others that a direct message will. */
const isOpen = ({ kind, ...result }: { kind: string; removed?: boolean; key?: { kind: string } }) =>
  kind === 'outcome_unknown' || result.removed === false || result.key?.kind === 'unsettled';

describe.each(CASES)('a database whose $method is $fault while $name', (deed) => {
  it('leaves both sides alike, no key that nobody holds, and nobody without an answer', async () => {
    const world = await openWandbWorld({ capabilities: deed.server ?? {} });
    const store = failingStore();
    const replica = await world.replica({ over: store.over });
    const work = await deed.prepare(world, replica);
    store.arm(deed.method, deed.fault);
    const result = await work().catch((error: unknown) => {
      expect(error).toBeInstanceOf(StoreUnavailableError);
      return { kind: 'thrown' };
    });
    expect(store.hasFailed()).toBe(true);
    await settleAll(replica);
    expectBothSidesAgree(world, replica);
    expectNoSecretKept(world, replica);
    const told = world.endings.length + world.offers.length;
    if (isOpen(result)) expect(told).toBe(1);
    else expect(told).toBeLessThanOrEqual(1);
  });
});

describe.each([
  ['an operation is settled', ['recordServerIdentity', 'undoCreation']],
  ['an operation is put off', ['postponeOperation', 'claimLapsedOperations']],
  ['it is told', ['claimCollectionNotifications', 'markCollectionNotified']],
] as const)('a database that fails while %s', (_, methods) => {
  it.each(methods)('(%s) is asked again', async (method) => {
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
