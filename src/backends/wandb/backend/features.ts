import type { BackendFeatures } from '../../../application/ports/backend.ts';
import { storedAgeMs } from '../../../domain/stored-time.ts';
import { readServerInfo } from '../client/queries/read-server-info.ts';
import { readOrganizations } from '../client/queries/read-viewer.ts';
import type { WandbClient } from '../client/wandb-client.ts';
import type { WandbFailure } from '../client/wandb-failure.ts';
import { required } from './backend-failure.ts';
import type { PersonTeams } from './person-teams.ts';
import type { WandbContext } from './wandb-context.ts';

/** How long Keysmith assumes that a server that withheld the last new key does so again. */
const NOT_SHOWN_FOR_MS = 24 * 60 * 60 * 1000;

/** The server responds, but refuses this query. It may still create accounts. */
const WITHOUT_INFO: readonly WandbFailure['reason'][] = ['errors', 'forbidden', 'unexpected_shape'];

/**
 * Reads which kinds of accounts the server supports now. Sends no mutation, so a server without one shows that only when the first
 * account is created.
 *
 * @param readIssuers returns the URLs of the organization's issuers
 * @throws BackendUnavailableError
 */
export async function readFeatures(
  context: WandbContext,
  readIssuers: () => Promise<string[]>,
): Promise<BackendFeatures> {
  return {
    keysExpire: false,
    apiKeys: await apiKeyFeature(context),
    accountsWithoutKey: canCreate(context.client),
    federated: await federatedFeature(context, readIssuers),
  };
}

/** @throws BackendUnavailableError */
async function apiKeyFeature({
  client,
  store,
  now,
  returnsNewKeys,
}: WandbContext): Promise<BackendFeatures['apiKeys']> {
  // Without a way to delete the account, an undelivered key couldn't be revoked.
  if (!canCreate(client)) return { available: false, reason: 'not_supported' };
  // The creation of an account may have shown that the field is gone since the server's version was read.
  if (!(await returnsNewKeys()) || !client.has('Member.apiKey')) {
    return { available: false, reason: 'no_key_shown' };
  }
  const notShownAtMs = await store.keysNotShownAtMs();
  const ageMs = notShownAtMs === undefined ? undefined : storedAgeMs(notShownAtMs, now());
  return ageMs !== undefined && ageMs < NOT_SHOWN_FOR_MS
    ? { available: false, reason: 'no_key_shown' }
    : { available: true };
}

function canCreate(client: WandbClient): boolean {
  return client.has('Mutation.createServiceAccount') && client.has('Mutation.deleteInvite');
}

/**
 * Reads whether the server's version and schema let Keysmith read the key of a new account.
 *
 * @throws BackendUnavailableError
 */
export async function readReturnsNewKeys(client: WandbClient): Promise<boolean> {
  const info = await readServerInfo(client);
  if (!info.ok && WITHOUT_INFO.includes(info.failure.reason)) return client.has('Member.apiKey');
  return required(info).returnsNewKeys;
}

async function federatedFeature(
  { client }: WandbContext,
  readIssuers: () => Promise<string[]>,
): Promise<BackendFeatures['federated']> {
  const issuers = await readIssuers();
  // Reading the issuers has shown whether the server has any.
  if (!client.has('Mutation.createClient') || !client.has('Organization.OAuthProviders')) {
    return { available: false, reason: 'not_supported' };
  }
  return issuers.length > 0 ? { available: true } : { available: false, reason: 'no_issuer' };
}

/**
 * Reads the URLs of the organization's JWT issuers, sorted: from the viewer's organizations, else from one of its teams.
 * Empty when the server shows them nowhere.
 *
 * @throws BackendUnavailableError
 */
export async function readIssuers(
  { client, organizationName }: WandbContext,
  people: PersonTeams,
): Promise<string[]> {
  if (!client.has('Organization.OAuthProviders')) return [];
  const organizations = required(await readOrganizations(client));
  const urls = organizations.find(({ name }) => name === organizationName)?.issuerUrls;
  if (urls !== undefined) return sorted(urls);
  const providers = (await people.anyTeam())?.organization?.oauthProviders ?? [];
  return sorted(providers.map(({ issuerUrl }) => issuerUrl));
}

function sorted(urls: string[]): string[] {
  return [...new Set(urls)].toSorted();
}
