import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunListEvent, RunPageEvent } from '../../../../src/sandbox/slack/protocol/runs-protocol.ts';
import { type DrivenSlack, startDrivenSlack } from '../../../driver/driven-slack.ts';
import { type DrivenWandb, startDrivenWandb } from '../../../driver/driven-wandb.ts';
import { recordedRunName, replayRun } from '../../../world/wandb-runs/replay.ts';
import { history, startedRun, stream, upload, upsert } from '../../wandb/runs/run-calls.ts';
import { basic } from '../../wandb/wandb-calls.ts';
import { app } from '../slack-with-app.ts';
import { ask, jsonType, listen, post } from './page-client.ts';

type RunChange = RunPageEvent & { type: 'run' };

const one = { entity: 'ml-platform', project: 'demo', run: 'one' };
const eventsOf = (path: object) => `/sandbox/wandb/events?${new URLSearchParams({ ...path })}`;

describe('the API of the page’s W&B tab', () => {
  let slack: DrivenSlack;
  let wandb: DrivenWandb;
  beforeAll(async () => {
    [slack, wandb] = await Promise.all([startDrivenSlack({ app }), startDrivenWandb()]);
    if (wandb.pageRuns) slack.offerRuns(wandb.pageRuns, { baseUrl: 'http://localhost:3001' });
  });
  afterAll(async () => {
    await slack.stop();
    await wandb.stop();
  });

  it('offers the tab with the address at which runs are logged', async () => {
    expect((await ask(slack, '/sandbox/state')).json).toMatchObject({
      wandb: { baseUrl: 'http://localhost:3001' },
    });
  });

  it('lists a recorded run with its state, account and first values as soon as it is logged', async () => {
    const list = await listen<RunListEvent>(slack, '/sandbox/wandb/events');
    expect(await list.next()).toMatchObject({ isWhole: true, teams: ['ml-platform', 'research'], runs: [] });
    const { apiKey } = wandb.team('ml-platform').createServiceAccount('nightly-eval');
    const to = { baseUrl: wandb.baseUrl, team: 'ml-platform', authorization: basic(apiKey) };
    await replayRun({ sdk: '0.30.0', script: 'full', ...to });
    const isFinished = (event: RunListEvent): event is RunListEvent =>
      event.runs.some(({ state }) => state === 'finished');
    expect(await list.until(isFinished)).toMatchObject({
      isWhole: false,
      runs: [
        {
          entity: 'ml-platform',
          project: 'demo',
          run: recordedRunName('0.30.0'),
          displayName: 'quiet-run-1',
          account: 'nightly-eval',
          isServiceAccount: true,
          person: null,
          config: [['lr', '0.1']],
        },
      ],
    });
  });

  it('shows what the SDK has reported on the page of a recorded run', async () => {
    const path = { ...one, run: recordedRunName('0.30.0') };
    const page = await listen<RunChange>(slack, eventsOf(path));
    const { changes } = await page.next();
    expect(changes).toMatchObject({
      about: { host: 'vm', python: 'CPython 3.11.7', sdk: '0.30.0' },
      config: {
        items: [
          ['lr', '0.1'],
          ['layers', '[1,2]'],
        ],
        more: 0,
      },
      artifacts: [{ type: 'dataset', files: 1, bytes: 32, aliases: ['latest'] }],
    });
    expect(changes.charts?.changed.find(({ name }) => name === 'loss')).toEqual({
      name: 'loss',
      from: 0,
      points: [
        [0, 1],
        [1, 0.5],
        [2, 1 / 3],
        [3, 0.25],
        [4, 0.2],
      ],
    });
    expect(changes.console?.lines.map(({ text }) => text)).toContain('console line 4');
  });

  it('sends only new points and lines while a run logs', async () => {
    await startedRun(wandb);
    await stream(wandb, history(0, { _step: 0, loss: 1 }, { _step: 1, loss: 0.5 }));
    const page = await listen<RunChange>(slack, eventsOf(one));
    await page.next();
    await stream(wandb, {
      files: {
        ...history(2, { _step: 2, loss: 0.25 }).files,
        'output.log': { offset: 0, content: ['2026-11-29T20:00:11.098505 \u001b[31mhello\u001b[0m'] },
      },
    });
    const { changes } = await page.next();
    expect(changes.charts).toEqual({
      changed: [{ name: 'loss', from: 2, points: [[2, 0.25]] }],
      names: ['loss'],
      more: 0,
    });
    expect(changes.console).toEqual({
      isWhole: false,
      first: 0,
      lines: [{ number: 0, isError: false, timestamp: '2026-11-29T20:00:11.098505', text: 'hello' }],
    });
    expect(changes).not.toHaveProperty('config');
  });

  it('stops a run, which its next request learns, and refuses to stop it when it has ended', async () => {
    await upsert(wandb, { name: 'two' });
    const path = { ...one, run: 'two' };
    expect(await post(slack, '/sandbox/wandb/stop', path)).toMatchObject({ status: 200, json: { ok: true } });
    const page = await listen<RunChange>(slack, eventsOf(path));
    expect((await page.next()).changes.row?.state).toBe('stopping');
    const ended = await stream(wandb, { complete: true, exitcode: 255 }, { run: 'two' });
    expect(ended.json).toMatchObject({ stopped: true });
    expect((await page.next()).changes.row?.state).toBe('killed');
    expect(await post(slack, '/sandbox/wandb/stop', path)).toMatchObject({
      status: 409,
      json: { ok: false, error: 'not_running' },
    });
  });

  it('sends a file as a download that no browser opens as a page', async () => {
    await upload(wandb, 'a/“note”.html', '"<script>"');
    const query = new URLSearchParams({ ...one, file: 'a/“note”.html' });
    const { status, headers, text } = await ask(slack, `/sandbox/wandb/file?${query}`);
    expect({ status, text }).toEqual({ status: 200, text: '"<script>"' });
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': "attachment; filename*=UTF-8''%E2%80%9Cnote%E2%80%9D.html",
      'content-security-policy': "default-src 'none'; sandbox",
    });
  });

  it('says that a run is missing until it is created', async () => {
    const page = await listen<RunPageEvent>(slack, eventsOf({ ...one, run: 'three' }));
    expect(await page.next()).toEqual({ type: 'missing' });
    await upsert(wandb, { name: 'three' });
    expect(await page.next()).toMatchObject({ type: 'run', changes: { row: { state: 'running' } } });
  });

  it.each([
    ['/wandb', '/#wandb='],
    ['/wandb/ml-platform/demo/runs/one', '/#wandb=ml-platform%2Fdemo%2Fruns%2Fone'],
    ['/wandb/ml-platform/demo/runs/a%26b%23c', '/#wandb=ml-platform%2Fdemo%2Fruns%2Fa%26b%23c'],
    ['/wandb//evil.test/x', '/#wandb=%2Fevil.test%2Fx'],
  ])('redirects %s to the page', async (path, location) => {
    const response = await fetch(slack.url + path, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, location]);
    expect(slack.wandbUrl).toBe(`${slack.url}/wandb`);
  });

  it('shows the tab before its runs are offered, which it then lists', async () => {
    const early = await startDrivenSlack({ app, showsWandb: true });
    onTestFinished(() => early.stop());
    expect((await ask(early, '/sandbox/state')).json).toMatchObject({ wandb: {} });
    const list = await listen<RunListEvent>(early, '/sandbox/wandb/events');
    if (wandb.pageRuns) early.offerRuns(wandb.pageRuns);
    expect(await list.next()).toMatchObject({ isWhole: true, teams: ['ml-platform', 'research'] });
    const without = await startDrivenSlack({ app });
    onTestFinished(() => without.stop());
    expect((await ask(without, '/sandbox/state')).json).not.toHaveProperty('wandb');
  });

  it('refuses requests of other sites, incomplete ones and unknown runs', async () => {
    const foreign = { origin: 'https://evil.test' };
    expect((await post(slack, '/sandbox/wandb/stop', one, { ...jsonType, ...foreign })).status).toBe(403);
    for (const path of [eventsOf({}), '/sandbox/wandb/file', '/wandb/x']) {
      expect((await ask(slack, path, { headers: foreign })).status).toBe(403);
    }
    expect((await post(slack, '/sandbox/wandb/stop', one, {})).status).toBe(400);
    expect((await ask(slack, eventsOf({ entity: 'ml-platform' }))).status).toBe(400);
    expect((await post(slack, '/sandbox/wandb/stop', { ...one, run: 'none' })).status).toBe(404);
    expect((await ask(slack, '/sandbox/wandb/file?entity=a')).status).toBe(404);
  });
});
