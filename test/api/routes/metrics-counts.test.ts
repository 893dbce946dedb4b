import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { submitForm } from '../../journeys/delivery/key-delivery.ts';
import { send } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import { exchange, startKeysmithWithCredentials } from '../../world/keysmith-with-credentials.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { BACKENDS, startWorkspace } from '../../world/running-workspace.ts';
import { samplesOf, scrape } from './metrics-scrape.ts';
import { lintMetrics } from './prometheus-lint.ts';

type Scraped = Awaited<ReturnType<typeof scrape>>;

/** Returns the outcomes whose count is not 0. */
function outcomesOf({ samples }: Scraped, name: string): Record<string, number> {
  const some = samples.filter((sample) => sample.name === name && sample.value !== 0);
  return Object.fromEntries(some.map(({ labels, value }) => [labels.outcome, value]));
}

describe.each(BACKENDS)('The metrics with the backend %s', (backend) => {
  test('count deliveries by outcome, and keys ready to collect as a queue', async () => {
    const workspace = await startWorkspace({ backend });
    onTestFinished(() => workspace.stop());
    const { slack, keysmith } = workspace;
    const ada = slack.as('Ada');
    await createAccount(ada, 'ml-platform', 'delivered-to-her');
    const failures = [
      ['refused-by-slack', { kind: 'error', error: 'used_url' }],
      ['lost-on-its-way', { kind: 'status', status: 500 }],
    ] as const;
    for (const [name, failure] of failures) {
      slack.failures.set('response_url', failure, { times: 1 });
      await submitForm(ada, 'ml-platform', name);
      await ada.waitForView('was created');
      await ada.close();
    }

    const scraped = await scrape(keysmith.url);

    expect(outcomesOf(scraped, 'keysmith_deliveries_total')).toEqual({ accepted: 1, refused: 1, unknown: 1 });
    expect(scraped.sampleValue('keysmith_queue_length', { queue: 'collections' })).toBe(2);
    expect(scraped.sampleValue('keysmith_queue_length', { queue: 'deliveries' })).toBe(0);
    expect(scraped.text).not.toMatch(
      /delivered-to-her|refused-by-slack|lost-on-its-way|ml-platform|used_url/,
    );
  });
});

test('The metrics are also served in Socket Mode', async () => {
  const workspace = await startWorkspace({ transport: 'socket' });
  onTestFinished(() => workspace.stop());

  const { response, sampleValue } = await scrape(workspace.keysmith.url);

  expect(response.status).toBe(200);
  expect(sampleValue('keysmith_database_up')).toBe(1);
});

test('The metrics count verifications and exchanges by their exact outcomes, which callers don’t see', async () => {
  const { workspace, url, key, token, assertion } = await startKeysmithWithCredentials();
  onTestFinished(() => workspace.stop());
  const before = await scrape(url);
  expect(outcomesOf(before, 'keysmith_verifications_total')).toEqual({});
  expect(outcomesOf(before, 'keysmith_exchanges_total')).toEqual({ ok: 1 });

  const headers = (authorization: string) => ({ authorization });
  const ask = (authorization: string) =>
    send(`${url}/forward-auth`, { method: 'GET', headers: headers(authorization) });
  for (const authorization of [`Bearer ${key}`, basic('api', key), `Bearer ${token}`]) {
    expect((await ask(authorization)).status).toBe(200);
  }
  for (const text of ['nonsense', `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`]) {
    expect((await ask(`Bearer ${text}`)).status).toBe(401);
  }
  const [head, claims] = token.split('.');
  await ask(`Bearer ${head}.${claims}.${'A'.repeat(86)}`);
  await exchange(url, assertion);
  await exchange(url, 'nonsense');
  const after = await scrape(url);

  expect(outcomesOf(after, 'keysmith_verifications_total')).toEqual({
    ok: 3,
    malformed: 2,
    bad_signature: 1,
  });
  expect(outcomesOf(after, 'keysmith_exchanges_total')).toEqual({ ok: 2, malformed: 1 });
  expect(after.sampleValue('keysmith_queue_length', { queue: 'credential_uses' })).toBeGreaterThan(0);
});

/** Prints two scrapes, after which the process must end without being stopped. */
const SCRAPED_TWICE = `
  const [{ createMetrics }, { default: Fastify }] = await Promise.all([import(process.argv[1]), import('fastify')]);
  for (let scraped = 0; scraped < 2; scraped += 1) {
    const server = Fastify();
    const lengths = { deliveries: 0, collections: 0, operations: 0, serverAccountsNeedingAdmin: 0, jobs: 0, failingJobs: 0, jobsByKind: [] };
    createMetrics({ readQueueLengths: async () => lengths, usesWaiting: () => 0, ofProcess: true }).addRoute(server);
    console.log((await server.inject('/metrics')).body);
    await server.close();
  }
`;

test('The check of metrics finds what promtool reports', () => {
  const text = `# HELP a_seconds A gauge.
# TYPE a_seconds gauge
a_seconds{le="1"} 1
a_seconds{le="1"} 1
# TYPE b_total gauge
b_total 1
# HELP c A counter.
# TYPE c counter
c{someLabel="x"} 1
# HELP d_milliseconds_total A counter.
# TYPE d_milliseconds_total counter
d_milliseconds_total 1
# HELP e_ms_count A gauge.
# TYPE e_ms_count gauge
e_ms_count 1
# HELP f_gauge A gauge.
# TYPE f_gauge gauge
f_gauge 1
`;
  expect(lintMetrics(text).sort()).toEqual([
    'a_seconds {"le":"1"}: not unique',
    'a_seconds: reserved label le',
    'b_total: _total without a counter',
    'b_total: no help text',
    'c: a counter without _total',
    'c: camelCase label',
    'd_milliseconds_total: not a base unit',
    'e_ms_count: a reserved suffix',
    'e_ms_count: an abbreviated unit',
    'f_gauge: the type in the name',
  ]);
});

// In its own process: the collectors of Node's metrics can't be stopped.
test('The metrics of the process have fixed label names, and don’t keep the process alive', async () => {
  const args = [
    '--input-type=module',
    '-e',
    SCRAPED_TWICE,
    new URL('../../../src/api/routes/metrics.ts', import.meta.url).href,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
    timeout: 20_000,
  });

  const [first = ''] = stdout.split(/\n(?=# HELP process_cpu_user_seconds_total)/);
  expect(lintMetrics(first)).toEqual([]);
  const samples = samplesOf(stdout);
  for (const name of [
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_seconds',
    'keysmith_build_info',
  ]) {
    expect(samples.filter((sample) => sample.name === name)).toHaveLength(2);
  }
  const ofProcess = samples.filter(({ name }) => !name.startsWith('keysmith_'));
  const labels = new Set(ofProcess.flatMap((sample) => Object.keys(sample.labels)));
  // Labels of the runtime: kinds of garbage collection, of handles and of memory, and the version of Node.
  const known = ['kind', 'type', 'space', 'version', 'major', 'minor', 'patch', 'le'];
  expect([...labels].filter((label) => !known.includes(label))).toEqual([]);
});
