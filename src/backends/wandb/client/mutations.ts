import { z } from 'zod';
import { Secret } from '../../../domain/keys/secret.ts';
import type { CallOptions, WandbClient } from './wandb-client.ts';
import type { WandbOperation, WandbResult } from './wandb-failure.ts';

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

export type NewServiceAccountKey =
  | { kind: 'key'; key: Secret }
  /** The server keeps keys to itself, or shows their beginning only. */
  | { kind: 'not_shown' }
  /** Or another one than was made: a person, or of another name. */
  | { kind: 'no_such_member' };

interface NewServiceAccount {
  memberId: string;
  name: string;
}

const member = z.object({
  id: z.string(),
  name: z.string().nullish(),
  accountType: z.string().nullish(),
  apiKey: z.unknown(),
});

function readKeyOperation({ memberId, name }: NewServiceAccount): WandbOperation<NewServiceAccountKey> {
  return {
    kind: 'query',
    name: 'ReadNewServiceAccountKey',
    query: `query ReadNewServiceAccountKey($name: String!) {
  entity(name: $name) { members { id name accountType apiKey } }
}`,
    data: z
      .object({
        entity: z.object({ members: z.array(member) }).nullable(),
      })
      // The other members' keys end here, unread.
      .transform(({ entity }) =>
        keyOf(
          entity?.members.find(
            (one) => one.id === memberId && one.name === name && one.accountType === 'SERVICE',
          ),
        ),
      ),
  };
}

function keyOf(member: { apiKey?: unknown } | undefined): NewServiceAccountKey {
  if (member === undefined) return { kind: 'no_such_member' };
  const { apiKey } = member;
  return typeof apiKey === 'string' && isWholeKey(apiKey)
    ? { kind: 'key', key: new Secret(apiKey) }
    : { kind: 'not_shown' };
}

/** As the SDK tells keys: 40 or more word characters, after the first hyphen where there is one. */
function isWholeKey(text: string): boolean {
  return /^[\w-]{40,256}$/.test(text.slice(text.indexOf('-') + 1)) && /^[\w-]{1,320}$/.test(text);
}

/**
 * Reads the key of one service account of a team, on servers that show it there.
 *
 * @param account one that was just made: any other has a key that somebody holds
 */
export function readNewServiceAccountKey(
  client: WandbClient,
  team: string,
  account: NewServiceAccount,
  options?: CallOptions,
): Promise<WandbResult<NewServiceAccountKey>> {
  return client.call(readKeyOperation(account), { name: team }, options);
}
