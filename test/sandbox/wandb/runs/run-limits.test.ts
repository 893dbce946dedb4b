import { describe, expect, it } from 'vitest';
import { createStoredContents } from '../../../../src/sandbox/wandb/runs/stored-contents.ts';
import { call, startWandb } from '../wandb-calls.ts';
import { history, startedRun, stream, team, upload, upsert } from './run-calls.ts';

describe('what the local W&B keeps of runs', () => {
  it('is limited in their number: the run that was quiet for longest makes room, with its files', async () => {
    let nowMs = Date.now();
    const wandb = await startWandb({ now: () => nowMs, runLimits: { maxRuns: 2 } });
    const names = () => wandb.runs.store.runs().map(({ name }) => name);
    await startedRun(wandb);
    await upload(wandb, 'note.txt', 'hello');
    expect(wandb.runs.contents.keys('run/')).toHaveLength(1);
    nowMs += 1000;
    await upsert(wandb, { name: 'two' });
    nowMs += 1000;
    await upsert(wandb, { name: 'three' });
    expect(names()).toEqual(['two', 'three']);
    expect(wandb.runs.contents.keys('run/')).toEqual([]);
    nowMs += 1000;
    await stream(wandb, history(0, {}), { run: 'two' });
    nowMs += 1000;
    await upsert(wandb, { name: 'four' });
    expect(names()).toEqual(['two', 'four']);
  });

  it('is limited in memory', async () => {
    let nowMs = Date.now();
    const wandb = await startWandb({ now: () => nowMs, runLimits: { maxRunBytes: 100_000 } });
    for (let run = 0; run < 10; run += 1) {
      nowMs += 1000;
      await upsert(wandb, { name: `run-${run}` });
      await stream(wandb, history(0, { text: 'x'.repeat(20_000) }), { run: `run-${run}` });
    }
    expect(wandb.runs.store.runs().map(({ name }) => name)).toEqual(['run-6', 'run-7', 'run-8', 'run-9']);
  });

  it.each([
    ['a project with a slash', { modelName: 'a/b' }, 'invalid project name'],
    ['a run with a colon', { name: 'a:b' }, 'invalid run name'],
    ['a long name', { name: 'x'.repeat(129) }, 'invalid run name'],
    ['a config that isn’t JSON', { config: '{' }, 'invalid JSON string'],
    ['a config that is a list', { config: '[]' }, 'invalid JSON string'],
    ['a huge config', { config: `{"x":"${'x'.repeat(2 ** 20)}"}` }, 'config or summary too large'],
    ['huge notes', { notes: 'x'.repeat(10_001) }, 'run too large'],
    ['many tags', { tags: Array.from({ length: 101 }, String) }, 'run too large'],
  ])('refuses %s', async (_what, input, message) => {
    const wandb = await startWandb();
    const { json } = await upsert(wandb, input);
    expect(json.errors[0].message).toContain(message);
  });

  it('leaves no run behind that was refused', async () => {
    const wandb = await startWandb();
    await upsert(wandb, { config: '{' });
    await upsert(wandb, { notes: 'x'.repeat(10_001) });
    expect(wandb.runs.store.runs()).toEqual([]);
  });

  it('is limited in the number of projects', async () => {
    const wandb = await startWandb({ runLimits: { maxProjects: 1 } });
    await startedRun(wandb);
    const { json } = await upsert(wandb, { modelName: 'another' });
    expect(json.errors[0].message).toBe('too many projects');
  });

  it('makes room for a new file by removing the oldest ones', () => {
    const contents = createStoredContents({ maxBytes: 10, maxContentBytes: 6, maxContents: 3 });
    const changed: string[] = [];
    contents.onChange((key) => changed.push(key));
    const put = (key: string, size: number) =>
      contents.put({ key, bytes: Buffer.alloc(size), mimetype: 'text/plain', updatedAtMs: 0 });
    expect([put('a', 4), put('b', 4), put('c', 7)]).toEqual([true, true, false]);
    expect(put('c', 4)).toBe(true);
    expect(contents.keys('')).toEqual(['b', 'c']);
    put('b', 1);
    put('d', 1);
    put('e', 1);
    expect(contents.keys('')).toEqual(['b', 'd', 'e']);
    expect(changed).toEqual(['a', 'b', 'a', 'c', 'b', 'b', 'd', 'c', 'e']);
  });

  it('doesn’t exist on a server without runs', async () => {
    const wandb = await startWandb({ capabilities: { keepsRuns: false } });
    const { status, json } = await upsert(wandb);
    expect([status, json.errors[0].message]).toEqual([400, 'Unknown type "UpsertBucketInput".']);
    expect((await call(wandb, `{ project(name: "demo", entityName: "${team}") { id } }`)).status).toBe(400);
    expect((await stream(wandb, history(0, {}))).status).toBe(404);
  });
});
