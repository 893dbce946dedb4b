import { describe, expect, it } from 'vitest';
import type { LocalWandbOptions } from '../../../../src/sandbox/wandb/local-wandb.ts';
import { jsonObject } from '../../../../src/sandbox/wandb/runs/run.ts';
import { consoleLines, metricSeries, summarizeRun } from '../../../../src/sandbox/wandb/runs/run-metrics.ts';
import {
  type Exchange,
  isBeyondTheRun,
  recordedRunName,
  replayRun,
  runSdks,
} from '../../../world/wandb-runs/replay.ts';
import { basic, startWandb } from '../wandb-calls.ts';

const team = 'ml-platform';

async function startWithAccount(options: LocalWandbOptions = {}) {
  const wandb = await startWandb(options);
  const { apiKey } = wandb.team(team).createServiceAccount('nightly-eval');
  return { wandb, to: { baseUrl: wandb.baseUrl, team, authorization: basic(apiKey) } };
}

const failed = (exchanges: Exchange[]) =>
  exchanges
    .filter(({ status, problems, json }) => status !== 200 || problems.length > 0 || json?.errors)
    .map(({ operation, url, status, text, problems }) => ({ operation, url, status, text, problems }));

describe.each(runSdks)('the local W&B and the recorded requests of SDK %s', (sdk) => {
  it('returns all that the SDK needs for a run, an artifact and its public API, and keeps the run', async () => {
    const { wandb, to } = await startWithAccount();
    const exchanges = await replayRun({ sdk, script: 'full', ...to });
    expect(failed(exchanges)).toEqual([]);
    const run = wandb.runs.store.run(team, 'demo', recordedRunName(sdk));
    if (!run) throw new Error('The run is missing');
    expect(summarizeRun(run, Date.now())).toMatchObject({
      team,
      project: 'demo',
      displayName: 'quiet-run-1',
      state: 'finished',
      account: 'nightly-eval',
      person: null,
      config: { lr: 0.1, layers: [1, 2] },
      summary: { best: 42, loss: 0.2 },
      lastValues: { loss: 0.2, acc: 0.4, best: 42 },
    });
    expect(jsonObject(run.config)).toHaveProperty('_wandb');
    expect(metricSeries(run).get('loss')).toEqual([
      { step: 0, value: 1 },
      { step: 1, value: 0.5 },
      { step: 2, value: 1 / 3 },
      { step: 3, value: 0.25 },
      { step: 4, value: 0.2 },
    ]);
    expect(consoleLines(run).map(({ text }) => text)).toEqual(
      expect.arrayContaining(['console line 0', 'console line 4']),
    );
    expect([...run.files].sort()).toEqual([
      'config.yaml',
      'note.txt',
      'output.log',
      'requirements.txt',
      'wandb-metadata.json',
      'wandb-summary.json',
    ]);
    const [artifact] = wandb.runs.artifacts.list();
    expect(artifact).toMatchObject({
      state: 'COMMITTED',
      versionIndex: 0,
      aliases: ['latest'],
      run: run.name,
    });
    expect(artifact && wandb.runs.artifacts.entries(artifact)).toMatchObject([
      { path: 'tiny.bin', size: 32 },
    ]);
    const download = exchanges.find(({ url }) => url.endsWith('/note.txt'));
    expect(download?.text).toBe('hello\n');
  });

  it('logs a run without its artifact and without the public API, as with an identity token of SDK 0.17.5', async () => {
    const { wandb, to } = await startWithAccount();
    const exchanges = await replayRun({ sdk, script: 'full', ...to, skip: isBeyondTheRun });
    expect(failed(exchanges)).toEqual([]);
    const run = wandb.runs.store.run(team, 'demo', recordedRunName(sdk));
    expect(run && summarizeRun(run, Date.now())).toMatchObject({ state: 'finished', summary: { best: 42 } });
    expect(wandb.runs.artifacts.list()).toEqual([]);
  });

  it('continues a run that the SDK resumes, without losing or repeating a line', async () => {
    const { wandb, to } = await startWithAccount();
    await replayRun({ sdk, script: 'full', ...to });
    const run = wandb.runs.store.run(team, 'demo', recordedRunName(sdk));
    const before = run && { history: run.history.count(), console: run.console.count() };
    const exchanges = await replayRun({ sdk, script: 'resume', ...to });
    expect(failed(exchanges)).toEqual([]);
    const resumed = exchanges.find(({ operation }) => operation === 'RunResumeStatus');
    expect(resumed?.json.data.model.bucket).toMatchObject({
      historyLineCount: before?.history,
      logLineCount: before?.console,
    });
    if (!run) throw new Error('The run is missing');
    expect(wandb.runs.store.runs()).toHaveLength(1);
    expect(
      metricSeries(run)
        .get('loss')
        ?.map(({ step }) => step),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(run.history.count()).toBe(8);
    expect(summarizeRun(run, Date.now())).toMatchObject({ state: 'finished', summary: { best: 42 } });
  });
});
