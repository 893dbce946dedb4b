import type { RunRow, ShownEntry, ShownRunState } from '../../slack/protocol/runs-protocol.ts';
import { isRecord, jsonObject, type Run, runState } from '../runs/run.ts';
import { plainConfig } from '../runs/run-metrics.ts';
import { readOnce, shortened, shownValue } from './shown-values.ts';

const MAX_NAME_LENGTH = 200;
const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 60;
const MAX_COLUMNS = 6;
/** Of a larger config or summary, the table shows nothing; the page of the run does. */
const MAX_READ_LENGTH = 2 ** 16;

/** Returns W&B's state of a run. A run that was asked to stop and then failed was killed. */
function shownState(run: Run, nowMs: number): ShownRunState {
  const state = runState(run, nowMs);
  if (!run.stopRequested) return state;
  if (state === 'running') return 'stopping';
  return state === 'failed' ? 'killed' : state;
}

/** Creates a function that returns a run's row. It reads config and summary only after they have changed. */
export function createRunRows(): (run: Run, nowMs: number) => RunRow {
  const readers = new WeakMap<Run, { config: typeof readColumns; summary: typeof readSummary }>();
  const readerOf = (run: Run) => {
    const reader = readers.get(run) ?? { config: readOnce(readColumns), summary: readOnce(readSummary) };
    readers.set(run, reader);
    return reader;
  };
  return (run, nowMs) => {
    const reader = readerOf(run);
    const { columns, runtimeSeconds } = reader.summary(run.summary);
    const state = shownState(run, nowMs);
    const isRunning = state === 'running' || state === 'stopping';
    return {
      entity: run.project.entity,
      project: run.project.name,
      run: run.name,
      displayName: shortened(run.displayName, MAX_NAME_LENGTH),
      state,
      account: shortened(run.account.name, MAX_NAME_LENGTH),
      isServiceAccount: run.account.isServiceAccount,
      person: run.person && shortened(run.person.name, MAX_NAME_LENGTH),
      createdAtMs: run.createdAtMs,
      heartbeatAtMs: run.heartbeatAtMs,
      runtimeSeconds: isRunning ? null : (runtimeSeconds ?? (run.heartbeatAtMs - run.createdAtMs) / 1000),
      tags: run.tags.slice(0, MAX_TAGS).map((tag) => shortened(tag, MAX_TAG_LENGTH)),
      config: reader.config(run.config),
      summary: columns,
    };
  };
}

function readColumns(config: string): ShownEntry[] {
  return config.length > MAX_READ_LENGTH ? [] : columnsOf(plainConfig({ config }));
}

function readSummary(text: string): { columns: ShownEntry[]; runtimeSeconds: number | undefined } {
  const summary = (text.length > MAX_READ_LENGTH ? undefined : jsonObject(text)) ?? {};
  const { _runtime, _wandb } = summary;
  const ofSdk = isRecord(_wandb) ? _wandb.runtime : undefined;
  const runtimeSeconds = [_runtime, ofSdk].find((seconds) => Number.isFinite(seconds)) as number | undefined;
  return { columns: columnsOf(summary), runtimeSeconds };
}

function columnsOf(values: Record<string, unknown>): ShownEntry[] {
  return Object.entries(values)
    .filter(([key, value]) => !key.startsWith('_') && (typeof value !== 'object' || value === null))
    .slice(0, MAX_COLUMNS)
    .map(([key, value]) => [shortened(key, MAX_TAG_LENGTH), shownValue(value)]);
}
