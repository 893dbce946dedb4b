import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { logDemoArtifact } from './demo-artifact.ts';
import { trainingConfig, trainingStep } from './training.ts';
import {
  type Answer,
  createWandbWire,
  type RunCredential,
  type RunPath,
  retried,
  type WandbWire,
  type WireFailure,
} from './wandb-wire.ts';

export interface DemoRunOptions {
  /** As `WANDB_BASE_URL`, without a slash at its end. */
  baseUrl: string;
  credential: RunCredential;
  project: string;
  /** The team. Undefined for the key's own. */
  entity?: string | undefined;
  steps: number;
  secondsPerStep: number;
  /** Interrupts the run. */
  signal: AbortSignal;
  onProgress: (progress: DemoProgress) => void;
  /** Shorter waits before further tries, for tests. */
  retryAfterMs?: number;
}

export type DemoProgress =
  | { kind: 'started'; at: RunPath; displayName: string }
  /** `line` is what the training prints. */
  | { kind: 'step'; step: number; line: string }
  /** The server failed for a moment. */
  | { kind: 'waiting'; failure: WireFailure; seconds: number };

export type DemoOutcome =
  | { kind: 'finished' }
  /** The server stopped the run: its credential was revoked or has expired, or someone stopped it in W&B. */
  | { kind: 'stopped'; afterStep: number }
  /** `isStarted`: the run exists on the server. */
  | { kind: 'failed'; failure: WireFailure; isStarted: boolean }
  | { kind: 'interrupted' };

/** Logs a run of a simulated training: metrics, console, files and an artifact, in the requests of SDK 0.28. */
export async function logDemoRun(options: DemoRunOptions): Promise<DemoOutcome> {
  const { signal } = options;
  const wire = createWandbWire(options);
  let started: StartedRun | undefined;
  try {
    const start = await startRun(wire, options);
    if (!start.ok) return { kind: 'failed', failure: start.failure, isStarted: false };
    started = start.value;
    options.onProgress({ kind: 'started', at: started.at, displayName: started.displayName });
    return await train(started, wire, options);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (started) await endInterrupted(started, options);
    return { kind: 'interrupted' };
  }
}

interface StartedRun {
  at: RunPath;
  displayName: string;
  startedAtMs: number;
  /** How many lines of each file the server has. */
  sent: number;
}

const name = z.string().min(1);
const viewer = z.object({ viewer: z.unknown() });
const upserted = z.object({
  upsertBucket: z.object({
    bucket: z.object({
      name,
      displayName: z.string().nullish(),
      project: z.object({ name, entity: z.object({ name }) }),
    }),
  }),
});
const createdFiles = z.object({
  createRunFiles: z.object({
    uploadHeaders: z.array(z.string()).nullish(),
    files: z.array(z.object({ name, uploadUrl: z.string().nullish() })),
  }),
});

async function startRun(wire: WandbWire, { project, entity }: DemoRunOptions): Promise<Answer<StartedRun>> {
  const asked = await wire.graphql('Viewer', viewer);
  if (!asked.ok) return asked;
  // The SDK asks this and the organization's ID too, and starts the run whatever the response.
  await wire.graphql('ServerFeaturesQuery', z.unknown());
  const started = await wire.graphql('UpsertBucket', upserted, {
    ...noDetails,
    name: randomBytes(4).toString('hex'),
    project,
    entity: entity ?? null,
    config: JSON.stringify(runConfig()),
  });
  if (!started.ok) return started;
  const { bucket } = started.value.upsertBucket;
  const at = { entity: bucket.project.entity.name, project: bucket.project.name, run: bucket.name };
  await wire.graphql('OrganizationCoreWeaveOrganizationID', z.unknown(), { entityName: at.entity });
  return {
    ok: true,
    value: {
      at,
      displayName: bucket.displayName ?? bucket.name,
      startedAtMs: Date.now(),
      sent: 0,
    },
  };
}

const noDetails = {
  id: null,
  groupName: null,
  description: null,
  displayName: null,
  notes: null,
  commit: null,
  host: null,
  debug: null,
  program: 'demo-run',
  repo: null,
  jobType: 'demo',
  state: null,
  sweep: null,
  tags: ['demo'],
  summaryMetrics: null,
};

const runConfig = () => ({
  ...Object.fromEntries(Object.entries(trainingConfig).map(([name, value]) => [name, { value }])),
  _wandb: { value: { cli_version: '0.28.2', m: [], t: { 5: '0.28.2', 12: '0.28.2' } } },
});

interface Session {
  run: StartedRun;
  wire: WandbWire;
  options: DemoRunOptions;
  /** What the training has printed. */
  lines: string[];
  summary: object;
}

async function train(run: StartedRun, wire: WandbWire, options: DemoRunOptions): Promise<DemoOutcome> {
  const { steps, secondsPerStep, signal, onProgress } = options;
  const session: Session = { run, wire, options, lines: [], summary: {} };
  for (let step = 0; step < steps; step += 1) {
    const { metrics, line } = trainingStep(step, steps);
    session.summary = { ...metrics, _step: step, ...timesOf(run) };
    const answer = await send(session, stepBody(run, { line, summary: session.summary }));
    if (!answer.ok) return endedBy(answer.failure, session);
    if (answer.value.stopped) return stopped(session);
    // Only now, so that a further try sends the lines at the same offset.
    run.sent += 1;
    session.lines.push(line);
    onProgress({ kind: 'step', step: step + 1, line });
    await pause(secondsPerStep * 1000, undefined, { signal });
  }
  const artifact = await again(session, () =>
    logDemoArtifact(wire, run.at, {
      collection: `demo-model-${run.at.run}`,
      bytes: Buffer.from(JSON.stringify({ ...trainingConfig, ...session.summary })),
      historyStep: steps,
    }),
  );
  if (!artifact.ok) return endedBy(artifact.failure, session);
  const files = runFiles(session);
  const uploaded = await again(session, () => uploadRunFiles(wire, run.at, files));
  if (!uploaded.ok) return endedBy(uploaded.failure, session);
  const last = await send(session, { uploaded: Object.keys(files), complete: true, exitcode: 0 });
  if (!last.ok) return endedBy(last.failure, session);
  return last.value.stopped ? stopped(session) : { kind: 'finished' };
}

function again<T>({ options }: Session, request: () => Promise<Answer<T>>): Promise<Answer<T>> {
  const { signal, retryAfterMs: waitMs, onProgress } = options;
  const onWait = (failure: WireFailure, seconds: number) => onProgress({ kind: 'waiting', failure, seconds });
  return retried(request, { signal, waitMs, onWait });
}

const send = (session: Session, body: object) =>
  again(session, () => session.wire.fileStream(session.run.at, body));

/** A 401 alone doesn't tell a revoked key from a wrong one; the stream of this run does. */
async function endedBy(failure: WireFailure, session: Session): Promise<DemoOutcome> {
  const isRefused = failure.kind === 'status' && failure.status === 401;
  const answer = isRefused ? await session.wire.fileStream(session.run.at, {}) : undefined;
  return answer?.ok && answer.value.stopped ? stopped(session) : { kind: 'failed', failure, isStarted: true };
}

/** Ends the run as the SDK does. Keysmith doesn't forward that once the credential is revoked. */
async function stopped({ wire, run, lines }: Session): Promise<DemoOutcome> {
  await wire.fileStream(run.at, { complete: true, exitcode: INTERRUPTED });
  return { kind: 'stopped', afterStep: lines.length };
}

/** The exit code of a script that Ctrl-C ended, as the SDK reports it. */
const INTERRUPTED = 255;

const timesOf = ({ startedAtMs }: StartedRun) => ({
  _timestamp: Date.now() / 1000,
  _runtime: (Date.now() - startedAtMs) / 1000,
});

function stepBody(run: StartedRun, { line, summary }: { line: string; summary: object }): object {
  const { sent } = run;
  const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
  const event = { 'system.proc.memory.rssMB': memory, ...timesOf(run), _wandb: true };
  return {
    files: {
      'wandb-history.jsonl': { offset: sent, content: [JSON.stringify(summary)] },
      'wandb-events.jsonl': { offset: sent, content: [JSON.stringify(event)] },
      'output.log': { offset: sent, content: [`${new Date().toISOString().slice(0, -1)} ${line}`] },
      'wandb-summary.json': { offset: 0, content: [JSON.stringify(summary)] },
    },
  };
}

function runFiles({ summary, lines }: Session): Record<string, string> {
  const config = Object.entries(trainingConfig).map(([name, value]) => `${name}:\n  value: ${value}\n`);
  return {
    'config.yaml': config.join(''),
    'wandb-summary.json': JSON.stringify(summary),
    'output.log': `${lines.join('\n')}\n`,
  };
}

async function uploadRunFiles(
  wire: WandbWire,
  { entity, project, run }: RunPath,
  files: Record<string, string>,
): Promise<Answer<undefined>> {
  const created = await wire.graphql('CreateRunFiles', createdFiles, {
    entity,
    project,
    run,
    files: Object.keys(files),
  });
  if (!created.ok) return created;
  const { uploadHeaders, files: targets } = created.value.createRunFiles;
  for (const { name: file, uploadUrl } of targets) {
    const content = files[file];
    if (content === undefined || !uploadUrl) continue;
    const uploaded = await wire.upload(uploadUrl, Buffer.from(content), uploadHeaders ?? []);
    if (!uploaded.ok) return uploaded;
  }
  return { ok: true, value: undefined };
}

/** Tells the server, as the SDK does after Ctrl-C, whose signal would end this request too. */
async function endInterrupted({ at }: StartedRun, options: DemoRunOptions): Promise<void> {
  const wire = createWandbWire({ ...options, signal: new AbortController().signal, timeoutMs: 2000 });
  await wire.fileStream(at, { complete: true, exitcode: INTERRUPTED });
}
