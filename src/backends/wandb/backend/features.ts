import type { BackendFeatures } from '../../../application/ports/backend.ts';
import { storedAgeMs } from '../../../domain/stored-time.ts';
import type { WandbCapabilities } from '../client/queries/read-capabilities.ts';
import { readOrganizations } from '../client/queries/read-viewer.ts';
import { required } from './backend-failure.ts';
import type { PersonTeams } from './person-teams.ts';
import type { WandbContext } from './wandb-context.ts';

/** How long a server that didn't return the last new key is assumed to keep doing so. */
const NOT_SHOWN_FOR_MS = 24 * 60 * 60 * 1000;

/**
 * Reads which kinds of accounts the server supports now.
 *
 * @param readIssuers returns the URLs of the organization's issuers
 * @throws BackendUnavailableError
 */
export async function readFeatures(
  context: WandbContext,
  readIssuers: () => Promise<string[]>,
): Promise<BackendFeatures> {
  const capabilities = required(await context.capabilities());
  return {
    keysExpire: false,
    apiKeys: await apiKeyFeature(context, capabilities),
    federated: await federatedFeature(capabilities, readIssuers),
  };
}

export async function apiKeyFeature(
  { store, now }: WandbContext,
  capabilities: WandbCapabilities,
): Promise<BackendFeatures['apiKeys']> {
  // Without a way to delete the account, an undelivered key couldn't be revoked.
  if (!capabilities.createServiceAccount || !capabilities.deleteInvite) {
    return { available: false, reason: 'not_supported' };
  }
  if (!capabilities.apiKeyOnMember) return { available: false, reason: 'no_key_shown' };
  const notShownAtMs = await store.keysNotShownAtMs();
  const ageMs = notShownAtMs === undefined ? undefined : storedAgeMs(notShownAtMs, now());
  return ageMs !== undefined && ageMs < NOT_SHOWN_FOR_MS
    ? { available: false, reason: 'no_key_shown' }
    : { available: true };
}

async function federatedFeature(
  capabilities: WandbCapabilities,
  readIssuers: () => Promise<string[]>,
): Promise<BackendFeatures['federated']> {
  if (!capabilities.createClient || !capabilities.oauthProvidersOnOrganization) {
    return { available: false, reason: 'not_supported' };
  }
  return (await readIssuers()).length > 0 ? { available: true } : { available: false, reason: 'no_issuer' };
}

/**
 * Reads the URLs of the organization's JWT issuers, sorted: from the viewer's organizations, else from one of its teams.
 * Empty when the server shows them nowhere.
 *
 * @throws BackendUnavailableError
 */
export async function readIssuers(
  { client, capabilities, organizationName }: WandbContext,
  people: PersonTeams,
): Promise<string[]> {
  const { oauthProvidersOnOrganization, organizationsOnUser } = required(await capabilities());
  if (!oauthProvidersOnOrganization) return [];
  if (organizationsOnUser) {
    const organizations = required(await readOrganizations(client));
    const urls = organizations.find(({ name }) => name === organizationName)?.issuerUrls;
    if (urls !== undefined) return sorted(urls);
  }
  const providers = (await people.anyTeam())?.organization?.oauthProviders ?? [];
  return sorted(providers.map(({ issuerUrl }) => issuerUrl));
}

function sorted(urls: string[]): string[] {
  return [...new Set(urls)].toSorted();
}
