import type { ChartPoint, ChartSeries, Excerpt } from '../../slack/protocol/runs-protocol.ts';
import { jsonObject } from '../runs/run.ts';
import type { StoredLines } from '../runs/stored-lines.ts';
import { leavesOf, shortened } from './shown-values.ts';

const MAX_CHARTS = 100;
const MAX_POINTS = 500;
const MAX_NAME_LENGTH = 200;

type Values = Record<string, unknown>;

/** Creates a function that returns the rows of a file. It parses only lines that have changed since the last call. */
export function createRowReader(): (lines: StoredLines) => [offset: number, values: Values][] {
  let known = new Map<number, { text: string; values: Values | undefined }>();
  return (lines) => {
    const read: typeof known = new Map();
    for (const [offset, text] of lines.entries()) {
      const before = known.get(offset);
      read.set(offset, before?.text === text ? before : { text, values: jsonObject(text) });
    }
    known = read;
    return [...read].flatMap(([offset, { values }]) => (values ? [[offset, values]] : []));
  };
}

/** Returns the charts of a run's metrics, in the order in which they were first logged. W&B's own values have none. */
export function metricCharts(rows: readonly [offset: number, values: Values][]): Excerpt<ChartSeries> {
  return chartsOf(rows, {
    x: (values, offset) => (isNumber(values._step) ? values._step : offset),
    isShown: (name) => !name.startsWith('_'),
  });
}

/** Returns the charts of the machine's metrics. */
export function systemCharts(rows: readonly [offset: number, values: Values][]): Excerpt<ChartSeries> {
  return chartsOf(rows, {
    x: (values, offset) => (isNumber(values._runtime) ? values._runtime : offset),
    isShown: (name) => name.startsWith('system.'),
  });
}

function chartsOf(
  rows: readonly [offset: number, values: Values][],
  { x, isShown }: { x: (values: Values, offset: number) => number; isShown: (name: string) => boolean },
): Excerpt<ChartSeries> {
  const series = new Map<string, ChartPoint[]>();
  const others = new Set<string>();
  for (const [offset, values] of rows) {
    const at = x(values, offset);
    for (const [name, value] of leavesOf(values)) {
      const y = chartedValue(value);
      if (y === undefined || !isShown(name)) continue;
      const points = series.get(name);
      if (points) points.push([at, y]);
      else if (series.size < MAX_CHARTS) series.set(name, [[at, y]]);
      else others.add(name);
    }
  }
  const items = [...series].map(([name, points]) => ({
    name: shortened(name, MAX_NAME_LENGTH),
    points: thinned(inOrder(points)),
  }));
  return { items: withoutDuplicates(items), more: others.size };
}

/** JSON has no NaN, so SDKs write it as text; too large a number becomes Infinity. */
function chartedValue(value: unknown): number | null | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? null : undefined;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** A script can log with steps of its own, and a resumed run goes back. */
function inOrder(points: ChartPoint[]): ChartPoint[] {
  const isInOrder = points.every(([x], index) => index === 0 || (points[index - 1]?.[0] ?? x) <= x);
  return isInOrder ? points : points.sort(([a], [b]) => a - b);
}

/**
 * Keeps every second, fourth, … point and the last one. The same points stay when more arrive, so that only new ones have to be
 * sent.
 */
function thinned(points: ChartPoint[]): ChartPoint[] {
  let stride = 1;
  while (points.length / stride > MAX_POINTS) stride *= 2;
  if (stride === 1) return points;
  return points.filter((_, index) => index % stride === 0 || index === points.length - 1);
}

/** Long names may differ only after their shortened part; the first one is shown. */
function withoutDuplicates(items: ChartSeries[]): ChartSeries[] {
  const names = new Set<string>();
  return items.filter(({ name }) => !names.has(name) && names.add(name));
}
