/**
 * The protocol between the page's W&B tab and the sandbox's server, under `/sandbox/wandb/`. The tab acts as no particular
 * person and sees every team. Everything that a run has sent is text of a limited length.
 *
 * - `GET  /sandbox/wandb/events`                          → server-sent events, each `data:` one {@link RunListEvent}
 * - `GET  /sandbox/wandb/events?entity=…&project=…&run=…` → server-sent events, each `data:` one {@link RunPageEvent}
 * - `GET  /sandbox/wandb/file?entity=…&project=…&run=…&file=…` → the content of a run's file, as a download
 * - `POST /sandbox/wandb/stop` {@link RunPath}            → {@link Outcome} of page-protocol.ts
 *
 * A link of a run, as W&B's SDK prints it, is redirected to the page: `/wandb/{entity}/{project}/runs/{run}`.
 */

/** Where a run is: its team, its project, and its ID as the SDK knows it. */
export interface RunPath {
  entity: string;
  project: string;
  run: string;
}

/** W&B's states, and `stopping`: running, but asked to stop. */
export type ShownRunState = 'running' | 'stopping' | 'finished' | 'failed' | 'crashed' | 'killed';

/** A key and its value as JSON. */
export type ShownEntry = [key: string, value: string];

/** A run in the table of runs. */
export interface RunRow extends RunPath {
  displayName: string;
  state: ShownRunState;
  /** The name of the service account or person whose credential was used. */
  account: string;
  isServiceAccount: boolean;
  /** The person for whom the service account logs. */
  person: string | null;
  createdAtMs: number;
  heartbeatAtMs: number;
  /** Null while the run is running. */
  runtimeSeconds: number | null;
  tags: string[];
  /** The first plain values of the config and the summary. */
  config: ShownEntry[];
  summary: ShownEntry[];
}

export interface ProjectRow {
  entity: string;
  project: string;
  createdAtMs: number;
}

export interface RunList {
  /** Teams, also those without projects. */
  teams: string[];
  projects: ProjectRow[];
  /** The newest first. */
  runs: RunRow[];
}

export interface RunListEvent {
  type: 'runs';
  /** True for the first event of a connection, which describes everything. */
  isWhole: boolean;
  teams?: string[];
  projects?: ProjectRow[];
  /** New and changed runs, in any order. */
  runs: RunRow[];
  removed: RunPath[];
}

/** A part of a list, and how many of the rest aren't shown. */
export interface Excerpt<Item> {
  items: Item[];
  more: number;
}

/** What a run page says beside its row; null: unknown. */
export interface RunAbout {
  notes: string | null;
  group: string | null;
  jobType: string | null;
  host: string | null;
  os: string | null;
  python: string | null;
  sdk: string | null;
  command: string | null;
  gitRemote: string | null;
  gitCommit: string | null;
}

/** A point of a chart; null: a value that isn't a finite number. */
export type ChartPoint = [x: number, y: number | null];

export interface ChartSeries {
  name: string;
  /** In the order of x: an even sample of what the run has logged, with the last point. */
  points: ChartPoint[];
}

export interface ShownLine {
  /** Counted from 0. */
  number: number;
  isError: boolean;
  /** As the SDK wrote it. */
  timestamp: string | null;
  text: string;
}

export interface ShownFile {
  name: string;
  /** Null until its content is uploaded. */
  bytes: number | null;
  updatedAtMs: number | null;
}

export interface ShownArtifact {
  /** `model:v0`. */
  name: string;
  type: string;
  aliases: string[];
  files: number;
  bytes: number;
  createdAtMs: number;
}

export interface RunPage {
  row: RunRow;
  about: RunAbout;
  config: Excerpt<ShownEntry>;
  summary: Excerpt<ShownEntry>;
  /** Metrics by step. */
  charts: Excerpt<ChartSeries>;
  /** System metrics by seconds since the start. */
  system: Excerpt<ChartSeries>;
  /** The last lines. */
  console: ShownLine[];
  files: ShownFile[];
  artifacts: ShownArtifact[];
}

/** New points of a chart, which replace those from the index `from` on. */
interface ChartChange extends ChartSeries {
  from: number;
}

export interface ChartsChange {
  changed: ChartChange[];
  /** All charts, in their order. */
  names: string[];
  more: number;
}

/** New and changed lines. Earlier lines than `first` are no longer shown. */
export interface ConsoleChange {
  /** Whether `lines` replace all earlier ones. */
  isWhole: boolean;
  first: number;
  lines: ShownLine[];
}

/** What changed since the last event of the connection; whatever is absent is as before. */
export type RunChanges = Partial<
  Pick<RunPage, 'row' | 'about' | 'config' | 'summary' | 'files' | 'artifacts'> & {
    charts: ChartsChange;
    system: ChartsChange;
    console: ConsoleChange;
  }
>;

export type RunPageEvent =
  /** The first event of a connection describes everything. */
  | { type: 'run'; changes: RunChanges }
  /** The run doesn't exist (any longer). */
  | { type: 'missing' };

/** The runs of another local server, which the page shows. */
export interface OfferedRuns {
  list(): RunList;
  /** Returns undefined for a run that doesn't exist. */
  page(path: RunPath): RunPage | undefined;
  /** Tells the run to stop in the response to its next request. */
  stop(path: RunPath): 'done' | 'not_found' | 'not_running';
  /** Returns undefined for a file that doesn't exist or that isn't uploaded yet. */
  file(path: RunPath, file: string): Buffer | undefined;
  /** Calls the listener after every change of a run, its files or its artifacts. */
  onChange(listener: () => void): void;
}
