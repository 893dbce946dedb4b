import { z } from 'zod';
import { isDenial } from '../http-refusal.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';
import type { WandbCapabilities } from './read-server-info.ts';
import { optionalText } from './read-team.ts';

/** Whom the API key belongs to. */
export interface WandbViewer {
  id: string;
  username: string | undefined;
  email: string | undefined;
  /** Of the server's instance. */
  admin: boolean;
  /** The default team; a service account's own. */
  entity: string | undefined;
  teams: string[];
  /** Undefined where the server has none, or does not show them to this key. */
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

/** Reads whom the key belongs to. A server that knows the key but no person behind it answers as to a wrong one. */
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
  /** Only admins of the instance or organization may look people up. */
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
 * Finds the teams of a person. The search of the server is a loose one: only an equal address counts, letter case apart.
 * What the person is to each team is not said.
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
