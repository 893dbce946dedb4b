import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { type Keysmith, startKeysmith } from '../../../../src/bootstrap/start-keysmith.ts';
import { NODE_COMPILE_CACHE } from '../../../process/main-process.ts';
import type { RunningWorkspace } from '../../../world/running-workspace.ts';
import { replicaOptions } from './replica-options.ts';

/** Starts a second Keysmith in this process on the same database. Slack sends no requests to it. */
export async function startReplica({ databaseFile, slack, clock }: RunningWorkspace): Promise<Keysmith> {
  const keysmith = await startKeysmith(
    replicaOptions({ databaseFile, apiUrl: slack.apiUrl, now: () => clock.nowMs }),
  );
  onTestFinished(() => keysmith.stop());
  return keysmith;
}

export interface ReplicaOptions {
  /**
   * Simulates a full disk: the largest file the process may write (`ulimit -f`, in blocks of 512 or 1024 bytes).
   */
  fileSizeBlocks?: number;
}

export interface ReplicaProcess {
  url: string;
  /** Kills the process as a power cut would, and waits until it has exited. */
  kill(): Promise<void>;
}

/** Starts a Keysmith in its own process on the same database. Slack sends no requests to it. */
export async function startReplicaProcess(
  { databaseFile, slack, clock }: RunningWorkspace,
  { fileSizeBlocks }: ReplicaOptions = {},
): Promise<ReplicaProcess> {
  const clockAheadMs = String(clock.nowMs - Date.now());
  const script = join(import.meta.dirname, 'run-replica.ts');
  const limit = fileSizeBlocks === undefined ? '' : `ulimit -f ${fileSizeBlocks};`;
  const child = spawn(
    'sh',
    ['-c', `${limit} exec "$0" "$@"`, process.execPath, script, databaseFile, slack.apiUrl, clockAheadMs],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE } },
  );
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: url } = await lines.next();
  if (typeof url !== 'string') throw new Error('The replica did not start.');
  return { url, kill };
}

/** Replaces the workspace's own Keysmith with a process that can be killed. */
export async function serveFromProcess(
  workspace: RunningWorkspace,
  options: ReplicaOptions = {},
): Promise<ReplicaProcess> {
  await workspace.keysmith.stop();
  const replica = await startReplicaProcess(workspace, options);
  workspace.slack.sendRequestsTo(`${replica.url}/slack/events`);
  return replica;
}
