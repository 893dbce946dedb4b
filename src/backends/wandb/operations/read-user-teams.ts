import { z } from 'zod';
import { isDenial } from '../denial.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

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
