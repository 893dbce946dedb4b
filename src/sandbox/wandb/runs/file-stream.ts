import { isRecord, jsonObject, type Run, type StreamedFile } from './run.ts';
import { MAX_LINE_COUNT } from './stored-lines.ts';

/** One request of a run that streams its lines. */
export interface FileStreamChunk {
  lines: { file: StreamedFile; offset: number; content: string[] }[];
  /** The last line of the summary file: the whole summary. */
  summary?: string;
  /** Set when the run ends. */
  exitCode?: number;
}

const fileOf: Record<string, StreamedFile> = {
  'wandb-history.jsonl': 'history',
  'wandb-events.jsonl': 'events',
  'output.log': 'console',
};

/** Reads a request's body; returns undefined if it isn't a file stream. */
export function readFileStream(text: string): FileStreamChunk | undefined {
  const body = jsonObject(text);
  if (!body) return undefined;
  const chunk: FileStreamChunk = { lines: [] };
  const files = body.files ?? {};
  if (!isRecord(files)) return undefined;
  for (const [name, sent] of Object.entries(files)) {
    if (!isRecord(sent)) return undefined;
    const { offset = 0, content } = sent;
    if (!isOffset(offset) || !isLines(content) || offset + content.length > MAX_LINE_COUNT) return undefined;
    const file = fileOf[name];
    if (file && content.length > 0) chunk.lines.push({ file, offset, content });
    const last = content.at(-1);
    if (name === 'wandb-summary.json' && last !== undefined) chunk.summary = last;
  }
  if (body.complete === true) chunk.exitCode = Number.isInteger(body.exitcode) ? Number(body.exitcode) : 0;
  return chunk;
}

const isOffset = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
const isLines = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((line) => typeof line === 'string');

const MAX_SUMMARY_LENGTH = 2 ** 20;

/** Applies a request to its run. Lines are stored by offset, because a client sends the last one again. */
export function applyFileStream(run: Run, chunk: FileStreamChunk, nowMs: number): void {
  run.heartbeatAtMs = nowMs;
  for (const { file, offset, content } of chunk.lines) {
    if (run.restarted.delete(file) && offset === 0) run[file].clear();
    run[file].write(offset, content);
  }
  const { summary, exitCode } = chunk;
  if (summary !== undefined && summary.length <= MAX_SUMMARY_LENGTH && jsonObject(summary)) {
    run.summary = summary;
  }
  if (exitCode !== undefined) run.exitCode = exitCode;
}

/** Returns what the client needs to know; `stopped` makes it interrupt the script. */
export function fileStreamResponse(run: Run): object {
  return { exitcode: run.exitCode, limits: {}, ...(run.stopRequested && { stopped: true }) };
}
