import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, jsonObject, type Run } from '../run.ts';
import { MAX_CONTENT_BYTES, type RunKeeping } from '../run-keeping.ts';
import { readArtifacts, readRun, writeArtifacts, writeRun } from './run-record.ts';

/** Keeps runs, artifacts and files in a folder, so that they survive a restart. */
export interface RunFolder {
  /** Writes what has changed. */
  flush(): Promise<void>;
  /** Writes what has changed, and stops writing. */
  close(): Promise<void>;
}

interface RunFolderOptions {
  path: string;
  /** Called when something can't be written; it is tried again with the next change. */
  onError: (error: unknown) => void;
}

/** Changes within this time are written together. */
const WRITE_AFTER_MS = 500;
/** Larger files weren't written by this server. */
const MAX_FILE_BYTES = 2 * MAX_CONTENT_BYTES;
const MAX_FILES = 10_000;

/** Reads the folder into the empty `runs`, and from then on writes each change to it. Files that can't be read are skipped. */
export async function openRunFolder(runs: RunKeeping, options: RunFolderOptions): Promise<RunFolder> {
  const { path, onError } = options;
  const folders = { runs: join(path, 'runs'), contents: join(path, 'contents') };
  const artifactsFile = join(path, 'artifacts.jsonl');
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const fileOf = (kind: keyof typeof folders, key: string) => join(folders[kind], fileName(key, kind));

  await restoreRuns(runs, folders.runs);
  restoreArtifacts(runs, (await readText(artifactsFile)) ?? '');
  await restoreContents(runs, folders.contents);

  const changedRuns = new Map<string, Run>();
  const changedContents = new Set<string>();
  let artifactsChanged = false;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const writeChanges = async () => {
    for (const run of drain(changedRuns, ([, one]) => one)) {
      const file = fileOf('runs', run.id);
      const isKept = runs.store.runById(run.id) === run;
      await (isKept ? replaceFile(file, writeRun(run)) : rm(file, { force: true })).catch(
        (error: unknown) => {
          changedRuns.set(run.id, run);
          onError(error);
        },
      );
    }
    for (const key of drain(changedContents, ([one]) => one)) {
      const content = runs.contents.get(key);
      const file = fileOf('contents', key);
      await (content ? replaceFile(file, writeContent(content)) : rm(file, { force: true })).catch(
        (error: unknown) => {
          changedContents.add(key);
          onError(error);
        },
      );
    }
    if (!artifactsChanged) return;
    artifactsChanged = false;
    await replaceFile(artifactsFile, writeArtifacts(runs.artifacts.list())).catch((error: unknown) => {
      artifactsChanged = true;
      onError(error);
    });
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(writeChanges);
    return writing;
  };
  let isClosed = false;
  const schedule = () => {
    if (!isClosed) timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS).unref();
  };
  runs.store.onChange((run) => {
    changedRuns.set(run.id, run);
    schedule();
  });
  runs.contents.onChange((key) => {
    changedContents.add(key);
    schedule();
  });
  runs.artifacts.onChange(() => {
    artifactsChanged = true;
    schedule();
  });
  return {
    flush,
    close() {
      isClosed = true;
      return flush();
    },
  };
}

/** Empties the collection first, because what fails is added again. */
function drain<E, T>(
  collection: { entries(): IterableIterator<E>; clear(): void },
  toValue: (entry: E) => T,
): T[] {
  const values = [...collection.entries()].map(toValue);
  collection.clear();
  return values;
}

const fileName = (key: string, kind: 'runs' | 'contents') =>
  `${createHash('sha256').update(key).digest('hex').slice(0, 40)}${kind === 'runs' ? '.jsonl' : '.bin'}`;

/** Replaces a file at once: a crash leaves either the old or the new content. */
async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, content, { mode: 0o600, flush: true });
  await rename(temporary, path);
}

async function restoreRuns({ store }: RunKeeping, folder: string): Promise<void> {
  const found: Run[] = [];
  for (const name of await filesIn(folder, '.jsonl')) {
    const text = await readText(join(folder, name));
    const run = text === undefined ? undefined : readRun(text);
    if (run) found.push(run);
  }
  for (const run of found.sort((a, b) => a.createdAtMs - b.createdAtMs)) store.restore(run);
}

function restoreArtifacts({ store, artifacts }: RunKeeping, text: string): void {
  for (const artifact of readArtifacts(text)) {
    const { entity, name } = artifact.project;
    const project = store.project(entity, name);
    if (project) artifacts.restore({ ...artifact, project });
  }
}

/** A content has a first line with its key and type, then its bytes. */
function writeContent({
  key,
  mimetype,
  updatedAtMs,
  bytes,
}: {
  key: string;
  mimetype: string;
  updatedAtMs: number;
  bytes: Buffer;
}): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ key, mimetype, updatedAtMs })}\n`), bytes]);
}

async function restoreContents({ contents }: RunKeeping, folder: string): Promise<void> {
  for (const name of await filesIn(folder, '.bin')) {
    const stored = await readBytes(join(folder, name));
    const end = stored?.indexOf('\n') ?? -1;
    if (!stored || end < 0) continue;
    const head = jsonObject(stored.subarray(0, end).toString());
    if (!isRecord(head)) continue;
    const { key, mimetype, updatedAtMs } = head;
    if (typeof key !== 'string' || typeof mimetype !== 'string' || typeof updatedAtMs !== 'number') continue;
    contents.put({ key, mimetype, updatedAtMs, bytes: Buffer.from(stored.subarray(end + 1)) });
  }
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(ending)).slice(0, MAX_FILES);
}

async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path);
    return size > MAX_FILE_BYTES ? undefined : await readFile(path);
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  const bytes = await readBytes(path);
  return bytes?.toString();
}
