import { expect, test } from 'vitest';
import { createTeamKeys } from '../../../src/application/gateway/team-keys.ts';
import type {
  FederatedCredentials,
  UpstreamCredential,
  UpstreamCredentialResult,
} from '../../../src/application/gateway/upstream-credential.ts';
import { createUpstreamCredentials } from '../../../src/application/gateway/upstream-credentials.ts';
import { type Store, StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { createSealer, deriveKey } from '../../../src/domain/keys/sealed.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { collectLog } from '../../api/test-server.ts';
import { claimOf } from '../../store/contract/jobs.ts';
import { cy, DESIRED, draw, NOW_MS, withoutTeam } from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const TEAM = 'ml-platform';
const KEY = 'a'.repeat(40);
const OTHER_KEY = 'b'.repeat(40);
const SECOND = 1000;
const OPERATOR = { type: 'system', name: 'command-line' } as const;

const sealerOf = (byte: number) =>
  createSealer(deriveKey(new Uint8Array(32).fill(byte), 'upstream-credential'), 'upstream-credential-1');

const basic = (key: string) => `Basic ${Buffer.from(`api:${key}`).toString('base64')}`;

/** A store with upstream credentials, and W&B's answers to the questions about a credential. */
async function openGateway({ federated }: { federated?: FederatedCredentials } = {}) {
  const world = await openSqliteWorld();
  const clock = { ms: 0 };
  const probed: string[] = [];
  const wandb: { outcome: 'accepted' | 'rejected' | 'unknown' } = { outcome: 'rejected' };
  const reads = { count: 0 };
  const sealer = sealerOf(1);
  const { logger, lines } = collectLog();
  const start = (changes: Partial<Store> = {}) =>
    createUpstreamCredentials({
      store: {
        ...world.store,
        upstreamState: () => {
          reads.count += 1;
          return world.store.upstreamState();
        },
        ...changes,
      },
      sealer,
      federated,
      probe: async (authorization) => {
        probed.push(authorization.reveal());
        return wandb.outcome;
      },
      now: () => NOW_MS + clock.ms,
      monotonicMs: () => clock.ms,
      logger,
    });
  const teamKeys = createTeamKeys({
    store: world.store,
    sealer,
    newId: draw,
    now: () => NOW_MS,
    actor: OPERATOR,
  });
  const add = (key = KEY, teamName = TEAM, isWider = false) =>
    teamKeys.add(teamName, { key: new Secret(key), owner: 'svc-upstream', isWider });
  const audited = async () => (await world.store.auditRecords()).map(({ action }) => action);
  return { ...world, clock, probed, wandb, reads, start, teamKeys, add, audited, lines };
}

const authorizationOf = (result: UpstreamCredentialResult) =>
  result.ok ? result.credential.authorization.reveal() : result.reason;

async function credentialOf(of: Promise<UpstreamCredentialResult>): Promise<UpstreamCredential> {
  const result = await of;
  if (!result.ok) throw new Error(result.reason);
  return result.credential;
}

test('A stored key is used as the SDK sends it, and is in the database, the audit record and the log only sealed', async () => {
  const world = await openGateway();
  expect(await world.add()).toBe('added');
  await world.add(OTHER_KEY, 'vision', true);
  const credentials = world.start();

  const result = await credentials.of(TEAM);

  expect(result).toMatchObject({
    ok: true,
    credential: { teamName: TEAM, kind: 'team_key', isWider: false },
  });
  expect(authorizationOf(result)).toBe(basic(KEY));
  expect(await credentials.of('vision')).toMatchObject({ ok: true, credential: { isWider: true } });
  expect(JSON.stringify(result)).not.toContain(basic(KEY));
  const rows = world.client.prepare('SELECT * FROM upstream_credentials').all();
  const written = JSON.stringify([rows, await world.store.auditRecords(), world.lines]);
  for (const secret of [KEY, OTHER_KEY, basic(KEY)]) expect(written).not.toContain(secret);
  expect(written).toContain('"upstream_credential:ml-platform"');
});

test('A team without a key has none, also when it is archived', async () => {
  const world = await openGateway();
  await world.add();
  await world.store.applyOrganization(withoutTeam(TEAM), NOW_MS);
  const credentials = world.start();

  expect(await credentials.of('vision')).toEqual({ ok: false, reason: 'none' });
  expect(await credentials.of(TEAM)).toEqual({ ok: false, reason: 'none' });
  await world.store.applyOrganization(DESIRED, NOW_MS);
  world.clock.ms += 5 * SECOND;
  expect(authorizationOf(await credentials.of(TEAM))).toBe(basic(KEY));
});

test('An added, replaced or removed key applies within five seconds, and hundreds of requests read the table once', async () => {
  const world = await openGateway();
  const credentials = world.start();
  const current = async () => authorizationOf(await credentials.of(TEAM));
  expect(await current()).toBe('none');

  for (const [change, expected] of [
    [() => world.add(KEY), basic(KEY)],
    [() => world.add(OTHER_KEY), basic(OTHER_KEY)],
    [() => world.teamKeys.remove(TEAM), 'none'],
  ] as const) {
    await change();
    world.clock.ms += 5 * SECOND - 1;
    world.reads.count = 0;
    const seen = await Promise.all(Array.from({ length: 300 }, current));
    expect(new Set(seen)).toEqual(new Set([expected]));
    expect(world.reads.count).toBe(1);
  }
  // Nothing has changed since.
  world.clock.ms += 60 * SECOND;
  await current();
  expect(world.reads.count).toBe(1);
});

test('A key is opened once, until it is replaced', async () => {
  const world = await openGateway();
  await world.add();
  const opened: string[] = [];
  const credentials = world.start({
    sealedTeamKey: (id) => {
      opened.push(id);
      return world.store.sealedTeamKey(id);
    },
  });
  for (let read = 0; read < 3; read += 1) {
    await Promise.all([credentials.of(TEAM), credentials.of(TEAM)]);
    world.clock.ms += 5 * SECOND;
  }
  expect(opened).toHaveLength(1);
  await world.add(OTHER_KEY);
  await credentials.of(TEAM);
  expect(opened).toHaveLength(2);
});

test('A key that is replaced between the two reads of a request is the new one for it', async () => {
  const world = await openGateway();
  await world.add();
  const credentials = world.start();
  await credentials.of('vision');
  await world.add(OTHER_KEY);
  expect(authorizationOf(await credentials.of(TEAM))).toBe(basic(OTHER_KEY));
});

test('Without a readable database there is no credential, and the next request tries again', async () => {
  const world = await openGateway();
  await world.add();
  let isReadable = true;
  const readable =
    <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      if (!isReadable) throw new StoreUnavailableError('unreadable', { cause: undefined });
      return method(...args);
    };
  const credentials = world.start({
    upstreamState: readable(world.store.upstreamState),
    sealedTeamKey: readable(world.store.sealedTeamKey),
  });
  await credentials.of('vision');
  isReadable = false;
  await expect(credentials.of(TEAM)).rejects.toThrow(StoreUnavailableError);
  world.clock.ms += 5 * SECOND;
  await expect(credentials.of(TEAM)).rejects.toThrow(StoreUnavailableError);
  isReadable = true;
  expect(authorizationOf(await credentials.of(TEAM))).toBe(basic(KEY));
});

test('A key that was sealed with another secret, or moved from another team, isn’t used, and the log says so', async () => {
  const world = await openGateway();
  await world.add(KEY, 'vision');
  await world.add(OTHER_KEY, TEAM);
  world.client.exec(`UPDATE upstream_credentials SET sealed =
    (SELECT sealed FROM upstream_credentials JOIN teams ON teams.id = team_id WHERE name = 'vision')`);
  const credentials = world.start();

  expect(await credentials.of(TEAM)).toMatchObject({ ok: false, reason: 'unavailable' });
  await credentials.of(TEAM);
  expect(authorizationOf(await credentials.of('vision'))).toBe(basic(KEY));
  const [stored] = (await world.store.upstreamState()).teamKeys;
  const opened = createTeamKeys({
    ...world,
    sealer: sealerOf(2),
    newId: draw,
    now: () => 0,
    actor: OPERATOR,
  });
  expect(await opened.open(stored as NonNullable<typeof stored>)).toEqual({
    ok: false,
    reason: 'unreadable',
  });
  expect(world.lines.filter(({ msg }) => msg === 'stored W&B key unreadable')).toHaveLength(1);
  await credentials.settled();
  expect(await world.store.claimJobs(claimOf())).toMatchObject([
    { payload: { message: 'upstream_rejected', teamName: TEAM, to: { email: cy.email } } },
  ]);
  world.clock.ms += 60 * SECOND;
  await world.start().of(TEAM);
  expect((await world.store.upstreamState()).rejections).toMatchObject([{ teamName: TEAM }]);
  await world.add(KEY, TEAM);
  expect((await world.store.upstreamState()).rejections).toEqual([]);
});

test('A key that W&B rejects is reported once, for all processes and restarts, until W&B accepts it again', async () => {
  const world = await openGateway();
  await world.add();
  const replicas = [world.start(), world.start()];
  const rejectAll = async () => {
    for (const replica of replicas) {
      const credential = await credentialOf(replica.of(TEAM));
      const renewed = await Promise.all([replica.renew(credential), replica.renew(credential)]);
      expect(renewed[0]).toEqual({ ok: false, reason: 'rejected', retryAfterSeconds: 30 });
      await replica.settled();
    }
  };
  const notified = async () => {
    const jobs = await world.store.claimJobs(claimOf({ nowMs: NOW_MS + world.clock.ms }));
    for (const job of jobs) await world.store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
    return jobs.map(({ payload }) => payload);
  };

  await rejectAll();
  world.clock.ms += 60 * SECOND;
  replicas.push(world.start());
  await rejectAll();
  expect(await notified()).toEqual([
    {
      message: 'upstream_rejected',
      teamName: TEAM,
      kind: 'team_key',
      to: { email: cy.email },
      requestId: null,
    },
  ]);
  expect(world.probed.length).toBeLessThanOrEqual(2);

  world.wandb.outcome = 'accepted';
  world.clock.ms += 60 * SECOND;
  for (const replica of replicas) {
    replica.accepted(await credentialOf(replica.of(TEAM)));
    await replica.settled();
  }
  expect((await world.store.upstreamState()).rejections).toEqual([]);
  world.wandb.outcome = 'rejected';
  world.clock.ms += 600 * SECOND;
  await rejectAll();
  expect(await notified()).toHaveLength(1);
  expect((await world.audited()).filter((action) => action.startsWith('upstream_credential.r'))).toEqual([
    'upstream_credential.rejected',
    'upstream_credential.recovered',
    'upstream_credential.rejected',
  ]);
});

test('A 401 of a single path, or a server that can’t be asked, reports nothing, and is asked about rarely', async () => {
  const world = await openGateway();
  await world.add();
  const credentials = world.start();
  for (const outcome of ['accepted', 'unknown'] as const) {
    world.wandb.outcome = outcome;
    world.probed.length = 0;
    world.clock.ms += 60 * SECOND;
    const credential = await credentialOf(credentials.of(TEAM));
    for (let request = 0; request < 50; request += 1) {
      expect(await credentials.renew(credential)).toMatchObject({ reason: 'rejected' });
      credentials.accepted(credential);
    }
    await credentials.settled();
    expect(world.probed).toEqual([basic(KEY)]);
  }
  expect((await world.store.upstreamState()).rejections).toEqual([]);
});

test('After a 401, a key that was replaced meanwhile is tried at once, and a removed one is none', async () => {
  const world = await openGateway();
  await world.add();
  const credentials = world.start();
  const rejected = await credentialOf(credentials.of(TEAM));
  await world.add(OTHER_KEY);
  expect(authorizationOf(await credentials.renew(rejected))).toBe(basic(OTHER_KEY));
  await world.teamKeys.remove(TEAM);
  expect(await credentials.renew(rejected)).toEqual({ ok: false, reason: 'none' });
  expect(world.probed).toEqual([]);
});

test('Federation serves teams without a key, and a refused exchange is reported once', async () => {
  const token = (value: string): UpstreamCredentialResult => ({
    ok: true,
    credential: {
      teamName: 'vision',
      kind: 'access_token',
      authorization: new Secret(`Bearer ${value}`),
      isWider: false,
    },
  });
  const rejected: UpstreamCredentialResult = { ok: false, reason: 'rejected', retryAfterSeconds: 20 };
  const answers = { of: token('first'), renew: token('second') };
  const federated: FederatedCredentials = {
    of: async () => answers.of,
    renew: async () => answers.renew,
  };
  const world = await openGateway({ federated });
  await world.add();
  const credentials = world.start();

  expect(authorizationOf(await credentials.of(TEAM))).toBe(basic(KEY));
  const first = await credentialOf(credentials.of('vision'));
  expect(first.authorization.reveal()).toBe('Bearer first');
  expect(authorizationOf(await credentials.renew(first))).toBe('Bearer second');
  expect(world.probed).toEqual([]);

  answers.of = rejected;
  for (let request = 0; request < 20; request += 1) expect(await credentials.of('vision')).toBe(rejected);
  await credentials.settled();
  const soon = claimOf({ nowMs: NOW_MS + 15 * SECOND });
  expect((await world.store.claimJobs(soon)).map(({ payload }) => payload)).toEqual([
    { message: 'upstream_rejected', kind: 'access_token', to: { email: cy.email }, requestId: null },
  ]);

  answers.of = token('third');
  world.clock.ms += 60 * SECOND;
  world.wandb.outcome = 'accepted';
  credentials.accepted(await credentialOf(credentials.of('vision')));
  await credentials.settled();
  expect((await world.store.upstreamState()).rejections).toEqual([]);

  answers.renew = rejected;
  world.wandb.outcome = 'rejected';
  world.clock.ms += 60 * SECOND;
  expect(await credentials.renew(first)).toBe(rejected);
  await credentials.settled();
  expect((await world.store.upstreamState()).rejections).toMatchObject([{ kind: 'access_token' }]);
});
