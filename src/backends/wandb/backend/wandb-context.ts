import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Store } from '../../../application/ports/store.ts';
import type { AuditActor } from '../../../domain/audit/audit-event.ts';
import type { WandbClient } from '../client/wandb-client.ts';
import type { ScimClient } from '../scim/scim-client.ts';
import type { ScimDirectory } from './scim-directory.ts';
import type { TeamDirectory } from './team-directory.ts';

/** Dependencies of the backend's operations and queries. */
export interface WandbContext extends Clock {
  client: WandbClient;
  /** Returns what the server's version and schema showed in the last ten minutes. Throws `BackendUnavailableError`. */
  returnsNewKeys: () => Promise<boolean>;
  teams: TeamDirectory;
  scim: ScimClient;
  scimDirectory: ScimDirectory;
  store: Store;
  organizationName: string;
  /** Lowercase email addresses. */
  organizationAdmins: readonly string[];
  randomBytes: (size: number) => Uint8Array;
  newId: (prefix: string) => string;
  logger: Logger;
}

/** Time for all calls of one request, or of one run of a job, to the server; well within the time that its job leaves. */
export const OPERATION_TIMEOUT_MS = 45_000;

/** The actor of what Keysmith does on the server without a person's request. */
export const SYSTEM: AuditActor = { type: 'system', name: 'wandb' };
