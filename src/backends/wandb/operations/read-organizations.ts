import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

export interface OrganizationIssuers {
  name: string;
  /** Of the registered JWT issuers; undefined where the server does not show them to this key. */
  issuerUrls: string[] | undefined;
}

const organization = z
  .object({
    name: z.string(),
    OAuthProviders: z.array(z.object({ issuerUrl: z.string() })).nullish(),
  })
  .transform(
    ({ name, OAuthProviders }): OrganizationIssuers => ({
      name,
      issuerUrls: OAuthProviders?.map(({ issuerUrl }) => issuerUrl),
    }),
  );

const READ_ORGANIZATIONS = {
  kind: 'query',
  name: 'ReadOrganizations',
  query: `query ReadOrganizations {
  viewer { organizations { name OAuthProviders { id issuerUrl } } }
}`,
  data: z
    .object({ viewer: z.object({ organizations: z.array(organization).nullish() }).nullable() })
    .transform(({ viewer }) => viewer?.organizations ?? []),
  optionalPaths: ['viewer.organizations', 'viewer.organizations.*.OAuthProviders'],
} satisfies WandbOperation<OrganizationIssuers[]>;

/** Reads the organizations of whom the key belongs to, for servers that have issuers and organizations of users. */
export function readOrganizations(
  client: WandbClient,
  options?: CallOptions,
): Promise<WandbResult<OrganizationIssuers[]>> {
  return client.call(READ_ORGANIZATIONS, {}, options);
}
