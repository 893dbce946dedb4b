import { createStoredLines, type LineLimits, type StoredLines } from './stored-lines.ts';

export type RunState = 'running' | 'finished' | 'failed' | 'crashed';

/** Who logged a run. A snapshot, because a run outlives its account. */
export interface RunAuthor {
  username: string;
  name: string;
  isServiceAccount: boolean;
}

export interface Project {
  id: string;
  /** Digits, as clients expect. */
  number: number;
  entity: string;
  name: string;
  description: string | null;
  createdAtMs: number;
}

/** What a client may change about a run at any time. */
export interface RunDetails {
  displayName: string;
  description: string | null;
  notes: string | null;
  group: string | null;
  jobType: string | null;
  commit: string | null;
  host: string | null;
  program: string | null;
  repo: string | null;
  sweepName: string | null;
  tags: readonly string[];
  /** JSON, as the client wrote it. */
  config: string;
  /** JSON, as the client wrote it. */
  summary: string;
}

export interface Run extends RunDetails {
  id: string;
  project: Project;
  /** The run ID of the SDK: `full-v0175`. */
  name: string;
  /** Whose credential created it. */
  account: RunAuthor;
  /** The person for whom a service account logs the run. */
  person: RunAuthor | null;
  history: StoredLines;
  /** System metrics. */
  events: StoredLines;
  console: StoredLines;
  /** Files by name; the content of one is missing until it is uploaded. */
  files: Set<string>;
  createdAtMs: number;
  heartbeatAtMs: number;
  /** Null until the run ends. */
  exitCode: number | null;
  stopRequested: boolean;
  /** Set while a run that had ended starts again: lines from offset 0 then replace the old ones. */
  restarted: Set<StreamedFile>;
}

export const streamedFiles = ['history', 'events', 'console'] as const;
export type StreamedFile = (typeof streamedFiles)[number];

const lineLimits: Record<StreamedFile, LineLimits> = {
  history: { keep: 'sample', maxLines: 2000, maxBytes: 2 ** 21, maxLineBytes: 2 ** 18 },
  events: { keep: 'sample', maxLines: 500, maxBytes: 2 ** 20, maxLineBytes: 2 ** 18 },
  console: { keep: 'tail', maxLines: 2000, maxBytes: 2 ** 20, maxLineBytes: 2 ** 14 },
};

export const createRunLines = (): Pick<Run, StreamedFile> => ({
  history: createStoredLines(lineLimits.history),
  events: createStoredLines(lineLimits.events),
  console: createStoredLines(lineLimits.console),
});

/** W&B calls a run crashed when nothing was heard of it for this long. */
const CRASHED_AFTER_MS = 5 * 60_000;

export function runState({ exitCode, heartbeatAtMs }: Run, nowMs: number): RunState {
  if (exitCode !== null) return exitCode === 0 ? 'finished' : 'failed';
  return nowMs - heartbeatAtMs > CRASHED_AFTER_MS ? 'crashed' : 'running';
}

/** Returns the ID that W&B gives to a run, a project or an artifact: base64 of its parts. */
export const wireId = (...parts: (string | number)[]) => Buffer.from(parts.join(':')).toString('base64');

/** How the content of a run's file is stored. */
export const runFileKey = ({ project, name }: Run, file: string) =>
  `run/${project.entity}/${project.name}/${name}/${file}`;

/** Returns the object in a JSON text, or undefined for anything else. */
export function jsonObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The memory that a run takes, without the contents of its files. */
export const runBytes = (run: Run) =>
  run.config.length + run.summary.length + streamedFiles.reduce((sum, file) => sum + run[file].bytes(), 4096);
