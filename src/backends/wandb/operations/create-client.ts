import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

export type CreatedClient = { created: true; clientId: string } | { created: false };

const CREATE_CLIENT = {
  kind: 'mutation',
  name: 'CreateClient',
  query: `mutation CreateClient($input: CreateClientInput!) {
  createClient(input: $input) { clientId success }
}`,
  data: z
    .object({
      createClient: z.union([
        z.object({ success: z.literal(true), clientId: z.string().min(1) }),
        z.object({ success: z.literal(false) }),
      ]),
    })
    .transform(
      ({ createClient }): CreatedClient =>
        createClient.success ? { created: true, clientId: createClient.clientId } : { created: false },
    ),
} satisfies WandbOperation<CreatedClient>;

/** Makes an external service account in a team: a subject of one of the organization's OAuth providers. */
export function createClient(
  client: WandbClient,
  external: { team: string; providerId: string; subject: string; name: string },
  options?: CallOptions,
): Promise<WandbResult<CreatedClient>> {
  const { team, providerId, subject, name } = external;
  return client.call(CREATE_CLIENT, { input: { entityName: team, providerId, subject, name } }, options);
}
