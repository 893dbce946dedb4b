import type { RunPath } from './runs-protocol.ts';

/** The demo run that the developers' panel has started last. */
export type DemoRun =
  | { state: 'none' }
  | {
      state: 'running';
      /** How many steps are logged, of `steps`. */
      step: number;
      steps: number;
      /** Absent until the server has accepted the run. */
      at?: RunPath;
      /** Why the run waits. */
      problem?: string;
    }
  /** `text` says what happened and what to do. */
  | { state: 'finished' | 'stopped' | 'failed'; text: string; at?: RunPath };

/** Logs demo runs for the developers' panel, one at a time. */
export interface DemoRuns {
  current(): DemoRun;
  /** Starts a run with a service account's key, which is only kept in memory until the run ends. Returns false while another runs. */
  start(apiKey: string): boolean;
  /** Calls the listener after every change. */
  onChange(listener: () => void): void;
}
