import type {
  OfferedRuns,
  RunPage,
  RunPath,
  ShownArtifact,
  ShownFile,
  ShownLine,
} from '../../slack/protocol/runs-protocol.ts';
import type { Artifact, ArtifactStore } from '../runs/artifact-store.ts';
import { jsonObject, type Run, runFileKey, runState } from '../runs/run.ts';
import type { RunKeeping } from '../runs/run-keeping.ts';
import { consoleLines, plainConfig } from '../runs/run-metrics.ts';
import type { StoredContents } from '../runs/stored-contents.ts';
import type { WandbState } from '../wandb-state.ts';
import { createRowReader, metricCharts, systemCharts } from './chart-series.ts';
import { runAbout } from './run-about.ts';
import { createRunRows } from './run-rows.ts';
import { readOnce, shortened, shownEntries } from './shown-values.ts';

const MAX_CONSOLE_LINES = 1000;
const MAX_LINE_LENGTH = 2000;
const MAX_ARTIFACTS = 100;
const MAX_ALIASES = 20;
const MAX_ALIAS_LENGTH = 100;

interface OfferedRunsParts {
  state: Pick<WandbState, 'teams'>;
  runs: RunKeeping;
  now: () => number;
}

/** Offers the runs of this server to the sandbox's page. */
export function createOfferedRuns({ state, runs, now }: OfferedRunsParts): OfferedRuns {
  const { store, artifacts, contents } = runs;
  const rowOf = createRunRows();
  const readerOf = createReaders();
  const artifactsOf = createArtifactLists(artifacts);
  const find = ({ entity, project, run }: RunPath) => store.run(entity, project, run);
  const page = (run: Run): RunPage => {
    const reader = readerOf(run);
    return {
      row: rowOf(run, now()),
      about: runAbout(run, contents),
      config: reader.config(run.config),
      summary: reader.summary(run.summary),
      charts: metricCharts(reader.history(run.history)),
      system: systemCharts(reader.events(run.events)),
      console: shownConsole(run),
      files: shownFiles(run, contents),
      artifacts: artifactsOf(run),
    };
  };
  return {
    list: () => ({
      teams: state.teams.map(({ name }) => name),
      projects: store
        .projects()
        .map(({ entity, name, createdAtMs }) => ({ entity, project: name, createdAtMs })),
      runs: store
        .runs()
        .reverse()
        .map((run) => rowOf(run, now())),
    }),
    page(path) {
      const run = find(path);
      return run && page(run);
    },
    stop(path) {
      const run = find(path);
      if (!run) return 'not_found';
      if (runState(run, now()) !== 'running') return 'not_running';
      store.requestStop(run);
      return 'done';
    },
    file(path, file) {
      const run = find(path);
      return run?.files.has(file) ? contents.get(runFileKey(run, file))?.bytes : undefined;
    },
    onChange(listener) {
      for (const part of [store, artifacts, contents]) part.onChange(() => listener());
    },
  };
}

/** How many runs are kept parsed: about as many as people look at. */
const MAX_READERS = 4;

function createReader() {
  return {
    history: createRowReader(),
    events: createRowReader(),
    config: readOnce((config) => shownEntries(plainConfig({ config }))),
    summary: readOnce((summary) => shownEntries(withoutOwnValues(jsonObject(summary) ?? {}))),
  };
}

function createReaders(): (run: Run) => ReturnType<typeof createReader> {
  const readers = new Map<Run, ReturnType<typeof createReader>>();
  return (run) => {
    const reader = readers.get(run) ?? createReader();
    readers.delete(run);
    readers.set(run, reader);
    for (const oldest of readers.keys()) if (readers.size > MAX_READERS) readers.delete(oldest);
    return reader;
  };
}

/** Leaves out W&B's own values, which its pages hide too. */
const withoutOwnValues = (summary: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(summary).filter(([key]) => !key.startsWith('_')));

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' escape sequences for colors and cursor movements.
const ESCAPE_SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)/g;

function shownConsole(run: Run): ShownLine[] {
  return consoleLines(run)
    .slice(-MAX_CONSOLE_LINES)
    .map(({ number, level, timestamp, text }) => ({
      number,
      isError: level === 'error',
      timestamp: timestamp && shortened(timestamp, 40),
      text: shortened(text.replace(ESCAPE_SEQUENCES, ''), MAX_LINE_LENGTH),
    }));
}

function shownFiles(run: Run, contents: StoredContents): ShownFile[] {
  return [...run.files].sort().map((name) => {
    const content = contents.get(runFileKey(run, name));
    return { name, bytes: content?.bytes.length ?? null, updatedAtMs: content?.updatedAtMs ?? null };
  });
}

/** Creates a function that lists the artifacts of a run. It reads a manifest once. */
function createArtifactLists(artifacts: ArtifactStore): (run: Run) => ShownArtifact[] {
  const sizes = new WeakMap<Artifact, { ofManifest: number; files: number; bytes: number }>();
  const sizeOf = (artifact: Artifact) => {
    const known = sizes.get(artifact);
    if (known?.ofManifest === artifact.manifests) return known;
    const entries = artifacts.entries(artifact);
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    const size = { ofManifest: artifact.manifests, files: entries.length, bytes };
    sizes.set(artifact, size);
    return size;
  };
  return ({ project, name }) =>
    artifacts
      .list()
      .filter((one) => one.project === project && one.run === name && one.state === 'COMMITTED')
      .slice(-MAX_ARTIFACTS)
      .map((artifact) => ({
        name: `${artifact.collection}:v${artifact.versionIndex}`,
        type: artifact.type,
        aliases: artifact.aliases.slice(0, MAX_ALIASES).map((alias) => shortened(alias, MAX_ALIAS_LENGTH)),
        files: sizeOf(artifact).files,
        bytes: sizeOf(artifact).bytes,
        createdAtMs: artifact.createdAtMs,
      }));
}
