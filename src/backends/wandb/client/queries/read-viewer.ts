import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import { isDenial, type WandbOperation, type WandbResult } from '../wandb-failure.ts';
import type { WandbCapabilities } from './read-capabilities.ts';
import { optionalText } from './read-team.ts';

/** The person or service account that the API key belongs to. */
export interface WandbViewer {
  id: string;
  username: string | undefined;
  email: string | undefined;
  /** Administers the whole server. */
  admin: boolean;
  /** The default team; for a service account, its own. */
  entity: string | undefined;
  teams: string[];
  /** Undefined when the server doesn't have them or doesn't show them to this API key. */
  organizations: { id: string; name: string }[] | undefined;
}

const viewer = z
  .object({
    id: z.string().min(1),
    username: optionalText,
    email: optionalText,
    admin: z
      .boolean()
      .nullable()
      .transform((isAdmin) => isAdmin ?? false),
    entity: optionalText,
    teams: z.object({ edges: z.array(z.object({ node: z.object({ name: z.string() }) })) }).nullable(),
    organizations: z.array(z.object({ id: z.string().min(1), name: z.string() })).nullish(),
  })
  .transform(
    ({ teams, organizations, ...rest }): WandbViewer => ({
      ...rest,
      teams: teams?.edges.map(({ node }) => node.name) ?? [],
      organizations: organizations ?? undefined,
    }),
  );

function readViewerOperation(
  capabilities: Pick<WandbCapabilities, 'organizationsOnUser'>,
): WandbOperation<{ viewer: WandbViewer | null }> {
  const organizations = capabilities.organizationsOnUser ? 'organizations { id name }' : '';
  return {
    kind: 'query',
    name: 'ReadViewer',
    query: `query ReadViewer {
  viewer {
    id username email admin entity
    teams { edges { node { name } } }
    ${organizations}
  }
}`,
    data: z.object({ viewer: viewer.nullable() }),
    optionalPaths: ['viewer.organizations'],
  };
}

/** Reads who the API key belongs to. Fails as `unauthorized` when the server names no user. */
export async function readViewer(
  client: WandbClient,
  capabilities: Pick<WandbCapabilities, 'organizationsOnUser'>,
  options?: CallOptions,
): Promise<WandbResult<WandbViewer>> {
  const result = await client.call(readViewerOperation(capabilities), {}, options);
  if (!result.ok) return result;
  const { viewer } = result.value;
  if (viewer !== null) return { ok: true, value: viewer };
  return { ok: false, failure: { reason: 'unauthorized', mayHaveHappened: false } };
}

export type UserTeams =
  | { kind: 'found'; teams: string[] }
  | { kind: 'not_found' }
  /** Only admins of the server or the organization may look people up. */
  | { kind: 'not_allowed' };

const node = z.object({
  email: z.string().nullable(),
  teams: z.object({ edges: z.array(z.object({ node: z.object({ name: z.string() }) })) }).nullable(),
});

const READ_USER_TEAMS = {
  kind: 'query',
  name: 'ReadUserTeams',
  query: `query ReadUserTeams($query: String!) {
  users(query: $query) { edges { node { email teams { edges { node { name } } } } } }
}`,
  data: z.object({ users: z.object({ edges: z.array(z.object({ node })) }).nullable() }),
} satisfies WandbOperation<{ users: { edges: { node: z.output<typeof node> }[] } | null }>;

/**
 * Finds the names of a person's teams, without the person's roles. The server's search is fuzzy, so only results with the
 * same email address (ignoring case) count.
 */
export async function readUserTeams(
  client: WandbClient,
  email: string,
  options?: CallOptions,
): Promise<WandbResult<UserTeams>> {
  const result = await client.call(READ_USER_TEAMS, { query: email }, options);
  if (!result.ok) return isDenial(result.failure) ? { ok: true, value: { kind: 'not_allowed' } } : result;
  const { users } = result.value;
  if (users === null) return { ok: true, value: { kind: 'not_allowed' } };
  const found = users.edges.filter(({ node }) => node.email?.toLowerCase() === email.toLowerCase());
  if (found.length === 0) return { ok: true, value: { kind: 'not_found' } };
  const teams = found.flatMap(({ node }) => node.teams?.edges.map((edge) => edge.node.name) ?? []);
  return { ok: true, value: { kind: 'found', teams: [...new Set(teams)] } };
}

export interface OrganizationIssuers {
  name: string;
  /** URLs of the registered JWT issuers; undefined when the server doesn't show them to this API key. */
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

/** Reads the viewer's organizations with their issuers, on servers whose schema has both. */
export function readOrganizations(
  client: WandbClient,
  options?: CallOptions,
): Promise<WandbResult<OrganizationIssuers[]>> {
  return client.call(READ_ORGANIZATIONS, {}, options);
}
