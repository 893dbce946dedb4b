import type { Logger } from 'pino';
import type { Store } from '../../../application/ports/store.ts';
import type { ReadCapabilities } from '../client/queries/read-capabilities.ts';
import type { WandbClient } from '../client/wandb-client.ts';
import type { TeamDirectory } from './team-directory.ts';

/** Dependencies of the backend's operations and queries. */
export interface WandbContext {
  client: WandbClient;
  capabilities: ReadCapabilities;
  teams: TeamDirectory;
  store: Store;
  organizationName: string;
  /** Lower-case e-mail addresses. */
  organizationAdmins: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  logger: Logger;
}
