import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
import type { WandbOperation } from '../wandb-operation.ts';

const DELETE_INVITE = {
  kind: 'mutation',
  isIdempotent: true,
  name: 'DeleteInvite',
  query: `mutation DeleteInvite($input: DeleteInviteInput!) {
  deleteInvite(input: $input) { success }
}`,
  data: z
    .object({ deleteInvite: z.object({ success: z.boolean() }) })
    .transform(({ deleteInvite }) => deleteInvite.success),
} satisfies WandbOperation<boolean>;

/** Removes a member from a team: an invited person, one who joined, or a service account. False where the server did not. */
export function deleteInvite(
  client: WandbClient,
  member: { team: string; memberId: string },
  options?: CallOptions,
): Promise<WandbResult<boolean>> {
  const input = { id: member.memberId, entityName: member.team };
  return client.call(DELETE_INVITE, { input }, options);
}
