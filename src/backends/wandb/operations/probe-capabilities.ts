import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

/** What a server can be asked for; servers of different age and edition have different schemas. */
export interface WandbCapabilities {
  createServiceAccount: boolean;
  deleteInvite: boolean;
  deleteApiKey: boolean;
  createClient: boolean;
  revokeClient: boolean;
  usersQuery: boolean;
  roleOnMember: boolean;
  /** The field is there; whether it still holds whole keys shows when one is read. */
  apiKeyOnMember: boolean;
  oauthClientsOnMember: boolean;
  organizationOnEntity: boolean;
  organizationsOnUser: boolean;
  oauthProvidersOnOrganization: boolean;
  featuresOnServerInfo: boolean;
  latestVersionOnServerInfo: boolean;
}

const field = z.object({ name: z.string() });
const type = z.object({ fields: z.array(field).nullable() }).nullable();
/** Whose team is whose hangs on it, so that its silence must not be taken for a server that knows no organizations. */
const describedType = z.object({ fields: z.array(field).min(1) });

const PROBE_CAPABILITIES = {
  kind: 'query',
  name: 'ProbeCapabilities',
  query: `query ProbeCapabilities {
  QueryType: __type(name: "Query") { fields { name } }
  MutationType: __type(name: "Mutation") { fields { name } }
  MemberType: __type(name: "Member") { fields { name } }
  EntityType: __type(name: "Entity") { fields { name } }
  UserType: __type(name: "User") { fields { name } }
  OrganizationType: __type(name: "Organization") { fields { name } }
  ServerInfoType: __type(name: "ServerInfo") { fields { name } }
}`,
  data: z
    .object({
      QueryType: type,
      MutationType: type,
      MemberType: type,
      EntityType: describedType,
      UserType: type,
      OrganizationType: type,
      ServerInfoType: type,
    })
    .transform((types): WandbCapabilities => {
      const has = (typeName: keyof typeof types, field: string) =>
        types[typeName]?.fields?.some(({ name }) => name === field) ?? false;
      return {
        createServiceAccount: has('MutationType', 'createServiceAccount'),
        deleteInvite: has('MutationType', 'deleteInvite'),
        deleteApiKey: has('MutationType', 'deleteApiKey'),
        createClient: has('MutationType', 'createClient'),
        revokeClient: has('MutationType', 'revokeClient'),
        usersQuery: has('QueryType', 'users'),
        roleOnMember: has('MemberType', 'role'),
        apiKeyOnMember: has('MemberType', 'apiKey'),
        oauthClientsOnMember: has('MemberType', 'OAuthClients'),
        organizationOnEntity: has('EntityType', 'organization'),
        organizationsOnUser: has('UserType', 'organizations'),
        oauthProvidersOnOrganization: has('OrganizationType', 'OAuthProviders'),
        featuresOnServerInfo: has('ServerInfoType', 'features'),
        latestVersionOnServerInfo: has('ServerInfoType', 'latestLocalVersionInfo'),
      };
    }),
} satisfies WandbOperation<WandbCapabilities>;

/** Asks the server for its schema, in one query. */
export function probeCapabilities(
  client: WandbClient,
  options?: CallOptions,
): Promise<WandbResult<WandbCapabilities>> {
  return client.call(PROBE_CAPABILITIES, {}, options);
}
