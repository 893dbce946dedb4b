import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedList, changedPage } from '../../../../src/sandbox/page/wandb/run-state.ts';
import {
  createListChanges,
  createPageChanges,
} from '../../../../src/sandbox/slack/page-server/run-changes.ts';
import type {
  RunAbout,
  RunList,
  RunPage,
  RunRow,
} from '../../../../src/sandbox/slack/protocol/runs-protocol.ts';

const row = (changes: Partial<RunRow> = {}): RunRow => ({
  entity: 'ml-platform',
  project: 'demo',
  run: 'one',
  displayName: 'quiet-run-1',
  state: 'running',
  account: 'nightly-eval',
  isServiceAccount: true,
  person: null,
  createdAtMs: 1,
  heartbeatAtMs: 1,
  runtimeSeconds: null,
  tags: [],
  config: [],
  summary: [],
  ...changes,
});

const about: RunAbout = {
  notes: null,
  group: null,
  jobType: null,
  host: null,
  os: null,
  python: null,
  sdk: null,
  command: null,
  gitRemote: null,
  gitCommit: null,
};

const nothing = { items: [], more: 0 };
const pageWith = (changes: Partial<RunPage>): RunPage => ({
  row: row(),
  about,
  config: nothing,
  summary: nothing,
  charts: nothing,
  system: nothing,
  console: [],
  files: [],
  artifacts: [],
  ...changes,
});

/** Sends an event the way the server does. */
const sent = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

const names = fc.constantFrom('loss', '__proto__', 'a/b', '');
const charts = fc
  .uniqueArray(
    fc.record({
      name: names,
      points: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.option(fc.integer({ min: 0, max: 2 })))),
    }),
    { selector: ({ name }) => name },
  )
  .chain((items) => fc.record({ items: fc.constant(items), more: fc.nat(2) }));
const lines = fc.uniqueArray(fc.nat(8)).chain((numbers) =>
  fc.tuple(
    ...numbers
      .sort((a, b) => a - b)
      .map((number) =>
        fc.record({
          number: fc.constant(number),
          isError: fc.boolean(),
          timestamp: fc.constant(null),
          text: names,
        }),
      ),
  ),
);
const pages = fc
  .record({
    row: fc.constantFrom(row(), row({ state: 'finished' })),
    config: fc.constantFrom(nothing, { items: [['lr', '0.1'] as [string, string]], more: 0 }),
    charts,
    system: charts,
    console: lines,
    files: fc.array(fc.record({ name: names, bytes: fc.nat(1), updatedAtMs: fc.nat(1) }), { maxLength: 2 }),
  })
  .map(pageWith);
const lists = fc
  .uniqueArray(
    fc.record({
      run: names,
      state: fc.constantFrom('running' as const, 'failed' as const),
      createdAtMs: fc.nat(9),
    }),
    { selector: ({ run }) => run },
  )
  .map(
    (rows): RunList => ({
      teams: ['ml-platform'],
      projects: rows.map(({ run }) => ({ entity: 'ml-platform', project: run, createdAtMs: 1 })),
      runs: rows.map(row).sort((a, b) => b.createdAtMs - a.createdAtMs || a.run.localeCompare(b.run)),
    }),
  );

describe('the changes that the server sends to the W&B tab', () => {
  it('lead to the same page of a run as the server has, whatever changes', () => {
    fc.assert(
      fc.property(fc.array(pages, { minLength: 1, maxLength: 5 }), (versions) => {
        const changesOf = createPageChanges();
        let shown: RunPage | undefined;
        for (const version of versions) {
          const changes = changesOf(version);
          if (changes) shown = changedPage(shown, sent(changes));
          expect(shown).toEqual(version);
          expect(changesOf(version)).toBeUndefined();
        }
      }),
    );
  });

  it('lead to the same list of runs as the server has, whatever changes', () => {
    const inOrder = ({ runs, ...rest }: RunList) => ({ ...rest, runs: new Set(runs) });
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 5 }), (versions) => {
        const changesOf = createListChanges();
        let shown: RunList | undefined;
        for (const version of versions) {
          const event = changesOf(version);
          if (event) shown = changedList(shown, sent(event));
          expect(shown && inOrder(shown)).toEqual(inOrder(version));
          const ages = shown?.runs.map(({ createdAtMs }) => createdAtMs) ?? [];
          expect(ages).toEqual(ages.toSorted((a, b) => b - a));
          expect(changesOf(version)).toBeUndefined();
        }
      }),
    );
  });

  it('hold only the new point of a chart and the new line of a console that grow', () => {
    const points = (count: number) => Array.from({ length: count }, (_, x): [number, number] => [x, x]);
    const line = (number: number) => ({ number, isError: false, timestamp: null, text: String(number) });
    const grown = (count: number) =>
      pageWith({
        charts: { items: [{ name: 'loss', points: points(count) }], more: 0 },
        console: Array.from({ length: count }, (_, number) => line(number)),
      });
    const changesOf = createPageChanges();
    changesOf(grown(1000));
    expect(changesOf(grown(1001))).toEqual({
      charts: { changed: [{ name: 'loss', from: 1000, points: [[1000, 1000]] }], names: ['loss'], more: 0 },
      console: { isWhole: false, first: 0, lines: [line(1000)] },
    });
  });

  it('keep the objects of unchanged charts, which are then not drawn again', () => {
    const chart = (name: string, y: number) => ({ name, points: [[0, y] as [number, number]] });
    const changesOf = createPageChanges();
    const first = changesOf(pageWith({ charts: { items: [chart('a', 1), chart('b', 1)], more: 0 } }));
    const before = changedPage(undefined, first ?? {});
    const second = changesOf(pageWith({ charts: { items: [chart('a', 1), chart('b', 2)], more: 0 } }));
    const after = changedPage(before, second ?? {});
    expect(after?.charts.items[0]).toBe(before?.charts.items[0]);
    expect(after?.charts.items[1]?.points).toEqual([[0, 2]]);
  });

  it('replace everything after a new connection', () => {
    const before = changedPage(
      undefined,
      createPageChanges()(
        pageWith({ console: [{ number: 5, isError: false, timestamp: null, text: 'old' }] }),
      ) ?? {},
    );
    const version = pageWith({ console: [{ number: 7, isError: false, timestamp: null, text: 'new' }] });
    expect(changedPage(before, createPageChanges()(version) ?? {})).toEqual(version);
  });
});
