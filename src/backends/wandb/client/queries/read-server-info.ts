import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';

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

export interface WandbServerInfo {
  /** Undefined on W&B's own cloud, and where the server does not say. */
  version: string | undefined;
  latestVersion: string | undefined;
  isOutOfDate: boolean | undefined;
  /** Names of the features that are switched on; undefined on servers that don't list them. */
  features: string[] | undefined;
}

type ServerInfoCapabilities = Pick<WandbCapabilities, 'featuresOnServerInfo' | 'latestVersionOnServerInfo'>;

const serverInfo = z
  .object({
    latestLocalVersionInfo: z
      .object({
        outOfDate: z.boolean().nullable(),
        latestVersionString: z.string().nullable(),
        versionOnThisInstanceString: z.string().nullable(),
      })
      .nullish(),
    features: z.array(z.object({ name: z.string(), isEnabled: z.boolean() })).nullish(),
  })
  .transform(
    ({ latestLocalVersionInfo: local, features }): WandbServerInfo => ({
      version: local?.versionOnThisInstanceString ?? undefined,
      latestVersion: local?.latestVersionString ?? undefined,
      isOutOfDate: local?.outOfDate ?? undefined,
      features: features?.filter(({ isEnabled }) => isEnabled).map(({ name }) => name),
    }),
  );

function readServerInfoOperation(
  capabilities: ServerInfoCapabilities,
): WandbOperation<WandbServerInfo | null> {
  const version = capabilities.latestVersionOnServerInfo
    ? 'latestLocalVersionInfo { outOfDate latestVersionString versionOnThisInstanceString }'
    : '';
  const features = capabilities.featuresOnServerInfo ? 'features { name isEnabled }' : '';
  return {
    kind: 'query',
    name: 'ReadServerInfo',
    query: `query ReadServerInfo {
  serverInfo { cliVersionInfo ${version} ${features} }
}`,
    data: z.object({ serverInfo: serverInfo.nullable() }).transform((data) => data.serverInfo),
    optionalPaths: ['serverInfo.latestLocalVersionInfo', 'serverInfo.features'],
  };
}

/** Reads what the server says of itself; all undefined where it says nothing. */
export async function readServerInfo(
  client: WandbClient,
  capabilities: ServerInfoCapabilities,
  options?: CallOptions,
): Promise<WandbResult<WandbServerInfo>> {
  const result = await client.call(readServerInfoOperation(capabilities), {}, options);
  if (!result.ok) return result;
  const nothing = {
    version: undefined,
    latestVersion: undefined,
    isOutOfDate: undefined,
    features: undefined,
  };
  return { ok: true, value: result.value ?? nothing };
}

export type ReadCapabilities = (options?: CallOptions) => Promise<WandbResult<WandbCapabilities>>;

const VALID_FOR_MS = 10 * 60 * 1000;

/** Asks the server what it can do, and again after a while: it may have been upgraded. A failure is not kept. */
export function createCachedCapabilities(dependencies: {
  client: WandbClient;
  now: () => number;
  validForMs?: number;
}): ReadCapabilities {
  const { client, now, validForMs = VALID_FOR_MS } = dependencies;
  let known: { capabilities: WandbCapabilities; untilMs: number } | undefined;
  return async (options) => {
    if (known !== undefined && now() < known.untilMs) return { ok: true, value: known.capabilities };
    const result = await probeCapabilities(client, options);
    if (result.ok) known = { capabilities: result.value, untilMs: now() + validForMs };
    return result;
  };
}
