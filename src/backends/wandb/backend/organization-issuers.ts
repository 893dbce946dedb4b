import { BackendUnavailableError } from '../../../application/ports/backend-failure.ts';
import { readOrganizations } from '../operations/read-organizations.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import type { PeopleTeams } from './people-teams.ts';
import type { WandbContext } from './wandb-context.ts';

/**
 * URLs of the organization's JWT issuers: as the server shows them to the key's owner, else as one of its teams does. None
 * where it shows none.
 */
export async function readIssuers(
  { client, capabilities, organizationName }: WandbContext,
  people: PeopleTeams,
): Promise<string[]> {
  const able = await capabilities();
  if (!able.ok) throw new BackendUnavailableError(backendFailureOf(able.failure));
  const { oauthProvidersOnOrganization, organizationsOnUser } = able.value;
  if (!oauthProvidersOnOrganization) return [];
  if (organizationsOnUser) {
    const read = await readOrganizations(client);
    if (!read.ok) throw new BackendUnavailableError(backendFailureOf(read.failure));
    const urls = read.value.find(({ name }) => name === organizationName)?.issuerUrls;
    if (urls !== undefined) return sorted(urls);
  }
  const providers = (await people.any())?.organization?.oauthProviders ?? [];
  return sorted(providers.map(({ issuerUrl }) => issuerUrl));
}

function sorted(urls: string[]): string[] {
  return [...new Set(urls)].toSorted();
}
