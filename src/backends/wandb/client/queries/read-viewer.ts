import { z } from 'zod';
import { connectionNames, entriesOf, optionalText } from '../entries.ts';
import type { HasField } from '../missing-fields.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import { isDenial, type WandbOperation, type WandbResult } from '../wandb-failure.ts';

/** The person or service account that the API key belongs to. */
export interface WandbViewer {
  id: string | undefined;
  username: string | undefined;
  email: string | undefined;
  /** Administers the whole server. */
  admin: boolean;
  /** The default team; for a service account, its own. */
  entity: string | undefined;
  teams: string[];
  /** Undefined when the server doesn't have them or doesn't show them to this API key. */
  organizations: { id: string | undefined; name: string }[] | undefined;
  /** How many teams and organizations have no name; undefined if all have one. */
  skipped: number | undefined;
}

const viewer = z
  .object({
    id: optionalText,
    username: optionalText,
    email: optionalText,
    admin: z
      .boolean()
      .nullable()
      .transform((isAdmin) => isAdmin ?? false),
    entity: optionalText,
    teams: connectionNames,
    organizations: entriesOf(z.object({ id: optionalText, name: z.string() })).nullish(),
  })
  .transform(
    ({ teams, organizations, ...rest }): WandbViewer => ({
      ...rest,
      teams: teams.names,
      organizations: organizations?.entries,
      skipped: teams.skipped + (organizations?.unusable.length ?? 0) || undefined,
    }),
  );

function readViewerOperation(has: HasField): WandbOperation<{ viewer: WandbViewer | null }> {
  const organizations = has('User.organizations') ? 'organizations { id name }' : '';
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
    entryPaths: ['viewer.teams.edges.*', 'viewer.teams.edges.*.node'],
    skippedIn: ({ viewer }) => viewer?.skipped ?? 0,
  };
}

/**
 * Reads who the API key belongs to. Fails as `unauthorized` when the server names no user.
 *
 * @param options.withoutOrganizations leaves them out, although the server may have them
 */
export async function readViewer(
  client: WandbClient,
  options: CallOptions & { withoutOrganizations?: boolean } = {},
): Promise<WandbResult<WandbViewer>> {
  const { withoutOrganizations = false, ...call } = options;
  const operation = withoutOrganizations ? readViewerOperation(() => false) : readViewerOperation;
  const result = await client.call(operation, {}, call);
  if (!result.ok) return result;
  const { viewer } = result.value;
  if (viewer !== null) return { ok: true, value: viewer };
  return { ok: false, failure: { reason: 'unauthorized', mayHaveHappened: false } };
}

export type UserTeams =
  | { kind: 'found'; teams: string[] }
  | { kind: 'not_found' }
  /** Only admins of the server or the organization may look people up, and only on a server that can. */
  | { kind: 'not_allowed' };

const person = z.object({ email: optionalText, teams: connectionNames });

/** Undefined when the server returns no list. */
type FoundPeople = { people: z.output<typeof person>[]; skipped: number } | undefined;

const READ_USER_TEAMS: WandbOperation<FoundPeople> = {
  kind: 'query',
  name: 'ReadUserTeams',
  needs: 'Query.users',
  isExpected: isDenial,
  query: `query ReadUserTeams($query: String!) {
  users(query: $query) { edges { node { email teams { edges { node { name } } } } } }
}`,
  data: z
    .object({ users: z.object({ edges: entriesOf(z.object({ node: person })).nullish() }).nullable() })
    .transform(({ users }): FoundPeople => {
      if (users === null) return undefined;
      const people = users.edges?.entries.map(({ node }) => node) ?? [];
      const unusable = users.edges?.unusable.length ?? 0;
      return { people, skipped: people.reduce((count, { teams }) => count + teams.skipped, unusable) };
    }),
  entryPaths: [
    'users.edges.*',
    'users.edges.*.node',
    'users.edges.*.node.teams.edges.*',
    'users.edges.*.node.teams.edges.*.node',
  ],
  skippedIn: (found) => found?.skipped ?? 0,
};

/**
 * Finds the names of a person's teams, without the person's roles. The server's search is fuzzy, so only results with the
 * same email address (ignoring case) count.
 */
export async function readUserTeams(
  client: WandbClient,
  email: string,
  options?: CallOptions,
): Promise<WandbResult<UserTeams>> {
  const notAllowed: WandbResult<UserTeams> = { ok: true, value: { kind: 'not_allowed' } };
  if (!client.has('Query.users')) return notAllowed;
  const result = await client.call(READ_USER_TEAMS, { query: email }, options);
  if (!result.ok) return isDenial(result.failure) || !client.has('Query.users') ? notAllowed : result;
  if (result.value === undefined) return notAllowed;
  const { people } = result.value;
  const found = people.filter((one) => one.email?.toLowerCase() === email.toLowerCase());
  if (found.length === 0) return { ok: true, value: { kind: 'not_found' } };
  const teams = found.flatMap((one) => one.teams.names);
  return { ok: true, value: { kind: 'found', teams: [...new Set(teams)] } };
}

export interface OrganizationIssuers {
  name: string;
  /** URLs of the registered JWT issuers; undefined when the server doesn't show them to this API key. */
  issuerUrls: string[] | undefined;
}

const organization = z.object({
  name: z.string(),
  OAuthProviders: entriesOf(z.object({ issuerUrl: z.string() })).nullish(),
});
const organizations = z
  .object({ organizations: entriesOf(organization).nullish() })
  .nullable()
  .transform((viewer) => viewer?.organizations ?? undefined);

function readOrganizationsOperation(
  has: HasField,
): WandbOperation<{ viewer: z.output<typeof organizations> }> {
  const providers = has('Organization.OAuthProviders') ? 'OAuthProviders { id issuerUrl }' : '';
  return {
    kind: 'query',
    name: 'ReadOrganizations',
    query: `query ReadOrganizations {
  viewer { id ${has('User.organizations') ? `organizations { name ${providers} }` : ''} }
}`,
    data: z.object({ viewer: organizations }),
    optionalPaths: ['viewer.organizations', 'viewer.organizations.*.OAuthProviders'],
    skippedIn: ({ viewer }) => {
      const lists = [viewer, ...(viewer?.entries ?? []).map(({ OAuthProviders }) => OAuthProviders)];
      return lists.reduce((count, list) => count + (list?.unusable.length ?? 0), 0);
    },
  };
}

/** Reads the viewer's organizations with their issuers; none on a server without them. */
export async function readOrganizations(
  client: WandbClient,
  options?: CallOptions,
): Promise<WandbResult<OrganizationIssuers[]>> {
  if (!client.has('User.organizations')) return { ok: true, value: [] };
  const result = await client.call(readOrganizationsOperation, {}, options);
  if (!result.ok) return result;
  const read = result.value.viewer?.entries ?? [];
  const value = read.map(({ name, OAuthProviders }) => ({
    name,
    issuerUrls: OAuthProviders?.entries.map(({ issuerUrl }) => issuerUrl),
  }));
  return { ok: true, value };
}
