import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

const CREATE_SERVICE_ACCOUNT = {
  kind: 'mutation',
  name: 'CreateServiceAccount',
  query: `mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
  createServiceAccount(input: $input) { user { id } }
}`,
  data: z
    .object({ createServiceAccount: z.object({ user: z.object({ id: z.string().min(1) }) }) })
    .transform(({ createServiceAccount }) => createServiceAccount.user.id),
} satisfies WandbOperation<string>;

/** Makes a service account with a built-in key in a team. Gives its id, which is also that of its membership. */
export function createServiceAccount(
  client: WandbClient,
  account: { team: string; name: string },
  options?: CallOptions,
): Promise<WandbResult<string>> {
  const input = { entityName: account.team, description: account.name };
  return client.call(CREATE_SERVICE_ACCOUNT, { input }, options);
}
