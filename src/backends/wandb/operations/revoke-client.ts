import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

const REVOKE_CLIENT = {
  kind: 'mutation',
  isIdempotent: true,
  name: 'RevokeClient',
  query: `mutation RevokeClient($input: RevokeClientInput!) {
  revokeClient(input: $input) { success }
}`,
  data: z
    .object({ revokeClient: z.object({ success: z.boolean() }) })
    .transform(({ revokeClient }) => revokeClient.success),
} satisfies WandbOperation<boolean>;

/** Takes the subject from an external service account. False where the server did not. */
export function revokeClient(
  client: WandbClient,
  external: { team: string; clientId: string },
  options?: CallOptions,
): Promise<WandbResult<boolean>> {
  const input = { entityName: external.team, clientId: external.clientId };
  return client.call(REVOKE_CLIENT, { input }, options);
}
