/** A run on the W&B server, by the exact names in its URL. */
export interface WrittenRun {
  entity: string;
  project: string;
  /** The last part of the run's URL. */
  runId: string;
}

/** The runs that workloads write through the gateway. */
export interface RunsOfAccounts {
  /** Returns the runs that an account wrote in the last 10 minutes, or the ones that a key of it wrote last; newest first. */
  ofAccount(accountId: string, keyId?: string): WrittenRun[];
}

/** Runs that an account was still writing when it was revoked, for messages. */
export interface InterruptedRuns {
  /** The first few, without credentials in their names. */
  shown: readonly WrittenRun[];
  total: number;
}
