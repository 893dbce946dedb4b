import type { CallOptions } from '../client/wandb-client.ts';
import type { WandbFailure, WandbResult } from '../client/wandb-failure.ts';
import { readJson } from '../rest/read-json.ts';
import type { RestClient } from '../rest/rest-client.ts';
import { scimOperation } from './scim-operation.ts';
import { oneUser, type ScimUser } from './scim-resources.ts';

type ScimAccountType = 'SERVICE' | 'ORG_SERVICE';

export interface NewScimAccount {
  /** W&B shows it as the name. */
  name: string;
  /** Its own team, or the default team of an account of the organization. */
  team: string;
  accountType: ScimAccountType;
}

export type ScimCreation =
  | { outcome: 'created'; id: string }
  /** Another user has this name. */
  | { outcome: 'name_taken' }
  | { outcome: 'team_unknown' }
  /** The server creates only people by SCIM (before 0.81). */
  | { outcome: 'not_supported' }
  | { outcome: 'failed'; failure: WandbFailure };

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const TEAMS = 'urn:ietf:params:scim:schemas:extension:teams:2.0:User';

/**
 * Creates a service account without a key.
 *
 * @param deleteUser deletes what an older server, which knows no types of accounts, has created instead
 */
export async function createServiceAccount(
  rest: RestClient,
  { name, team, accountType }: NewScimAccount,
  deleteUser: (id: string) => Promise<WandbResult<unknown>>,
  options?: CallOptions,
): Promise<ScimCreation> {
  const created = await rest.call(
    scimOperation<ScimUser>({
      kind: 'mutation',
      name: 'ScimCreateServiceAccount',
      method: 'POST',
      path: '/Users',
      body: { schemas: [USER, TEAMS], userName: name, accountType, [TEAMS]: { defaultTeam: team } },
      read: (response) => readJson(response, oneUser),
    }),
    options,
  );
  if (!created.ok) return failedCreation(created.failure);
  const { id, userName, accountType: createdType } = created.value;
  if (id === undefined || userName !== name) return unexpected(id === undefined ? ['id'] : ['userName']);
  if (createdType === accountType) return { outcome: 'created', id };
  const deleted = await deleteUser(id);
  return deleted.ok ? { outcome: 'not_supported' } : unexpected(['accountType']);
}

function unexpected(paths: string[]): ScimCreation {
  return { outcome: 'failed', failure: { reason: 'unexpected_shape', paths, mayHaveHappened: true } };
}

function failedCreation(failure: WandbFailure): ScimCreation {
  switch (failure.reason) {
    case 'conflict':
      return { outcome: 'name_taken' };
    case 'errors': {
      const text = failure.messages.join(' ');
      if (/team/i.test(text)) return { outcome: 'team_unknown' };
      // An older server asks for the address of the person to invite.
      return /e-?mail|account ?type/i.test(text)
        ? { outcome: 'not_supported' }
        : { outcome: 'failed', failure };
    }
    case 'refused':
      return [405, 501].includes(failure.status)
        ? { outcome: 'not_supported' }
        : { outcome: 'failed', failure };
    default:
      return { outcome: 'failed', failure };
  }
}
