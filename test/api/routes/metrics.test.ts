import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMetrics } from '../../../src/api/routes/metrics.ts';
import type { QueueLengths } from '../../../src/application/ports/authority-store.ts';
import { signedHeaders } from '../../security/signed-request.ts';
import { send } from '../../send-request.ts';
import { ask } from '../../slack/ask.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';
import { basic } from '../../world/credential-world.ts';
import { startKeysmithWithCredentials } from '../../world/keysmith-with-credentials.ts';
import { createAccount, keyIn } from '../../world/new-account-form.ts';
import {
  type RunningWorkspace,
  startWorkspace,
  type WorkspaceOptions,
} from '../../world/running-workspace.ts';
import { listen } from '../test-server.ts';
import { scrape } from './metrics-scrape.ts';

async function start(options?: WorkspaceOptions): Promise<RunningWorkspace> {
  const workspace = await startWorkspace(options);
  onTestFinished(() => workspace.stop());
  return workspace;
}

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
const LENGTHS: QueueLengths = {
  deliveries: 1,
  collections: 2,
  operations: 3,
  serverAccountsNeedingAdmin: 6,
  jobs: 4,
  failingJobs: 5,
  jobsByKind: [
    { kind: 'notification', unfinished: 4, failing: 3 },
    { kind: 'of another version', unfinished: 7, failing: 7 },
  ],
};
const REQUESTS = 'keysmith_http_requests_total';
const OUTCOMES = ['keysmith_verifications_total', 'keysmith_exchanges_total', 'keysmith_deliveries_total'];

describe('The metrics', () => {
  test('have every outcome at 0 from the start, so that the first failure is an increase', async () => {
    const { keysmith } = await start();

    const { response, samples, labelValues, sampleValue } = await scrape(keysmith.url);

    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const name of OUTCOMES) {
      const of = samples.filter((sample) => sample.name === name);
      expect(new Set(of.map(({ value }) => value)), name).toEqual(new Set([0]));
    }
    expect(labelValues('keysmith_verifications_total', 'outcome')).toEqual(
      expect.arrayContaining([
        'ok',
        'malformed',
        'unknown_key',
        'wrong_secret',
        'key_revoked',
        'key_not_delivered',
        'team_archived',
      ]),
    );
    expect(labelValues('keysmith_exchanges_total', 'outcome')).toEqual(
      expect.arrayContaining(['ok', 'malformed', 'unknown_subject', 'keys_unavailable', 'used_before']),
    );
    expect(labelValues('keysmith_deliveries_total', 'outcome').sort()).toEqual([
      'accepted',
      'refused',
      'unknown',
    ]);
    expect(labelValues('keysmith_queue_length', 'queue').sort()).toEqual([
      'collections',
      'credential_uses',
      'deliveries',
      'failing_jobs',
      'jobs',
      'operations',
    ]);
    expect(sampleValue('keysmith_unfinished_jobs', { kind: 'notification' })).toBe(0);
    expect(sampleValue('keysmith_failing_jobs', { kind: 'notification' })).toBe(0);
    expect(sampleValue('keysmith_database_up')).toBe(1);
    expect(sampleValue('keysmith_build_info', { version })).toBe(1);
  });

  test('have no label value that a request can choose', async () => {
    const { workspace, url, key, token, routes, introspection } = await startKeysmithWithCredentials();
    onTestFinished(() => workspace.stop());
    const marks = ['zq"mark\\', "zq'} 1"];
    for (const mark of marks) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'PROPFIND', 'M-SEARCH']) {
        for (const path of [
          `/${encodeURIComponent(mark)}`,
          `/ext-authz/${encodeURIComponent(mark)}?team=zqmark`,
        ]) {
          await send(`${url}${path}`, {
            method,
            headers: {
              'user-agent': mark,
              authorization: basic(mark, mark),
              'x-forwarded-for': mark,
              origin: mark,
            },
          });
        }
      }
    }
    for (const { url: pattern } of routes) {
      for (const authorization of [`Bearer ${key}`, `Bearer ${token}`, introspection]) {
        const headers = { authorization, 'content-type': 'application/json' };
        await send(`${url}${pattern}?a=zqmark`, {
          headers,
          body: '{"project":"zqmark","query":"{ zqmark }"}',
        });
      }
    }
    await send(`${url}/%zz`, { method: 'GET' });

    const { text, samples, labelValues } = await scrape(url);

    const known: Record<string, readonly string[]> = {
      method: ['GET', 'HEAD', 'POST', 'other'],
      status: ['2xx', '3xx', '4xx', '5xx'],
      route: ['none', '/slack/events', ...routes.map((route) => route.url)],
      queue: ['deliveries', 'collections', 'operations', 'credential_uses', 'jobs', 'failing_jobs'],
      version: [version],
    };
    for (const { name, labels } of samples) {
      for (const [label, value] of Object.entries(labels)) {
        if (label === 'outcome' || label === 'kind') expect(value, name).toMatch(/^[a-z_]+$/);
        else if (label === 'le') expect(value, name).toMatch(/^([\d.]+|\+Inf)$/);
        else expect(known[label], `${name} ${label}`).toContain(value);
      }
    }
    expect(labelValues(REQUESTS, 'status')).not.toContain('5xx');
    // As many outcomes as at the start: requests added none.
    expect(labelValues('keysmith_verifications_total', 'outcome')).toHaveLength(14);
    expect(labelValues('keysmith_exchanges_total', 'outcome')).toHaveLength(24);
    expect(text).not.toMatch(/zq|nightly|ml-platform|acme|127\.0\.0\.1|keysmith_[0-9A-Za-z]{12}-|eyJ/);
    expect(text.length).toBeLessThan(100_000);
  });

  test('count requests at Slack’s path, whether Slack sent them or not', async () => {
    const workspace = await start();
    const { url } = workspace.keysmith;
    const slack = { route: '/slack/events', method: 'POST' };
    const count = async (labels: object) => (await scrape(url)).sampleValue(REQUESTS, { ...labels }) ?? 0;

    await ask(workspace.slack.as('Ada'), 'random', '/wandb help');
    const asked = await count({ ...slack, status: '2xx' });
    expect(asked).toBeGreaterThan(0);
    const body = 'ssl_check=1';
    const at = `${url}/slack/events?team=zq`;
    expect((await send(at, { headers: signedHeaders(body), body })).status).toBe(200);
    expect(await count({ ...slack, status: '2xx' })).toBe(asked + 1);
    await send(at, { headers: signedHeaders(body, { secret: 'wrong' }), body: 'command=/wandb' });
    expect(await count({ ...slack, status: '4xx' })).toBe(1);
    await send(at, { method: 'PROPFIND' });
    expect(await count({ route: '/slack/events', method: 'other' })).toBe(1);

    const { sampleValue } = await scrape(url);
    const took = sampleValue('keysmith_http_request_duration_seconds_count', { route: '/slack/events' });
    expect(took).toBe(asked + 3);
  });

  test('of two Keysmiths in one process are separate', async () => {
    const [one, other] = [await start(), await start()];
    const ada = one.slack.as('Ada');
    const key = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
    for (const { keysmith } of [one, other]) {
      await send(`${keysmith.url}/forward-auth`, {
        method: 'GET',
        headers: { authorization: `Bearer ${key}` },
      });
    }

    const [ofOne, ofOther] = [await scrape(one.keysmith.url), await scrape(other.keysmith.url)];

    const outcome = (of: typeof ofOne, name: string) =>
      of.sampleValue('keysmith_verifications_total', { outcome: name });
    expect([outcome(ofOne, 'ok'), outcome(ofOne, 'unknown_key')]).toEqual([1, 0]);
    expect([outcome(ofOther, 'ok'), outcome(ofOther, 'unknown_key')]).toEqual([0, 1]);
    const delivered = { outcome: 'accepted' };
    expect(ofOne.sampleValue('keysmith_deliveries_total', delivered)).toBe(1);
    expect(ofOther.sampleValue('keysmith_deliveries_total', delivered)).toBe(0);
    expect(ofOther.sampleValue('keysmith_queue_length', { queue: 'credential_uses' })).toBe(0);
  });
});

describe('The metrics and the database', () => {
  const expectDown = ({
    response,
    sampleValue,
    labelValues,
    samples,
  }: Awaited<ReturnType<typeof scrape>>) => {
    expect(response.status).toBe(200);
    expect(sampleValue('keysmith_database_up')).toBe(0);
    expect(labelValues('keysmith_queue_length', 'queue')).toEqual(['credential_uses']);
    expect(sampleValue('keysmith_server_accounts_needing_admin')).toBeUndefined();
    expect(labelValues('keysmith_unfinished_jobs', 'kind')).toEqual([]);
    expect(labelValues('keysmith_failing_jobs', 'kind')).toEqual([]);
    expect(samples.some(({ name }) => name === 'keysmith_verifications_total')).toBe(true);
  };

  test('show that the database is closed, and no queue lengths that can’t be read', async () => {
    const { store, client } = await openSqliteWorld();
    const readQueueLengths = async () => ({
      ...(await store.queueLengths()),
    });
    const metrics = createMetrics({ readQueueLengths, usesWaiting: () => 7, ofProcess: false });
    const url = await listen((server) => metrics.addRoute(server), { observe: metrics.observe });
    metrics.counts.verification('ok');
    expect((await scrape(url)).sampleValue('keysmith_queue_length', { queue: 'credential_uses' })).toBe(7);

    client.close();

    expectDown(await scrape(url));
    expect((await scrape(url)).sampleValue('keysmith_verifications_total', { outcome: 'ok' })).toBe(1);
  });

  test('are collected once for all scrapes that run at the same time', async () => {
    const { promise: lengths, resolve } = Promise.withResolvers<QueueLengths>();
    let reads = 0;
    const readQueueLengths = () => {
      reads += 1;
      return lengths;
    };
    const metrics = createMetrics({ readQueueLengths, usesWaiting: () => 0, ofProcess: false });
    let requests = 0;
    const url = await listen((server) => {
      server.addHook('onRequest', async () => {
        requests += 1;
        if (requests === 20) setImmediate(resolve, LENGTHS);
      });
      metrics.addRoute(server);
    });

    const all = await Promise.all(Array.from({ length: 20 }, () => scrape(url)));

    expect(reads).toBe(1);
    for (const { sampleValue, labelValues } of all) {
      expect(sampleValue('keysmith_queue_length', { queue: 'collections' })).toBe(2);
      expect(labelValues('keysmith_failing_jobs', 'kind')).toContain('delivery');
      expect(sampleValue('keysmith_server_accounts_needing_admin')).toBe(6);
      expect(sampleValue('keysmith_unfinished_jobs', { kind: 'notification' })).toBe(4);
      expect(sampleValue('keysmith_failing_jobs', { kind: 'notification' })).toBe(3);
    }
    expect((await scrape(url)).response.status).toBe(200);
    expect(reads).toBe(2);
  });

  test('still respond while a table can’t be read, and show the lengths again afterwards', async () => {
    const { keysmith, databaseFile } = await start();
    const database = new Database(databaseFile);
    onTestFinished(() => void database.close());
    database.exec('ALTER TABLE collections RENAME TO gone');

    expectDown(await scrape(keysmith.url));

    database.exec('ALTER TABLE gone RENAME TO collections');
    const { sampleValue } = await scrape(keysmith.url);
    expect([
      sampleValue('keysmith_database_up'),
      sampleValue('keysmith_queue_length', { queue: 'deliveries' }),
    ]).toEqual([1, 0]);
  });

  test('do not wait while another process writes to the database', async () => {
    const { keysmith, databaseFile } = await start();
    const database = new Database(databaseFile);
    onTestFinished(() => void database.close());
    database.exec('BEGIN EXCLUSIVE');

    // The lock is held until the response is here, so a read that waits for it fails.
    const { sampleValue } = await scrape(keysmith.url);

    expect(sampleValue('keysmith_database_up')).toBe(1);
    database.exec('ROLLBACK');
  });
});
