import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';

/** What the server's GraphQL schema offers; schemas differ between versions and editions of W&B. */
export interface WandbCapabilities {
  createServiceAccount: boolean;
  deleteInvite: boolean;
  createClient: boolean;
  revokeClient: boolean;
  /** The field exists. Whether it still holds whole keys shows only when one is read. */
  apiKeyOnMember: boolean;
  oauthProvidersOnOrganization: boolean;
}

/** Returns what the server offers as far as its answers have shown: everything, at first. Sends nothing. */
export function knownCapabilities({ has }: Pick<WandbClient, 'has'>): WandbCapabilities {
  return {
    createServiceAccount: has('Mutation.createServiceAccount'),
    deleteInvite: has('Mutation.deleteInvite'),
    createClient: has('Mutation.createClient'),
    revokeClient: has('Mutation.revokeClient'),
    apiKeyOnMember: has('Member.apiKey'),
    oauthProvidersOnOrganization: has('Organization.OAuthProviders'),
  };
}

export type ReadCapabilities = (options?: CallOptions) => Promise<WandbResult<WandbCapabilities>>;
