import { randomBytes } from 'node:crypto';
import { WandbError } from '../permissions.ts';
import {
  createRunLines,
  type Project,
  type Run,
  type RunAuthor,
  type RunDetails,
  runBytes,
  runFileKey,
  wireId,
} from './run.ts';
import type { StoredContents } from './stored-contents.ts';

export interface RunLimits {
  maxRuns: number;
  maxProjects: number;
  /** Of all runs, without the contents of files. */
  maxRunBytes: number;
  maxFilesPerRun: number;
}

export const defaultRunLimits: RunLimits = {
  maxRuns: 500,
  maxProjects: 100,
  maxRunBytes: 64 * 2 ** 20,
  maxFilesPerRun: 200,
};

export interface RunStore {
  projects(): Project[];
  project(entity: string, name: string): Project | undefined;
  /** Returns the project, which it creates if necessary. */
  addProject(entity: string, name: string, description?: string | null): Project;
  /** In the order of creation. */
  runs(): Run[];
  runsOf(project: Project): Run[];
  run(entity: string, project: string, name: string): Run | undefined;
  runById(id: string): Run | undefined;
  /** Creates a run, or starts one again that had ended. */
  startRun(start: RunStart): { run: Run; inserted: boolean };
  /** Callers have checked the details. */
  change(run: Run, details: Partial<RunDetails>): void;
  addFile(run: Run, file: string): void;
  /** The response to the run's next request says that it must stop. */
  requestStop(run: Run): void;
  /** Must follow each change that isn't made by a method of the store; makes room if necessary. */
  changed(run: Run): void;
  /** Calls the listener after each change of a run, also when it is removed to make room. */
  onChange(listener: (run: Run) => void): void;
  /** Adds a run that was read from the folder. */
  restore(run: Run): void;
}

interface RunStart {
  project: Project;
  /** Null: a new random name. */
  name: string | null;
  account: RunAuthor;
  person: RunAuthor | null;
  nowMs: number;
}

export function createRunStore(contents: StoredContents, now: () => number, limits: RunLimits): RunStore {
  const projects: Project[] = [];
  const runs = new Map<string, Run>();
  const listeners: ((run: Run) => void)[] = [];
  const tell = (run: Run) => {
    for (const listener of listeners) listener(run);
  };
  const remove = (run: Run) => {
    runs.delete(run.id);
    for (const file of run.files) contents.delete(runFileKey(run, file));
    tell(run);
  };
  const makeRoom = (kept: Run) => {
    let bytes = 0;
    for (const run of runs.values()) bytes += runBytes(run);
    if (runs.size <= limits.maxRuns && bytes <= limits.maxRunBytes) return;
    const byAge = [...runs.values()].sort((a, b) => a.heartbeatAtMs - b.heartbeatAtMs);
    for (const run of byAge) {
      if (runs.size <= limits.maxRuns && bytes <= limits.maxRunBytes) return;
      if (run === kept) continue;
      bytes -= runBytes(run);
      remove(run);
    }
  };
  const changed = (run: Run) => {
    makeRoom(run);
    tell(run);
  };
  const project = (entity: string, name: string) =>
    projects.find((one) => one.entity === entity && one.name === name);
  const runsOf = (of: Project) => [...runs.values()].filter((run) => run.project === of);
  return {
    projects: () => projects,
    project,
    addProject(entity, name, description = null) {
      const known = project(entity, name);
      if (known) return known;
      requireName('project', name);
      if (projects.length >= limits.maxProjects) throw new WandbError('too many projects', { status: 409 });
      const added = newProject(
        { entity, name, description, number: 1 + Math.max(0, ...projects.map((one) => one.number)) },
        now(),
      );
      projects.push(added);
      return added;
    },
    runs: () => [...runs.values()],
    runsOf,
    run(entity, projectName, name) {
      const found = project(entity, projectName);
      return found && runs.get(runId(found, name));
    },
    runById: (id) => runs.get(id),
    startRun(start) {
      const name = start.name ?? randomBytes(4).toString('hex');
      requireName('run', name);
      const known = runs.get(runId(start.project, name));
      if (known) startAgain(known, start.nowMs);
      const run = known ?? newRun({ ...start, name }, runsOf(start.project).length + 1);
      runs.set(run.id, run);
      changed(run);
      return { run, inserted: known === undefined };
    },
    change(run, details) {
      Object.assign(run, details);
      changed(run);
    },
    addFile(run, file) {
      if (!run.files.has(file) && run.files.size >= limits.maxFilesPerRun) {
        throw new WandbError('too many files in this run', { status: 409 });
      }
      if (file.length === 0 || file.length > 512) throw new WandbError('invalid file name', { status: 400 });
      run.files.add(file);
      changed(run);
    },
    requestStop(run) {
      run.stopRequested = true;
      changed(run);
    },
    changed,
    onChange: (listener) => void listeners.push(listener),
    restore(run) {
      const known = project(run.project.entity, run.project.name);
      if (known) run.project = known;
      else projects.push(run.project);
      runs.set(run.id, run);
    },
  };
}

const runId = (project: Project, name: string) => wireId('Run', 'v1', name, project.name, project.entity);

function newProject(
  { entity, name, description, number }: Pick<Project, 'entity' | 'name' | 'description' | 'number'>,
  createdAtMs: number,
): Project {
  return { id: wireId('Project', 'v1', name, entity), number, entity, name, description, createdAtMs };
}

function newRun({ project, name, account, person, nowMs }: RunStart & { name: string }, number: number): Run {
  return {
    id: runId(project, name),
    project,
    name,
    account,
    person,
    displayName: `quiet-run-${number}`,
    description: null,
    notes: null,
    group: null,
    jobType: null,
    commit: null,
    host: null,
    program: null,
    repo: null,
    sweepName: null,
    tags: [],
    config: '{}',
    summary: '{}',
    ...createRunLines(),
    files: new Set(),
    createdAtMs: nowMs,
    heartbeatAtMs: nowMs,
    exitCode: null,
    stopRequested: false,
    restarted: new Set(),
  };
}

function startAgain(run: Run, nowMs: number): void {
  run.heartbeatAtMs = nowMs;
  if (run.exitCode === null) return;
  run.exitCode = null;
  run.stopRequested = false;
  run.restarted = new Set(['history', 'events', 'console']);
}

/** W&B's rule for the names of projects and runs. */
function requireName(what: 'project' | 'run', name: string): void {
  if (/^[^/\\#?%:\p{Cc}]{1,128}$/u.test(name)) return;
  const message = `invalid ${what} name: it has 1 to 128 characters, without / \\ # ? % :`;
  throw new WandbError(message, { status: 400 });
}
