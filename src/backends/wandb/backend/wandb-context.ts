import type { Logger } from 'pino';
import type { Store } from '../../../application/ports/store.ts';
import type { ReadCapabilities } from '../cached-capabilities.ts';
import type { WandbClient } from '../wandb-client.ts';
import type { TeamDirectory } from './team-directory.ts';

/** What the parts of the backend work with. */
export interface WandbContext {
  client: WandbClient;
  capabilities: ReadCapabilities;
  teams: TeamDirectory;
  store: Store;
  organizationId: string;
  organizationName: string;
  /** E-mail addresses, lower case: who may do in every team what its admins may. */
  organizationAdmins: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  logger: Logger;
}

/** How long the calls of one operation may take altogether: well within its lease. */
export const CALLS_MS = 45_000;
