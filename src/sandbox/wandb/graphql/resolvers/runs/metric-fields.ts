import { isRecord, jsonObject, type Run } from '../../../runs/run.ts';
import { consoleLines, historyKeys, historyRows, sampled, systemMetrics } from '../../../runs/run-metrics.ts';
import { pageOf } from './pages.ts';

/** Returns the fields of a `Run` about its metrics and its console. */
export function metricFields(run: Run) {
  return {
    wandbConfig: ({ keys }: { keys?: string[] }) => JSON.stringify(wandbConfig(run, keys)),
    systemMetrics: () => JSON.stringify(systemMetrics(run)),
    summaryMetrics: ({ keys }: { keys?: string[] }) =>
      keys ? JSON.stringify(picked(jsonObject(run.summary) ?? {}, keys)) : run.summary,
    historyTail: () => tail(run.history.last()),
    eventsTail: () => tail(run.events.last()),
    historyKeys: () => historyKeys(run),
    history({ samples, minStep, maxStep }: { samples?: number; minStep?: number; maxStep?: number }) {
      const rows = historyRows(run.history).filter(
        ({ step }) => step >= (minStep ?? 0) && step < (maxStep ?? Number.POSITIVE_INFINITY),
      );
      return sampled(rows, samples ?? 500).map(({ text }) => text);
    },
    events: ({ samples }: { samples?: number }) =>
      sampled(historyRows(run.events), samples ?? 500).map(({ text }) => text),
    sampledHistory: ({ specs }: { specs: string[] }) => specs.map((spec) => sampledHistory(run, spec)),
    parquetHistory: ({ liveKeys }: { liveKeys: string[] }) => ({
      parquetUrls: [],
      liveData: rowsWith(run, liveKeys),
    }),
    logLines(page: { first?: number; after?: string; last?: number }) {
      const lines = consoleLines(run);
      const kept = page.last ? lines.slice(-page.last) : lines;
      return pageOf(kept, { after: page.after, first: page.first ?? 1000 }, ({ text, ...line }) => ({
        ...line,
        line: text,
      }));
    },
  };
}

const tail = (line: string | undefined) => JSON.stringify(line === undefined ? [] : [line]);

function sampledHistory(run: Run, spec: string): Record<string, unknown>[] {
  const { keys, samples } = jsonObject(spec) ?? {};
  const wanted = Array.isArray(keys) ? keys.map(String) : [];
  return sampled(rowsWith(run, wanted), typeof samples === 'number' ? samples : 500);
}

/** Returns the rows that have all of the keys, with these keys only; without keys, all rows. */
function rowsWith(run: Run, keys: readonly string[]): Record<string, unknown>[] {
  return historyRows(run.history).flatMap(({ values }) => {
    if (keys.length === 0) return [values];
    return keys.every((key) => key in values) ? [picked(values, keys)] : [];
  });
}

const picked = (values: Record<string, unknown>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));

/** Returns W&B's own part of the config: clients see from `t` that a run has really started. */
function wandbConfig(run: Run, keys: string[] | undefined): Record<string, unknown> {
  const own = jsonObject(run.config)?._wandb;
  const value = isRecord(own) && isRecord(own.value) ? own.value : {};
  return keys ? picked(value, keys) : value;
}
