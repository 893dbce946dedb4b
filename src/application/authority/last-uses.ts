import type { CredentialUse } from '../ports/authority-store.ts';

/** Gathers uses of credentials in memory, and writes the newest of each in batches. */
export interface LastUses {
  note(use: CredentialUse): void;
  /** Writes what was gathered. Where the database does not take it, it is kept for the next time. */
  flush(): Promise<void>;
  /** Uses that wait to be written. */
  readonly waiting: number;
}
