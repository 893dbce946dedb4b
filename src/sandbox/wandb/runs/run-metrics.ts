import { isRecord, jsonObject, type Run, type RunState, runState } from './run.ts';
import type { StoredLines } from './stored-lines.ts';

/** One row of a run's history, with its JSON text as the client wrote it. */
export interface HistoryRow {
  step: number;
  text: string;
  values: Record<string, unknown>;
}

export function historyRows(lines: StoredLines): HistoryRow[] {
  return lines.entries().flatMap(([offset, text]) => {
    const values = jsonObject(text);
    if (!values) return [];
    return [{ step: typeof values._step === 'number' ? values._step : offset, text, values }];
  });
}

/** Returns at most `count` of the rows, evenly spread, the first and the last among them. */
export function sampled<T>(rows: T[], count: number): T[] {
  if (rows.length <= count) return rows;
  if (count < 2) return rows.slice(0, Math.max(0, count));
  const step = (rows.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => rows[Math.round(index * step)] as T);
}

/** Returns W&B's `historyKeys`: the types of each metric and its last value. */
export function historyKeys(run: Run): object {
  const keys: Record<
    string,
    { typeCounts: { type: string; count: number }[]; monotonic: boolean; previousValue: unknown }
  > = {};
  let lastStep = -1;
  for (const { step, values } of historyRows(run.history)) {
    lastStep = Math.max(lastStep, step);
    for (const [name, value] of Object.entries(values)) {
      keys[name] ??= { typeCounts: [], monotonic: true, previousValue: value };
      const key = keys[name];
      const type = typeOf(value);
      const counted = key.typeCounts.find((one) => one.type === type);
      if (counted) counted.count += 1;
      else key.typeCounts.push({ type, count: 1 });
      if (!(Number(value) >= Number(key.previousValue))) key.monotonic = false;
      key.previousValue = value;
    }
  }
  return { lastStep, keys, sets: [] };
}

function typeOf(value: unknown): string {
  if (value === null) return 'nil';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}

/** The points of a line chart per metric, by name; W&B's own values (`_step`, `_runtime`) are left out. */
export function metricSeries(run: Run): Map<string, { step: number; value: number }[]> {
  const series = new Map<string, { step: number; value: number }[]>();
  for (const { step, values } of historyRows(run.history)) {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== 'number' || name.startsWith('_')) continue;
      const points = series.get(name) ?? [];
      if (points.length === 0) series.set(name, points);
      points.push({ step, value });
    }
  }
  return series;
}

/** The last system metrics, as `systemMetrics` returns them. */
export function systemMetrics(run: Run): Record<string, unknown> {
  const values = jsonObject(run.events.last()) ?? {};
  return Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith('system.')));
}

export interface ConsoleLine {
  number: number;
  level: 'error' | null;
  /** As the client wrote it; null if it wrote none. */
  timestamp: string | null;
  label: string | null;
  text: string;
}

const PLAIN_LINE = /^(ERROR )?(\d{4}-\d\d-\d\dT[\d:.]+) (.*)$/s;

/** Reads the console log: plain lines (`ERROR 2026-11-29T11:07:01 text`), or JSON with `ts`, `content` and `level`. */
export function consoleLines(run: Run): ConsoleLine[] {
  return run.console.entries().map(([number, sent]) => {
    // SDK 0.17.5 sends the line break too.
    const line = sent.replace(/\r?\n$/, '');
    const structured = line.startsWith('{') ? jsonObject(line) : undefined;
    if (typeof structured?.content === 'string') {
      return {
        number,
        level: structured.level === 'error' ? 'error' : null,
        timestamp: typeof structured.ts === 'string' ? structured.ts : null,
        label: typeof structured.label === 'string' ? structured.label : null,
        text: structured.content,
      };
    }
    const [, error, timestamp = null, text = line] = PLAIN_LINE.exec(line) ?? [];
    return { number, level: error ? 'error' : null, timestamp, label: null, text };
  });
}

/** A run as a page shows it. */
export interface RunSummary {
  id: string;
  team: string;
  project: string;
  name: string;
  displayName: string;
  state: RunState;
  stopRequested: boolean;
  /** The name of the service account or person whose key was used. */
  account: string;
  /** The person for whom the service account logs. */
  person: string | null;
  createdAtMs: number;
  heartbeatAtMs: number;
  config: Record<string, unknown>;
  summary: Record<string, unknown>;
  /** The last value of each metric. */
  lastValues: Record<string, number>;
}

export function summarizeRun(run: Run, nowMs: number): RunSummary {
  const { id, project, name, displayName, stopRequested, account, person, createdAtMs, heartbeatAtMs } = run;
  const values = { ...(jsonObject(run.history.last()) ?? {}), ...jsonObject(run.summary) };
  return {
    id,
    team: project.entity,
    project: project.name,
    name,
    displayName,
    state: runState(run, nowMs),
    stopRequested,
    account: account.name,
    person: person?.name ?? null,
    createdAtMs,
    heartbeatAtMs,
    config: plainConfig(run),
    summary: Object.fromEntries(
      Object.entries(jsonObject(run.summary) ?? {}).filter(([key]) => key !== '_wandb'),
    ),
    lastValues: Object.fromEntries(
      Object.entries(values).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number' && !entry[0].startsWith('_'),
      ),
    ),
  };
}

/** The config as the script set it: `{"lr":{"value":0.1}}` is `lr: 0.1`, without W&B's own part. */
export function plainConfig(run: Pick<Run, 'config'>): Record<string, unknown> {
  const entries = Object.entries(jsonObject(run.config) ?? {}).filter(([name]) => name !== '_wandb');
  return Object.fromEntries(
    entries.map(([name, entry]) => [name, isRecord(entry) && 'value' in entry ? entry.value : entry]),
  );
}
