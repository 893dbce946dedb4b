import type { ChartPoint } from '../../../slack/protocol/runs-protocol.ts';

/** The smallest and the largest value of an axis; they always differ. */
export type Domain = [min: number, max: number];

export interface Tick {
  value: number;
  label: string;
}

/** Returns the domain of some finite values. */
export function domainOf(values: readonly number[]): Domain {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return [0, 1];
  if (min < max) return [min, max];
  // One value: in the middle. Around the largest numbers, 1 makes no difference.
  const margin = Math.abs(min) * 0.1 || 1;
  return [Math.max(-Number.MAX_VALUE, min - margin), Math.min(Number.MAX_VALUE, max + margin)];
}

/** Returns where a value lies in a domain, from 0 to 1. */
export function position(value: number, [min, max]: Domain): number {
  if (Number.isFinite(max - min)) return (value - min) / (max - min);
  return (value / 2 - min / 2) / (max / 2 - min / 2);
}

/** Returns up to `count` round values within a domain. */
export function ticksOf([min, max]: Domain, count: number): Tick[] {
  const rough = max / count - min / count || Number.MIN_VALUE;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(min / step);
  const last = Math.floor(max / step);
  const values = new Set<number>();
  // Where numbers are too close together to be counted, the ends are enough.
  if (Number.isSafeInteger(first) && Number.isSafeInteger(last)) {
    for (let index = first; index <= last && values.size < 2 * count; index += 1) {
      values.add(Number((index * step).toPrecision(12)));
    }
  }
  const round = values.size >= 2 ? [...values] : [min, max];
  return round.map((value) => ({ value, label: formatNumber(value) }));
}

/** Returns a number in at most about seven characters. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e9 || size < 1e-4)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  for (const [unit, letter] of [
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const) {
    if (size >= unit) return `${Number((value / (unit === 1e4 ? 1e3 : unit)).toPrecision(4))}${letter}`;
  }
  return String(Number(value.toPrecision(4)));
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Plot {
  xTicks: (Tick & { at: number })[];
  yTicks: (Tick & { at: number })[];
  /** SVG path data; a value that isn't a finite number interrupts the line. */
  line: string;
  /** Points without a neighbor, which a line wouldn't show. */
  dots: [x: number, y: number][];
  /** Where each point is; null for one without a value. */
  places: { x: number; y: number | null }[];
}

/** Lays out a chart in a frame. */
export function plot(points: readonly ChartPoint[], { left, top, width, height }: Frame): Plot {
  const xDomain = domainOf(points.map(([x]) => x));
  const yDomain = domainOf(points.flatMap(([, y]) => (y === null ? [] : [y])));
  const toX = (x: number) => round(left + position(x, xDomain) * width);
  const toY = (y: number) => round(top + (1 - position(y, yDomain)) * height);
  const places = points.map(([x, y]) => ({ x: toX(x), y: y === null ? null : toY(y) }));
  const runs = unbroken(places);
  return {
    xTicks: ticksOf(xDomain, Math.max(2, Math.floor(width / 70))).map((tick) => ({
      ...tick,
      at: toX(tick.value),
    })),
    yTicks: ticksOf(yDomain, 5).map((tick) => ({ ...tick, at: toY(tick.value) })),
    line: runs.map((run) => `M${run.map(([x, y]) => `${x} ${y}`).join('L')}`).join(''),
    dots: runs.filter(({ length }) => length === 1).flat(),
    places,
  };
}

function unbroken(places: Plot['places']): [number, number][][] {
  const runs: [number, number][][] = [];
  let current: [number, number][] = [];
  for (const { x, y } of [...places, { x: 0, y: null }]) {
    if (y !== null) current.push([x, y]);
    else if (current.length > 0) {
      runs.push(current);
      current = [];
    }
  }
  return runs;
}

const round = (at: number) => Math.round(at * 10) / 10;

/** Returns the index of the place nearest to `x`. */
export function nearest(places: Plot['places'], x: number): number {
  let best = 0;
  for (const [index, place] of places.entries()) {
    if (Math.abs(place.x - x) < Math.abs((places[best]?.x ?? 0) - x)) best = index;
  }
  return best;
}

/** Describes a chart in words, for people who don't see it. */
export function describeChart(points: readonly ChartPoint[], unit: string): string {
  const finite = points.flatMap(([x, y]) => (y === null ? [] : [{ x, y }]));
  const last = finite.at(-1);
  if (!last) return 'No finite values.';
  const [min, max] = [Math.min(...finite.map(({ y }) => y)), Math.max(...finite.map(({ y }) => y))];
  const count = finite.length === 1 ? '1 value' : `${finite.length} values`;
  return `${count}, minimum ${formatNumber(min)}, maximum ${formatNumber(max)}, last ${formatNumber(last.y)} at ${unit} ${formatNumber(last.x)}.`;
}
