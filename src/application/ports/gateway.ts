/** A run on the W&B server, by the exact names in its URL. */
export interface WrittenRun {
  entity: string;
  project: string;
  /** The last part of the run's URL. */
  runId: string;
}
