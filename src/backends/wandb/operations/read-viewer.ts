import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';
import { optionalText } from './optional-text.ts';
import type { WandbCapabilities } from './probe-capabilities.ts';

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
