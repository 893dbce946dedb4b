import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPageChanges } from '../../../../src/sandbox/slack/page-server/run-changes.ts';
import { createOfferedRuns } from '../../../../src/sandbox/wandb/run-pages/offered-runs.ts';
import { type Run, runFileKey } from '../../../../src/sandbox/wandb/runs/run.ts';
import { createRunKeeping } from '../../../../src/sandbox/wandb/runs/run-keeping.ts';

const startMs = Date.UTC(2026, 10, 30);
const path = { entity: 'ml-platform', project: 'demo', run: 'one' };

function offerRun(changes: Partial<Run> = {}) {
  let nowMs = startMs;
  const runs = createRunKeeping({ baseUrl: () => 'http://localhost', now: () => nowMs });
  const account = { username: 'svc', name: 'nightly-eval', isServiceAccount: true };
  const project = runs.store.addProject(path.entity, path.project);
  const { run } = runs.store.startRun({ project, name: path.run, account, person: null, nowMs });
  Object.assign(run, changes);
  const offered = createOfferedRuns({ state: { teams: [] }, runs, now: () => nowMs });
  const page = () => {
    const shown = offered.page(path);
    if (!shown) throw new Error('The run is missing');
    return shown;
  };
  const log = (offset: number, ...rows: unknown[]) =>
    run.history.write(
      offset,
      rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))),
    );
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { runs, run, offered, page, log, wait };
}

describe('a run that the local W&B offers to the page', () => {
  it.each<[Partial<Run>, number, string]>([
    [{}, 0, 'running'],
    [{ stopRequested: true }, 0, 'stopping'],
    [{ exitCode: 0 }, 0, 'finished'],
    [{ exitCode: 1 }, 0, 'failed'],
    [{ exitCode: 255, stopRequested: true }, 0, 'killed'],
    [{ exitCode: 0, stopRequested: true }, 0, 'finished'],
    [{}, 6 * 60_000, 'crashed'],
  ])('has W&B’s state: %j after %d ms is %s', (changes, afterMs, state) => {
    const { page, wait } = offerRun(changes);
    wait(afterMs);
    expect(page().row.state).toBe(state);
  });

  it('has the runtime that the SDK has measured, or else the time up to its last request', () => {
    expect(offerRun().page().row.runtimeSeconds).toBeNull();
    expect(offerRun({ exitCode: 0, summary: '{"_runtime":61.5}' }).page().row.runtimeSeconds).toBe(61.5);
    const bySdk = '{"_wandb":{"runtime":7}}';
    expect(offerRun({ exitCode: 0, summary: bySdk }).page().row.runtimeSeconds).toBe(7);
    const heartbeatAtMs = startMs + 5000;
    expect(offerRun({ exitCode: 0, heartbeatAtMs }).page().row.runtimeSeconds).toBe(5);
  });

  it('shows values within objects by their path, but images and empty objects as JSON', () => {
    const config = {
      optimizer: { value: { name: 'adam', betas: [0.9, 0.99], none: {} } },
      image: { value: { _type: 'image-file', path: 'x.png' } },
      _wandb: { value: { cli_version: '0.30.0' } },
    };
    const { page } = offerRun({ config: JSON.stringify(config), summary: '{"a":{"b":null},"_step":3}' });
    expect(page().config).toEqual({
      items: [
        ['optimizer.name', '"adam"'],
        ['optimizer.betas', '[0.9,0.99]'],
        ['optimizer.none', '{}'],
        ['image', '{"_type":"image-file","path":"x.png"}'],
      ],
      more: 0,
    });
    expect(page().summary.items).toEqual([['a.b', 'null']]);
  });

  it('has gaps in its charts where a value isn’t a finite number', () => {
    const { page, log } = offerRun();
    log(0, { _step: 0, loss: 1 }, { _step: 1, loss: 'NaN' }, '{"_step":2,"loss":1e999}', {
      _step: 3,
      loss: '-Infinity',
    });
    log(
      4,
      { _step: 4, loss: 0.5, text: 'no number', nested: { acc: 1 }, '0': true },
      'no JSON',
      '[]',
      '{"_step":NaN}',
    );
    expect(page().charts).toEqual({
      items: [
        {
          name: 'loss',
          points: [
            [0, 1],
            [1, null],
            [2, null],
            [3, null],
            [4, 0.5],
          ],
        },
        { name: 'nested.acc', points: [[4, 1]] },
      ],
      more: 0,
    });
  });

  it('has charts in the order of the steps, also when the script goes back', () => {
    const { page, log } = offerRun();
    log(0, { _step: 5, loss: 1 }, { _step: 2, loss: 2 }, { loss: 3 });
    expect(page().charts.items[0]?.points).toEqual([
      [2, 2],
      [2, 3],
      [5, 1],
    ]);
  });

  it('sends few points when one is added to a long chart', () => {
    const { page, log } = offerRun();
    log(0, ...Array.from({ length: 1500 }, (_, step) => ({ _step: step, loss: step })));
    const changesOf = createPageChanges();
    changesOf(page());
    expect(page().charts.items[0]?.points.length).toBeLessThanOrEqual(502);
    for (let step = 1500; step < 1520; step += 1) {
      log(step, { _step: step, loss: step });
      const [changed] = changesOf(page())?.charts?.changed ?? [];
      expect(changed?.points.length).toBeLessThanOrEqual(2);
      expect(changed?.points.at(-1)).toEqual([step, step]);
    }
  });

  it('has a limited size, however many and however long its names, values, lines and files are', () => {
    const long = '🦊'.repeat(5000);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`metric-${index}`, index]));
    const { page, log, run, runs } = offerRun({
      displayName: long,
      notes: long,
      tags: Array.from({ length: 100 }, () => long),
      config: JSON.stringify({ text: { value: long }, many: { value: many } }),
      summary: JSON.stringify({ ...many, [long]: long }),
    });
    log(0, { _step: 0, ...many, [long]: 1 });
    run.console.write(
      0,
      Array.from({ length: 3000 }, () => '\u001b[31mx'.repeat(3000)),
    );
    runs.contents.put({
      key: runFileKey(run, 'wandb-metadata.json'),
      bytes: Buffer.from('[1'),
      mimetype: '',
      updatedAtMs: 1,
    });
    const shown = page();
    expect(shown.charts.items).toHaveLength(100);
    expect(shown.charts.more).toBe(4901);
    expect(shown.config).toMatchObject({ items: { length: 500 }, more: 4501 });
    expect(shown.summary).toMatchObject({ items: { length: 500 }, more: 4501 });
    expect(shown.row.displayName).toHaveLength(200);
    expect(shown.row.displayName.isWellFormed()).toBe(true);
    expect(JSON.stringify(shown).length).toBeLessThan(400_000);
    expect(JSON.stringify(shown.row).length).toBeLessThan(6000);
  });

  it('can be shown whatever JSON a client sends', () => {
    const hostile = fc.oneof(
      fc.json({ maxDepth: 8 }),
      fc.string(),
      fc.constantFrom(
        `${'['.repeat(5000)}${']'.repeat(5000)}`,
        `{"a":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}`,
        '{"__proto__":{"a":1},"constructor":2,"_step":1e308}',
        '{"_wandb":{"value":null},"_runtime":"x"}',
      ),
    );
    const object = fc
      .oneof(
        hostile.map((text) => `{"x":${text}}`),
        hostile,
      )
      .filter(isObject);
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), object, object, (rows, config, summary) => {
        const { page, log, run, runs } = offerRun({ config, summary, exitCode: 1 });
        log(0, ...rows);
        run.events.write(0, rows);
        run.console.write(0, rows);
        const bytes = Buffer.from(rows[0] ?? '');
        runs.contents.put({
          key: runFileKey(run, 'wandb-metadata.json'),
          bytes,
          mimetype: '',
          updatedAtMs: 1,
        });
        const changes = createPageChanges()(page());
        expect(JSON.parse(JSON.stringify(changes))).toHaveProperty('row.state', 'failed');
      }),
      { numRuns: 200 },
    );
  });

  it('shows the repository without the credentials in its address', () => {
    const { page } = offerRun({ repo: 'https://ada:secret@github.com/acme/train.git', commit: 'abc123' });
    expect(page().about).toMatchObject({
      gitRemote: 'https://github.com/acme/train.git',
      gitCommit: 'abc123',
    });
  });

  it('shows the console without the escape sequences of a terminal', () => {
    const { page, run } = offerRun();
    run.console.write(0, [
      '\u001b[1;31mred\u001b[0m \u001b]8;;https://evil.test\u0007link\u001b]8;;\u0007 <b>',
    ]);
    expect(page().console.map(({ text }) => text)).toEqual(['red link <b>']);
  });

  it('isn’t found under another team, project or ID', () => {
    const { offered } = offerRun();
    for (const other of [{ entity: 'x' }, { project: 'x' }, { run: 'x' }]) {
      expect(offered.page({ ...path, ...other })).toBeUndefined();
      expect(offered.stop({ ...path, ...other })).toBe('not_found');
      expect(offered.file({ ...path, ...other }, 'a')).toBeUndefined();
    }
  });
});

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
