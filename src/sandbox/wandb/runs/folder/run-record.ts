import type { Artifact } from '../artifact-store.ts';
import {
  createRunLines,
  isRecord,
  jsonObject,
  type Project,
  type Run,
  type RunAuthor,
  type StreamedFile,
  streamedFiles,
  wireId,
} from '../run.ts';
import { MAX_LINE_COUNT } from '../stored-lines.ts';

/** Returns a run as JSON lines: the run itself, then each kept line with its offset. */
export function writeRun(run: Run): string {
  const { history, events, console, files, restarted, ...details } = run;
  const counts = { history: history.count(), events: events.count(), console: console.count() };
  const head = { ...details, files: [...files], restarted: [...restarted], counts };
  const lines = streamedFiles.flatMap((file) =>
    run[file].entries().map(([offset, line]) => JSON.stringify([file, offset, line])),
  );
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}

/** Reads what {@link writeRun} wrote. Returns undefined for anything else, such as the file of another version. */
export function readRun(text: string): Run | undefined {
  const [first, ...rest] = text.split('\n');
  const { counts, files, restarted, ...details } = jsonObject(first) ?? {};
  if (!isStoredRun(details) || !isNames(files) || !isNames(restarted)) return undefined;
  const run: Run = {
    ...details,
    ...createRunLines(),
    files: new Set(files),
    restarted: new Set(restarted.filter(isStreamed)),
  };
  for (const line of rest) {
    if (line === '') continue;
    const [file, offset, content] = parsedLine(line);
    if (!isStreamed(file) || !isOffset(offset) || typeof content !== 'string') return undefined;
    if (offset >= MAX_LINE_COUNT) return undefined;
    run[file].write(offset, [content]);
  }
  for (const file of streamedFiles) {
    const count = isRecord(counts) ? counts[file] : undefined;
    if (!isOffset(count)) return undefined;
    run[file].write(count, []);
  }
  return run;
}

export const writeArtifacts = (artifacts: readonly Artifact[]) =>
  artifacts.map((artifact) => `${JSON.stringify(artifact)}\n`).join('');

/** Reads what {@link writeArtifacts} wrote, without lines that aren't artifacts. */
export function readArtifacts(text: string): Artifact[] {
  return text.split('\n').flatMap((line) => {
    const value = jsonObject(line);
    return isStoredArtifact(value) ? [value] : [];
  });
}

type StoredRun = Omit<Run, StreamedFile | 'files' | 'restarted'>;

/** Checks what the other code relies on; everything was written by this server. */
function isStoredRun(value: Record<string, unknown>): value is Record<string, unknown> & StoredRun {
  const { id, name, project, account, person, config, summary, tags, exitCode, createdAtMs, heartbeatAtMs } =
    value;
  return (
    isProject(project) &&
    typeof name === 'string' &&
    id === wireId('Run', 'v1', name, project.name, project.entity) &&
    isAuthor(account) &&
    (person === null || isAuthor(person)) &&
    [config, summary].every((json) => typeof json === 'string' && jsonObject(json)) &&
    isNames(tags) &&
    (exitCode === null || Number.isInteger(exitCode)) &&
    [createdAtMs, heartbeatAtMs].every(Number.isFinite)
  );
}

function isProject(value: unknown): value is Project {
  if (!isRecord(value)) return false;
  const { id, entity, name, number, createdAtMs } = value;
  return (
    [id, entity, name].every((text) => typeof text === 'string') &&
    [number, createdAtMs].every(Number.isFinite)
  );
}

const isAuthor = (value: unknown): value is RunAuthor =>
  isRecord(value) && typeof value.username === 'string' && typeof value.name === 'string';

function isStoredArtifact(
  value: Record<string, unknown> | undefined,
): value is Record<string, unknown> & Artifact {
  if (!value || !isProject(value.project) || !isNames(value.aliases)) return false;
  const { id, number, collection, type, digest, metadata, manifests, state } = value;
  return (
    [id, collection, type, digest, metadata].every((text) => typeof text === 'string') &&
    [number, manifests].every(Number.isInteger) &&
    (state === 'PENDING' || state === 'COMMITTED')
  );
}

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');
const isStreamed = (value: unknown): value is StreamedFile => streamedFiles.some((file) => file === value);
const isOffset = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_LINE_COUNT;

function parsedLine(line: string): unknown[] {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
