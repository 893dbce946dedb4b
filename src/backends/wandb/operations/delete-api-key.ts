import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

const DELETE_API_KEY = {
  kind: 'mutation',
  isIdempotent: true,
  name: 'DeleteApiKey',
  query: `mutation DeleteApiKey($input: DeleteApiKeyInput!) {
  deleteApiKey(input: $input) { success }
}`,
  data: z
    .object({ deleteApiKey: z.object({ success: z.boolean() }) })
    .transform(({ deleteApiKey }) => deleteApiKey.success),
} satisfies WandbOperation<boolean>;

/**
 * Deletes an API key. False where the server did not.
 *
 * @param keyId the id of the key's record, not the key
 */
export function deleteApiKey(
  client: WandbClient,
  keyId: string,
  options?: CallOptions,
): Promise<WandbResult<boolean>> {
  return client.call(DELETE_API_KEY, { input: { id: keyId } }, options);
}
