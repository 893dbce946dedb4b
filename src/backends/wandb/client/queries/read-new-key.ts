import { z } from 'zod';
import { Secret } from '../../../../domain/keys/secret.ts';
import { entriesOf, optionalText } from '../entries.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';

export type NewServiceAccountKey =
  | { kind: 'key'; key: Secret }
  /** The server doesn't return keys, or only a prefix of them. */
  | { kind: 'no_key_shown' }
  /** No service account has this name, or several have. */
  | { kind: 'no_such_member' };

const member = z.object({
  name: optionalText,
  accountType: optionalText,
  apiKey: z.unknown(),
});

function readKeyOperation(accountName: string): WandbOperation<NewServiceAccountKey> {
  return {
    kind: 'query',
    name: 'ReadNewServiceAccountKey',
    needs: 'Member.apiKey',
    query: `query ReadNewServiceAccountKey($name: String!) {
  entity(name: $name) { members { name accountType apiKey } }
}`,
    data: z
      .object({
        entity: z.object({ members: entriesOf(member) }).nullable(),
      })
      // The keys of all other members are dropped here.
      .transform(({ entity }) => keyOf(entity?.members.entries ?? [], accountName)),
    // A server may refuse the keys of some members, and still return this one.
    optionalPaths: ['entity.members.*.apiKey'],
    entryPaths: ['entity.members.*'],
  };
}

function keyOf(members: readonly z.output<typeof member>[], accountName: string): NewServiceAccountKey {
  const [found, ...others] = members.filter(
    ({ name, accountType }) => name === accountName && accountType === 'SERVICE',
  );
  if (found === undefined || others.length > 0) return { kind: 'no_such_member' };
  const { apiKey } = found;
  // The key of another account, such as Keysmith's own, that the server returns for every member.
  if (members.some((one) => one !== found && one.apiKey === apiKey)) return { kind: 'no_key_shown' };
  return typeof apiKey === 'string' && isWholeKey(apiKey)
    ? { kind: 'key', key: new Secret(apiKey) }
    : { kind: 'no_key_shown' };
}

/** Applies the SDK's rule: 40 or more word characters after the first hyphen, if there is one. */
function isWholeKey(text: string): boolean {
  return /^[\w-]{40,256}$/.test(text.slice(text.indexOf('-') + 1)) && /^[\w-]{1,320}$/.test(text);
}

/**
 * Reads the key of one service account of a team, on servers that return it with the team's members.
 *
 * @param accountName the tagged name of an account that was created just now; someone uses the key of any other one
 */
export async function readNewServiceAccountKey(
  client: WandbClient,
  team: string,
  accountName: string,
  options?: CallOptions,
): Promise<WandbResult<NewServiceAccountKey>> {
  const result = await client.call(readKeyOperation(accountName), { name: team }, options);
  // The server has just said so.
  if (!result.ok && !client.has('Member.apiKey')) return { ok: true, value: { kind: 'no_key_shown' } };
  return result;
}
