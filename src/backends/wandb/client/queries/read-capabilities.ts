import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Clock } from '../../../../application/ports/clock.ts';
import { entriesOf } from '../entries.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';

/** What the server's GraphQL schema offers; schemas differ between versions and editions of W&B. */
export interface WandbCapabilities {
  createServiceAccount: boolean;
  deleteInvite: boolean;
  createClient: boolean;
  revokeClient: boolean;
  usersQuery: boolean;
  roleOnMember: boolean;
  /** The field exists. Whether it still holds whole keys shows only when one is read. */
  apiKeyOnMember: boolean;
  oauthClientsOnMember: boolean;
  organizationOnEntity: boolean;
  organizationsOnUser: boolean;
  oauthProvidersOnOrganization: boolean;
  featuresOnServerInfo: boolean;
  latestVersionOnServerInfo: boolean;
}

const fields = entriesOf(z.object({ name: z.string() })).transform(({ entries }) => entries);
const type = z.object({ fields: fields.nullish() }).nullish();
/**
 * Required, unlike the other types: a server that withholds its fields must not look like a server without organizations,
 * whose teams would all count as this organization's.
 */
const requiredType = z.object({ fields: fields.refine(({ length }) => length > 0) });

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
      EntityType: requiredType,
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

/** Reads the parts of the server's schema that Keysmith depends on, in one introspection query. */
export function probeCapabilities(
  client: WandbClient,
  options?: CallOptions,
): Promise<WandbResult<WandbCapabilities>> {
  return client.call(PROBE_CAPABILITIES, {}, options);
}

export type ReadCapabilities = (options?: CallOptions) => Promise<WandbResult<WandbCapabilities>>;

const VALID_FOR_MS = 10 * 60 * 1000;

/** Caches the capabilities for a while: an upgrade of the server changes them. A failure isn't kept. */
export function createCachedCapabilities(dependencies: {
  client: WandbClient;
  monotonicMs: Clock['monotonicMs'];
  validForMs?: number;
}): ReadCapabilities {
  const { client, monotonicMs, validForMs = VALID_FOR_MS } = dependencies;
  const cache = new LRUCache<'capabilities', WandbCapabilities>({
    max: 1,
    ttl: validForMs,
    ttlResolution: 0,
    perf: { now: monotonicMs },
  });
  return async (options) => {
    const cached = cache.get('capabilities');
    if (cached !== undefined) return { ok: true, value: cached };
    const result = await probeCapabilities(client, options);
    if (result.ok) cache.set('capabilities', result.value);
    return result;
  };
}
