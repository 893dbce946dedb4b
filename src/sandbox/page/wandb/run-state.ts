import type {
  ChartSeries,
  ChartsChange,
  ConsoleChange,
  Excerpt,
  RunChanges,
  RunList,
  RunListEvent,
  RunPage,
  RunPath,
  ShownLine,
} from '../../slack/protocol/runs-protocol.ts';

/** Applies an event to a list. Unchanged rows stay the same objects. */
export function changedList(before: RunList | undefined, event: RunListEvent): RunList {
  const { teams = before?.teams ?? [], projects = before?.projects ?? [], isWhole } = event;
  const changed = new Map(event.runs.map((row) => [keyOf(row), row]));
  const removed = new Set(event.removed.map(keyOf));
  const kept = isWhole ? [] : (before?.runs ?? []).filter((row) => !removed.has(keyOf(row)));
  const known = kept.map((row) => {
    const now = changed.get(keyOf(row));
    changed.delete(keyOf(row));
    return now ?? row;
  });
  return { teams, projects, runs: [...changed.values(), ...known].sort(byAge) };
}

const keyOf = ({ entity, project, run }: RunPath) => JSON.stringify([entity, project, run]);
const byAge = (a: { createdAtMs: number }, b: { createdAtMs: number }) => b.createdAtMs - a.createdAtMs;

/** Applies changes to a page; the first ones of a connection describe all of it. Unchanged parts stay the same objects. */
export function changedPage(before: RunPage | undefined, changes: RunChanges): RunPage | undefined {
  const { charts, system, console, ...rest } = changes;
  const known = { ...before, ...rest };
  const { row, about, config, summary } = known;
  if (!row || !about || !config || !summary) return undefined;
  return {
    row,
    about,
    config,
    summary,
    charts: changedCharts(before?.charts, charts),
    system: changedCharts(before?.system, system),
    console: changedConsole(before?.console, console),
    files: known.files ?? [],
    artifacts: known.artifacts ?? [],
  };
}

function changedCharts(
  before: Excerpt<ChartSeries> = { items: [], more: 0 },
  change: ChartsChange | undefined,
): Excerpt<ChartSeries> {
  if (!change) return before;
  const charts = new Map(before.items.map((chart) => [chart.name, chart]));
  for (const { name, from, points } of change.changed) {
    const kept = charts.get(name)?.points.slice(0, from) ?? [];
    charts.set(name, { name, points: [...kept, ...points] });
  }
  const items = change.names.flatMap((name) => charts.get(name) ?? []);
  return { items, more: change.more };
}

function changedConsole(before: ShownLine[] = [], change: ConsoleChange | undefined): ShownLine[] {
  if (!change) return before;
  if (change.isWhole) return change.lines;
  const changed = new Map(change.lines.map((line) => [line.number, line]));
  const kept = before.filter(({ number }) => number >= change.first && !changed.has(number));
  return [...kept, ...change.lines].sort((a, b) => a.number - b.number);
}
