import type { DemoRun, DemoRuns } from '../slack/protocol/demo-runs.ts';
import { type DemoOutcome, type DemoProgress, logDemoRun } from './demo-run.ts';
import { failureText, outcomeText } from './outcome-text.ts';
import type { RunCredential, RunPath } from './wandb-wire.ts';

export interface PanelDemoRuns extends DemoRuns {
  /** Interrupts the run, and lets none start. */
  stop(): Promise<void>;
}

interface PanelDemoRunsOptions {
  /** As `WANDB_BASE_URL`. */
  baseUrl: string;
  /** Default: 40 steps in 24 seconds, so that there is time to revoke the key. */
  steps?: number;
  secondsPerStep?: number;
}

/** Creates the demo runs of the developers' panel, which reach the server over the wire alone. */
export function createPanelDemoRuns({
  baseUrl,
  steps = 40,
  secondsPerStep = 0.6,
}: PanelDemoRunsOptions): PanelDemoRuns {
  const listeners: (() => void)[] = [];
  const stopping = new AbortController();
  let current: DemoRun = { state: 'none' };
  let running = Promise.resolve();
  const become = (run: DemoRun) => {
    current = run;
    for (const listener of listeners) listener();
  };
  const log = async (credential: RunCredential): Promise<void> => {
    let started: { at?: RunPath } = {};
    let step = 0;
    const onProgress = (progress: DemoProgress) => {
      if (progress.kind === 'started') started = { at: progress.at };
      if (progress.kind === 'step') step = progress.step;
      const problem = progress.kind === 'waiting' && { problem: failureText(progress.failure, { baseUrl }) };
      become({ state: 'running', step, steps, ...started, ...problem });
    };
    const { signal } = stopping;
    const project = 'demo';
    try {
      const outcome = await logDemoRun({
        baseUrl,
        credential,
        project,
        steps,
        secondsPerStep,
        signal,
        onProgress,
      });
      become({ state: stateOf(outcome), text: outcomeText(outcome, { baseUrl }), ...started });
    } catch {
      // The error may quote the key, if it can't be sent.
      become({ state: 'failed', text: 'The run failed because of a bug in the sandbox.', ...started });
    }
  };
  return {
    current: () => current,
    start(apiKey) {
      if (current.state === 'running' || stopping.signal.aborted) return false;
      become({ state: 'running', step: 0, steps });
      running = log({ kind: 'api_key', secret: apiKey.trim() });
      return true;
    },
    onChange: (listener) => void listeners.push(listener),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function stateOf({ kind }: DemoOutcome): 'finished' | 'stopped' | 'failed' {
  return kind === 'interrupted' ? 'failed' : kind;
}
