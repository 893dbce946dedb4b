import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRunFolder } from '../../../../src/sandbox/wandb/runs/folder/run-folder.ts';
import { createRunKeeping } from '../../../../src/sandbox/wandb/runs/run-keeping.ts';
import { summarizeRun } from '../../../../src/sandbox/wandb/runs/run-metrics.ts';
import { recordedRunName, replayRun } from '../../../world/wandb-runs/replay.ts';
import { basic, dataOf, startWandb } from '../wandb-calls.ts';
import { history, startedRun, stream, team, upload, upsert } from './run-calls.ts';

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'keysmith-runs-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const startIn = (path: string, errors: unknown[] = []) =>
  startWandb({ runFolder: { path, onError: (error) => errors.push(error) } });

describe('the folder of the local W&B', () => {
  it('keeps runs, files and artifacts across a restart, so that a run can be resumed', async () => {
    const path = temporaryFolder();
    const sdk = '0.30.0';
    const first = await startIn(path);
    const { apiKey } = first.team(team).createServiceAccount('nightly-eval');
    const to = { baseUrl: first.baseUrl, team, authorization: basic(apiKey) };
    await replayRun({ sdk, script: 'full', ...to });
    const summaries = (wandb: typeof first) =>
      wandb.runs.store.runs().map((run) => summarizeRun(run, Date.now()));
    const before = summaries(first);
    await first.stop();

    const second = await startIn(path);
    expect(summaries(second)).toEqual(before);
    const headers = { authorization: basic(second.apiKey) };
    const file = await fetch(`${second.baseUrl}/files/${team}/demo/${recordedRunName(sdk)}/note.txt`, {
      headers,
    });
    expect(await file.text()).toBe('hello\n');
    const query = `{ project(name: "demo", entityName: "${team}") {
      run(name: "${recordedRunName(sdk)}") { user { name } }
      artifact(name: "tiny-${recordedRunName(sdk)}:latest") { fileCount size }
    } }`;
    expect((await dataOf(second, query)).project).toEqual({
      run: { user: { name: 'nightly-eval' } },
      artifact: { fileCount: 1, size: 32 },
    });
    const resumed = await replayRun({
      sdk,
      script: 'resume',
      baseUrl: second.baseUrl,
      team,
      authorization: basic(second.apiKey),
    });
    expect(resumed.filter(({ status, problems }) => status !== 200 || problems.length > 0)).toEqual([]);
    expect(second.runs.store.runs()[0]?.history.count()).toBe(8);
  });

  it('forgets a run that made room for another one', async () => {
    const path = temporaryFolder();
    const first = await startWandb({
      runFolder: { path, onError: () => undefined },
      runLimits: { maxRuns: 1 },
    });
    await startedRun(first);
    await upload(first, 'note.txt', 'hello');
    await upsert(first, { name: 'two' });
    await first.stop();
    expect([readdirSync(join(path, 'runs')).length, readdirSync(join(path, 'contents'))]).toEqual([1, []]);
    expect((await startIn(path)).runs.store.runs().map(({ name }) => name)).toEqual(['two']);
  });

  it('is read without the files that are incomplete, from another version, or not JSON', async () => {
    const path = temporaryFolder();
    const first = await startIn(path);
    await startedRun(first);
    await upsert(first, { name: 'two' });
    await stream(first, history(0, { loss: 1 }), { run: 'two' });
    await upload(first, 'note.txt', 'hello');
    await first.stop();
    const [cut = '', kept = ''] = readdirSync(join(path, 'runs'));
    const text = readFileSync(join(path, 'runs', cut), 'utf8');
    writeFileSync(join(path, 'runs', cut), text.slice(0, 50));
    writeFileSync(join(path, 'runs', 'other.jsonl'), '{"id":"x"}\n');
    writeFileSync(join(path, 'runs', 'abc.jsonl.tmp'), 'half');
    writeFileSync(join(path, 'contents', 'other.bin'), 'x');
    writeFileSync(join(path, 'artifacts.jsonl'), 'nothing\n{}\n');
    const name = readFileSync(join(path, 'runs', kept), 'utf8').includes('"name":"two"') ? 'two' : 'one';
    const second = await startIn(path);
    expect(second.runs.store.runs().map((run) => run.name)).toEqual([name]);
    expect(second.runs.contents.keys('')).toHaveLength(1);
  });

  it('holds no credentials', async () => {
    const path = temporaryFolder();
    const wandb = await startIn(path);
    await startedRun(wandb);
    await stream(wandb, history(0, { loss: 1 }));
    await wandb.stop();
    const [file = ''] = readdirSync(join(path, 'runs'));
    const text = readFileSync(join(path, 'runs', file), 'utf8');
    expect(text).toContain('loss');
    expect(text).not.toContain(wandb.apiKey);
    expect(text).not.toContain('signature');
  });

  it('reports what could not be written, and writes it with the next change', async () => {
    const path = temporaryFolder();
    const errors: unknown[] = [];
    const runs = createRunKeeping({ baseUrl: () => '', now: () => 0 });
    const folder = await openRunFolder(runs, { path, onError: (error) => errors.push(error) });
    rmSync(join(path, 'runs'), { recursive: true });
    writeFileSync(join(path, 'runs'), '');
    const account = { username: 'ada', name: 'Ada', isServiceAccount: false };
    const project = runs.store.addProject(team, 'demo');
    runs.store.startRun({ project, name: 'one', account, person: null, nowMs: 0 });
    await folder.flush();
    expect(errors).toMatchObject([{ code: 'ENOTDIR' }]);
    rmSync(join(path, 'runs'));
    mkdirSync(join(path, 'runs'));
    runs.store.startRun({ project, name: 'two', account, person: null, nowMs: 0 });
    await folder.close();
    expect([readdirSync(join(path, 'runs')).length, errors.length]).toEqual([2, 1]);
  });
});
