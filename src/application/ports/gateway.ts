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

/** Runs that an account wrote shortly before it was revoked, for messages. Some may have finished. */
export interface InterruptedRuns {
  /** The first few, without credentials in their names. */
  shown: readonly WrittenRun[];
  total: number;
}

/** Whether the workloads of a team can log runs to W&B, and otherwise why not. */
export type RunAccess =
  | 'available'
  /** Keysmith has no upstream credential for the team. */
  | 'no_credential'
  /** W&B rejects the team's upstream credential. */
  | 'credential_rejected'
  /** No W&B server is behind Keysmith: other services check credentials with it. */
  | 'no_upstream'
  /** Keysmith doesn't verify the credentials it issued. */
  | 'not_verified';
