import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runState } from '../../../../src/sandbox/wandb/runs/run.ts';
import { consoleLines, metricSeries, summarizeRun } from '../../../../src/sandbox/wandb/runs/run-metrics.ts';
import { call, dataOf, startWandb } from '../wandb-calls.ts';
import { history, startedRun, stream, team, upsert } from './run-calls.ts';

const MINUTE = 60_000;

describe('a run of the local W&B', () => {
  it('is running until it ends, and crashed after five minutes without a sign of life', async () => {
    let nowMs = 0;
    const wandb = await startWandb({ now: () => nowMs });
    const run = await startedRun(wandb);
    nowMs = 5 * MINUTE;
    expect(runState(run, nowMs)).toBe('running');
    nowMs += 1;
    expect(runState(run, nowMs)).toBe('crashed');
    await stream(wandb, history(0, { loss: 1 }));
    expect(runState(run, nowMs)).toBe('running');
    await stream(wandb, { complete: true, exitcode: 1 });
    expect(runState(run, nowMs)).toBe('failed');
    expect((await upsert(wandb)).json.data.upsertBucket).toMatchObject({
      inserted: false,
      bucket: { state: 'running' },
    });
    const last = await stream(wandb, { complete: true, exitcode: 0 });
    expect([last.json, runState(run, nowMs)]).toEqual([{ exitcode: 0, limits: {} }, 'finished']);
  });

  it('learns from the response to its next request that someone stopped it', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    const stopped = async () => {
      const query = `{ project(name: "demo", entityName: "${team}") { run(name: "one") { stopped } } }`;
      return (await dataOf(wandb, query)).project.run.stopped;
    };
    expect([await stopped(), (await stream(wandb, history(0, {}))).json.stopped]).toEqual([false, undefined]);
    await dataOf(wandb, `mutation { stopRun(input: { id: "${run.id}" }) { success } }`);
    expect([await stopped(), (await stream(wandb, history(1, {}))).json.stopped]).toEqual([true, true]);
    await stream(wandb, { complete: true, exitcode: 255 });
    await upsert(wandb);
    expect(await stopped()).toBe(false);
  });

  it('replaces its lines when it starts from the beginning again, and keeps them when it is resumed', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    await stream(wandb, history(0, { loss: 1 }, { loss: 2 }));
    await stream(wandb, { complete: true, exitcode: 0 });
    await upsert(wandb);
    await stream(wandb, history(2, { loss: 3 }));
    expect(
      metricSeries(run)
        .get('loss')
        ?.map(({ value }) => value),
    ).toEqual([1, 2, 3]);
    await stream(wandb, { complete: true, exitcode: 0 });
    await upsert(wandb);
    await stream(wandb, history(0, { loss: 9 }));
    await stream(wandb, history(1, { loss: 8 }));
    expect(
      metricSeries(run)
        .get('loss')
        ?.map(({ value }) => value),
    ).toEqual([9, 8]);
  });

  it('accepts compressed lines, plain and structured console lines, system metrics and a summary', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb, {
      config: '{"lr":{"value":0.1},"_wandb":{"value":{"t":{"4":"3"}}}}',
    });
    const body = {
      files: {
        'output.log': {
          offset: 0,
          content: [
            'ERROR 2026-11-29T11:06:53.048116 it failed\n',
            '{"ts":"2026-11-29T11:06:54","content":"structured","level":"error"}',
            'plain',
          ],
        },
        'wandb-events.jsonl': { offset: 0, content: ['{"system.cpu":12.5,"_runtime":3}'] },
        'wandb-summary.json': { offset: 0, content: ['{"old":1}', '{"best":42,"_wandb":{"runtime":1}}'] },
        'other.txt': { offset: 0, content: ['ignored'] },
      },
    };
    const gzip = { headers: { 'content-encoding': 'gzip' } };
    expect((await stream(wandb, gzipSync(JSON.stringify(body)), gzip)).status).toBe(200);
    expect(consoleLines(run)).toMatchObject([
      { level: 'error', timestamp: '2026-11-29T11:06:53.048116', text: 'it failed' },
      { level: 'error', timestamp: '2026-11-29T11:06:54', text: 'structured' },
      { level: null, timestamp: null, text: 'plain' },
    ]);
    const query = `{ project(name: "demo", entityName: "${team}") { run(name: "one") {
      systemMetrics summaryMetrics wandbConfig(keys: ["t"])
      logLines(last: 1) { edges { node { number line } } }
    } } }`;
    expect((await dataOf(wandb, query)).project.run).toEqual({
      systemMetrics: '{"system.cpu":12.5}',
      summaryMetrics: '{"best":42,"_wandb":{"runtime":1}}',
      wandbConfig: '{"t":{"4":"3"}}',
      logLines: { edges: [{ node: { number: 2, line: 'plain' } }] },
    });
    expect(summarizeRun(run, 0)).toMatchObject({ config: { lr: 0.1 }, summary: { best: 42 } });
  });

  it('accepts bodies of more than 10 MiB, as SDKs send them, and keeps a short form of a long line', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    const content = ['x'.repeat(10 * 2 ** 20)];
    expect((await stream(wandb, { files: { 'output.log': { offset: 0, content } } })).status).toBe(200);
    expect([run.console.count(), run.console.bytes()]).toEqual([1, 2 ** 14]);
  });

  it.each([
    ['text that isn’t JSON', new TextEncoder().encode('nothing')],
    ['a list', []],
    ['files that aren’t an object', { files: 'x' }],
    ['a negative offset', history(-1, {})],
    ['an offset beyond what GraphQL can count', history(2 ** 31, {})],
    ['lines that aren’t texts', { files: { 'output.log': { offset: 0, content: [1] } } }],
  ])('refuses a file stream with %s', async (_what, body) => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    expect(await stream(wandb, body)).toEqual({ status: 400, json: { error: 'invalid file stream' } });
    expect(run.history.count()).toBe(0);
  });

  it('refuses a compressed body that is broken or too large, and lines of an unknown run', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    const gzip = { headers: { 'content-encoding': 'gzip' } };
    expect((await stream(wandb, new TextEncoder().encode('nothing'), gzip)).status).toBe(400);
    expect((await stream(wandb, gzipSync(Buffer.alloc(17 * 2 ** 20)), gzip)).status).toBe(400);
    expect(await stream(wandb, history(0, {}), { run: 'two' })).toEqual({
      status: 404,
      json: { error: `run ${team}/demo/two not found during file_stream` },
    });
  });

  it('belongs to the member for whom a service account logs it', async () => {
    const wandb = await startWandb();
    const { apiKey: key } = wandb.team(team).createServiceAccount('nightly-eval');
    const userOf = async (name: string, headers: Record<string, string>, as = key) =>
      (await upsert(wandb, { name }, { key: as, headers })).json.data.upsertBucket.bucket.user.username;
    expect(await userOf('a', { 'x-wandb-user-email': 'ADA@acme.test' })).toBe('ada');
    expect(await userOf('b', { 'x-wandb-username': 'benj', 'x-wandb-user-email': '' })).toBe('benj');
    expect(await userOf('c', { 'x-wandb-username': 'eve' })).toMatch(/^ml-platform-service-/);
    expect(await userOf('d', { 'x-wandb-username': 'benj' }, wandb.keyOf('ada'))).toBe('ada');
    const run = wandb.runs.store.run(team, 'demo', 'a');
    expect(run && summarizeRun(run, 0)).toMatchObject({ account: 'nightly-eval', person: 'Ada Lindqvist' });
  });

  it('can be found by filters and in an order, and an unknown filter is refused', async () => {
    const wandb = await startWandb();
    for (const [name, loss] of [
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ] as const) {
      await upsert(wandb, { name, summaryMetrics: JSON.stringify({ loss }), tags: [name] });
    }
    await stream(wandb, { complete: true }, { run: 'b' });
    const find = async (filters: object, order = '+created_at') => {
      const query = `query ($filters: JSONString, $order: String) {
        project(name: "demo", entityName: "${team}") {
          runCount(filters: $filters) runs(filters: $filters, order: $order) { edges { node { name } } }
        }
      }`;
      const { json } = await call(wandb, query, { variables: { filters: JSON.stringify(filters), order } });
      if (json.errors) return json.errors[0].message;
      const { edges } = json.data.project.runs;
      expect(json.data.project.runCount).toBe(edges.length);
      return edges.map(({ node }: { node: { name: string } }) => node.name).join();
    };
    expect(await find({})).toBe('a,b,c');
    expect(await find({}, '-created_at')).toBe('c,b,a');
    expect(await find({}, '+summary_metrics.loss')).toBe('b,c,a');
    expect(await find({ state: 'finished' })).toBe('b');
    expect(await find({ $or: [{ tags: { $in: ['a'] } }, { 'summary_metrics.loss': { $lt: 2 } }] })).toBe(
      'a,b',
    );
    expect(
      await find({ $and: [{ state: { $ne: 'finished' } }, { 'summaryMetrics.loss': { $gte: 3 } }] }),
    ).toBe('a');
    expect(await find({ unheard: 1 })).toContain("can't filter or order runs by unheard");
    expect(await find({ state: { $regex: 'x' } })).toContain("can't filter runs by $regex");
  });
});
