import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type DemoOutcome,
  type DemoProgress,
  type DemoRunOptions,
  logDemoRun,
} from '../../../src/sandbox/demo-run/demo-run.ts';
import type { Run } from '../../../src/sandbox/wandb/runs/run.ts';
import { type DrivenWandb, startDrivenWandb } from '../../driver/driven-wandb.ts';

let wandb: DrivenWandb;
let apiKey: string;

beforeAll(async () => {
  wandb = await startDrivenWandb();
  apiKey = wandb.addTeamKey('ml-platform', 'train');
});
afterAll(() => wandb.stop());

/** Logs a short run, and returns what became of it here and on the server. */
async function logged(
  options: Partial<DemoRunOptions> = {},
  onProgress: (progress: DemoProgress) => void = () => {},
): Promise<{ outcome: DemoOutcome; progress: DemoProgress[]; run: Run | undefined }> {
  const progress: DemoProgress[] = [];
  const outcome = await logDemoRun({
    baseUrl: wandb.baseUrl,
    credential: { kind: 'api_key', secret: apiKey },
    project: 'demo',
    steps: 3,
    secondsPerStep: 0,
    signal: new AbortController().signal,
    retryAfterMs: 1,
    ...options,
    onProgress(one) {
      progress.push(one);
      onProgress(one);
    },
  });
  const [started] = progress.flatMap((one) => (one.kind === 'started' ? [one.at] : []));
  return {
    outcome,
    progress,
    run: started && wandb.runs.store.run(started.entity, started.project, started.run),
  };
}

describe('A demo run', () => {
  test('logs metrics, console, summary, files and an artifact in the key’s team, and finishes', async () => {
    const { outcome, progress, run } = await logged();
    expect(outcome).toEqual({ kind: 'finished' });
    expect(progress.map(({ kind }) => kind)).toEqual(['started', 'step', 'step', 'step']);
    expect(progress[0]).toMatchObject({ at: { entity: 'ml-platform', project: 'demo' } });
    expect(run).toMatchObject({ exitCode: 0, account: { isServiceAccount: true } });
    expect(run?.history.count()).toBe(3);
    expect(JSON.parse(run?.history.last() ?? '')).toMatchObject({ _step: 2, loss: expect.any(Number) });
    expect(JSON.parse(run?.summary ?? '')).toMatchObject({ _step: 2 });
    expect(JSON.parse(run?.config ?? '')).toMatchObject({ batch_size: { value: 64 } });
    expect(run?.console.entries()[0]?.[1]).toMatch(/ epoch 1 {2}step 1\/3 {2}loss /);
    const files = ['config.yaml', 'output.log', 'wandb-summary.json'];
    expect([...(run?.files ?? [])].sort()).toEqual(files);
    for (const file of files) {
      expect(wandb.runs.contents.keys(`run/ml-platform/demo/${run?.name}/`).join(' ')).toContain(file);
    }
    const [artifact] = wandb.runs.artifacts.list().filter((one) => one.run === run?.name);
    expect(artifact).toMatchObject({ state: 'COMMITTED', type: 'model', versionIndex: 0 });
    expect(artifact && wandb.runs.artifacts.entries(artifact)).toMatchObject([{ path: 'model.json' }]);
  });

  test('stops when the server says so, and ends as the SDK does', async () => {
    const { outcome, run } = await logged({ steps: 1000 }, (progress) => {
      if (progress.kind !== 'started') return;
      const { entity, project, run: name } = progress.at;
      const stopping = wandb.runs.store.run(entity, project, name);
      if (stopping) wandb.runs.store.requestStop(stopping);
    });
    expect(outcome).toEqual({ kind: 'stopped', afterStep: 0 });
    expect(run?.exitCode).toBe(255);
  });

  test('waits while the server fails for a moment, and loses no line', async () => {
    const { outcome, progress, run } = await logged({}, (one) => {
      if (one.kind === 'started')
        wandb.failures.set('file_stream', { kind: 'status', status: 503 }, { times: 2 });
    });
    expect(outcome).toEqual({ kind: 'finished' });
    expect(progress.filter(({ kind }) => kind === 'waiting')).toHaveLength(2);
    expect(run?.history.entries().map(([offset]) => offset)).toEqual([0, 1, 2]);
  });

  test('gives up after five tries', async () => {
    const { outcome, progress } = await logged({}, (one) => {
      if (one.kind === 'started') wandb.failures.set('file_stream', { kind: 'status', status: 503 });
    });
    wandb.failures.clear();
    expect(outcome).toMatchObject({ kind: 'failed', isStarted: true, failure: { status: 503 } });
    expect(progress.filter(({ kind }) => kind === 'waiting')).toHaveLength(4);
  });

  test('tells the server when it is interrupted', async () => {
    const interrupt = new AbortController();
    const { outcome, run } = await logged(
      { steps: 1000, secondsPerStep: 60, signal: interrupt.signal },
      (one) => {
        if (one.kind === 'step') interrupt.abort();
      },
    );
    expect(outcome).toEqual({ kind: 'interrupted' });
    expect(run?.exitCode).toBe(255);
  });

  test('fails at once with a key that the server doesn’t know', async () => {
    const { outcome, progress } = await logged({ credential: { kind: 'api_key', secret: 'local-0' } });
    expect(outcome).toMatchObject({ kind: 'failed', isStarted: false, failure: { status: 401 } });
    expect(progress).toEqual([]);
  });
});

/** Starts a server that responds to everything alike, and records what it gets. */
async function startResponder(respond: {
  status?: number;
  headers?: Record<string, string>;
  body: string | Buffer;
}) {
  const requests: { url: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(respond.status ?? 200, respond.headers).end(respond.body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

describe('A server that isn’t W&B’s', () => {
  test('gets the key only itself: a redirect isn’t followed', async () => {
    const other = await startResponder({ body: '{}' });
    const headers = { location: `${other.baseUrl}/graphql` };
    const { baseUrl } = await startResponder({ status: 307, headers, body: '' });
    const { outcome } = await logged({ baseUrl });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { status: 307 } });
    expect(other.requests).toEqual([]);
  });

  test.each([
    ['HTML', '<!doctype html>'],
    ['a JSON array', '[]'],
    ['no data', '{}'],
    ['data that is too large', Buffer.alloc(5 * 2 ** 20, 'x')],
  ])('is noticed when it sends %s', async (_name, body) => {
    const { baseUrl } = await startResponder({ body });
    const { outcome } = await logged({ baseUrl });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'unexpected' } });
  });

  test('is noticed when its bucket has no name', async () => {
    const { baseUrl } = await startResponder({
      body: '{"data":{"upsertBucket":{"bucket":{"project":null}}}}',
    });
    const { outcome } = await logged({ baseUrl });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'unexpected' } });
  });
});
