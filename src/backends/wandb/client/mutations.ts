import { z } from 'zod';
import type { CallOptions, WandbClient } from './wandb-client.ts';
import { isUnknownObject, type WandbOperation, type WandbResult } from './wandb-failure.ts';

const CREATE_SERVICE_ACCOUNT = {
  kind: 'mutation',
  name: 'CreateServiceAccount',
  needs: 'Mutation.createServiceAccount',
  query: `mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
  createServiceAccount(input: $input) { user { id } }
}`,
  data: z
    .object({ createServiceAccount: z.object({ user: z.object({ id: z.string().min(1) }) }) })
    .transform(({ createServiceAccount }) => createServiceAccount.user.id),
} satisfies WandbOperation<string>;

/** Creates a service account with a built-in key in a team, and returns its ID, which is also its membership's. */
export function createServiceAccount(
  client: WandbClient,
  account: { team: string; name: string },
  options?: CallOptions,
): Promise<WandbResult<string>> {
  const input = { entityName: account.team, description: account.name };
  return client.call(CREATE_SERVICE_ACCOUNT, { input }, options);
}

export type CreatedClient = { created: true; clientId: string } | { created: false };

const CREATE_CLIENT = {
  kind: 'mutation',
  name: 'CreateClient',
  needs: 'Mutation.createClient',
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

/** Creates an external service account in a team: a subject of one of the organization's OAuth providers. */
export function createClient(
  client: WandbClient,
  external: { team: string; providerId: string; subject: string; name: string },
  options?: CallOptions,
): Promise<WandbResult<CreatedClient>> {
  const { team, providerId, subject, name } = external;
  return client.call(CREATE_CLIENT, { input: { entityName: team, providerId, subject, name } }, options);
}

const DELETE_INVITE = {
  kind: 'mutation',
  isIdempotent: true,
  name: 'DeleteInvite',
  needs: 'Mutation.deleteInvite',
  // An earlier call deleted it.
  isExpected: isUnknownObject,
  query: `mutation DeleteInvite($input: DeleteInviteInput!) {
  deleteInvite(input: $input) { success }
}`,
  data: z
    .object({ deleteInvite: z.object({ success: z.boolean() }) })
    .transform(({ deleteInvite }) => deleteInvite.success),
} satisfies WandbOperation<boolean>;

/**
 * Removes a member from a team, which may be an invited person, a person who joined, or a service account. Returns whether
 * the server did.
 */
export function deleteInvite(
  client: WandbClient,
  member: { team: string; memberId: string },
  options?: CallOptions,
): Promise<WandbResult<boolean>> {
  const input = { id: member.memberId, entityName: member.team };
  return client.call(DELETE_INVITE, { input }, options);
}

const REVOKE_CLIENT = {
  kind: 'mutation',
  isIdempotent: true,
  name: 'RevokeClient',
  needs: 'Mutation.revokeClient',
  // Most servers delete the client with its member.
  isExpected: isUnknownObject,
  query: `mutation RevokeClient($input: RevokeClientInput!) {
  revokeClient(input: $input) { success }
}`,
  data: z
    .object({ revokeClient: z.object({ success: z.boolean() }) })
    .transform(({ revokeClient }) => revokeClient.success),
} satisfies WandbOperation<boolean>;

/** Removes the subject of an external service account. Returns whether the server did. */
export function revokeClient(
  client: WandbClient,
  external: { team: string; clientId: string },
  options?: CallOptions,
): Promise<WandbResult<boolean>> {
  const input = { entityName: external.team, clientId: external.clientId };
  return client.call(REVOKE_CLIENT, { input }, options);
}
