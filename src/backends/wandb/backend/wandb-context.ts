import type { Logger } from 'pino';
import { type BackendFeatures, BackendUnavailableError } from '../../../application/ports/backend.ts';
import type { Store } from '../../../application/ports/store.ts';
import type { ReadCapabilities, WandbCapabilities } from '../client/queries/read-capabilities.ts';
import type { WandbClient } from '../client/wandb-client.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import type { TeamDirectory } from './team-directory.ts';

/** What the parts of the backend work with. */
export interface WandbContext {
  client: WandbClient;
  capabilities: ReadCapabilities;
  teams: TeamDirectory;
  store: Store;
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

/** For so long a server that kept a key to itself is believed to keep the next ones. */
const NOT_SHOWN_FOR_MS = 24 * 60 * 60 * 1000;

/** @param readIssuers URLs of the organization's issuers */
export async function readFeatures(
  context: WandbContext,
  readIssuers: () => Promise<string[]>,
): Promise<BackendFeatures> {
  const able = await context.capabilities();
  if (!able.ok) throw new BackendUnavailableError(backendFailureOf(able.failure));
  return {
    keysExpire: false,
    apiKeys: await apiKeysOf(context, able.value),
    federated: await federatedOf(able.value, readIssuers),
  };
}

export async function apiKeysOf(
  { store, now }: WandbContext,
  able: WandbCapabilities,
): Promise<BackendFeatures['apiKeys']> {
  // What can't be taken back is not made: nobody might hold its key.
  if (!able.createServiceAccount || !able.deleteInvite) return { available: false, reason: 'not_supported' };
  if (!able.apiKeyOnMember) return { available: false, reason: 'no_key_shown' };
  const notShownAtMs = await store.keysNotShownAtMs();
  return notShownAtMs !== undefined && now() < notShownAtMs + NOT_SHOWN_FOR_MS
    ? { available: false, reason: 'no_key_shown' }
    : { available: true };
}

async function federatedOf(
  able: WandbCapabilities,
  readIssuers: () => Promise<string[]>,
): Promise<BackendFeatures['federated']> {
  if (!able.createClient || !able.oauthProvidersOnOrganization) {
    return { available: false, reason: 'not_supported' };
  }
  return (await readIssuers()).length > 0 ? { available: true } : { available: false, reason: 'no_issuer' };
}
