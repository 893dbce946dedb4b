import { z } from 'zod';
import { normalizeEmailAddress } from '../../../domain/organization/person.ts';
import type { CallOptions } from '../client/wandb-client.ts';
import { isUnknownObject, type WandbResult } from '../client/wandb-failure.ts';
import { readJson } from '../rest/read-json.ts';
import {
  createRestClient,
  type RestClient,
  type RestClientDependencies,
  type RestOperation,
} from '../rest/rest-client.ts';
import { createAvailability, type ScimAvailability } from './availability.ts';
import { createServiceAccount, type NewScimAccount, type ScimCreation } from './create-service-account.ts';
import { filtered, scimOperation } from './scim-operation.ts';
import {
  oneUser,
  SCIM_ID,
  type ScimList,
  type ScimTeam,
  type ScimUser,
  teams,
  users,
} from './scim-resources.ts';

export interface ScimServiceAccount {
  id: string;
  name: string;
  accountType: string;
}

/** The SCIM API of one W&B server, with one API key. No method rejects. Nothing but the availability is remembered. */
export interface ScimClient {
  availability(options?: CallOptions): Promise<WandbResult<ScimAvailability>>;
  /**
   * Finds a person by their exact address, ignoring case. If there are several, returns one that isn't deactivated.
   *
   * @param email as the server has it, because some servers compare addresses exactly
   */
  findPersonByEmail(email: string, options?: CallOptions): Promise<WandbResult<ScimUser | undefined>>;
  /** Finds the service accounts with exactly this name. Servers before 0.81 list none. */
  findServiceAccountsByName(name: string, options?: CallOptions): Promise<WandbResult<ScimServiceAccount[]>>;
  /** Finds the account with this ID, whatever its name is now. */
  findServiceAccountById(
    id: string,
    options?: CallOptions,
  ): Promise<WandbResult<ScimServiceAccount | undefined>>;
  createServiceAccount(account: NewScimAccount, options?: CallOptions): Promise<ScimCreation>;
  /** Deletes a person or service account for good. API keys of a service account stay valid until they are deleted in W&B. */
  deleteUser(id: string, options?: CallOptions): Promise<WandbResult<'deleted' | 'not_found'>>;
  /** Lists all teams of the organization. */
  listTeams(options?: CallOptions): Promise<WandbResult<ScimList<ScimTeam>>>;
  findTeam(name: string, options?: CallOptions): Promise<WandbResult<ScimTeam | undefined>>;
}

export function createScimClient(dependencies: RestClientDependencies): ScimClient {
  const rest = createRestClient(dependencies);
  const deleteUser: ScimClient['deleteUser'] = (id, options) => deleteUserOnce(rest, id, options);
  return {
    availability: createAvailability({
      // The kind of call that looks a person up, for an address that nobody has.
      probe: (isExpected, options) =>
        findUsers(
          rest,
          { attribute: 'emails.value', value: 'keysmith@wandb.invalid', isMeant: () => false, isExpected },
          options,
        ),
      ...dependencies,
    }),
    findPersonByEmail: (email, options) => findPersonByEmail(rest, email, options),
    findServiceAccountsByName: (name, options) => findServiceAccountsByName(rest, name, options),
    findServiceAccountById: (id, options) => findServiceAccountById(rest, id, options),
    createServiceAccount: (account, options) =>
      createServiceAccount(rest, account, (id) => deleteUser(id, options), options),
    deleteUser,
    listTeams: (options) => rest.call(teamsOperation('ScimListTeams', '/Groups'), options),
    async findTeam(name, options) {
      const path = filtered('/Groups', 'displayName', name);
      const found = await rest.call(teamsOperation('ScimFindTeam', path), options);
      return found.ok ? { ok: true, value: found.value.entries.find((team) => team.name === name) } : found;
    },
  };
}

/** Finds the users that meet a condition. A server may ignore the filter, or compare loosely. */
function findUsers(
  rest: RestClient,
  { attribute, value, isMeant, isExpected }: UserSearch,
  options?: CallOptions,
): Promise<WandbResult<ScimUser[]>> {
  return rest
    .call(
      scimOperation<ScimList<ScimUser>>({
        kind: 'query',
        name: 'ScimFindUsers',
        method: 'GET',
        path: filtered('/Users', attribute, value),
        read: (response) => readJson(response, users),
        ...(isExpected && { isExpected }),
        skippedIn: ({ unusable }) => unusable.length,
      }),
      options,
    )
    .then((found) => {
      if (!found.ok) return found;
      const meant = found.value.entries.filter(isMeant);
      // Those that the server left out may be among the meant.
      return meant.length > 0 || found.value.isComplete ? { ok: true, value: meant } : INCOMPLETE;
    });
}

interface UserSearch extends Pick<RestOperation<unknown>, 'isExpected'> {
  attribute: 'userName' | 'emails.value';
  value: string;
  isMeant: (user: ScimUser) => boolean;
}

const INCOMPLETE: WandbResult<never> = {
  ok: false,
  failure: { reason: 'too_large', mayHaveHappened: false },
};

function teamsOperation(name: string, path: string) {
  return scimOperation<ScimList<ScimTeam>>({
    kind: 'query',
    name,
    method: 'GET',
    path,
    read: (response) => readJson(response, teams),
    skippedIn: ({ unusable }) => unusable.length,
  });
}

async function findPersonByEmail(
  rest: RestClient,
  email: string,
  options?: CallOptions,
): Promise<WandbResult<ScimUser | undefined>> {
  const address = normalizeEmailAddress(email);
  const isMeant = (user: ScimUser) =>
    !isServiceAccount(user) && address !== undefined && user.emails.includes(address);
  const found = await findUsers(rest, { attribute: 'emails.value', value: email, isMeant }, options);
  if (!found.ok) return found;
  const people = found.value;
  return { ok: true, value: people.find(({ active }) => active !== false) ?? people[0] };
}

async function findServiceAccountsByName(
  rest: RestClient,
  name: string,
  options?: CallOptions,
): Promise<WandbResult<ScimServiceAccount[]>> {
  const isMeant = (user: ScimUser) => user.userName === name && isServiceAccount(user);
  const found = await findUsers(rest, { attribute: 'userName', value: name, isMeant }, options);
  if (!found.ok) return found;
  const namesakes = found.value;
  const accounts = namesakes.flatMap(({ id, accountType = '' }) =>
    id === undefined ? [] : [{ id, name, accountType }],
  );
  if (accounts.length === namesakes.length) return { ok: true, value: accounts };
  // The account exists even if its ID is unusable.
  return {
    ok: false,
    failure: { reason: 'unexpected_shape', paths: ['Resources.id'], mayHaveHappened: false },
  };
}

async function findServiceAccountById(
  rest: RestClient,
  id: string,
  options?: CallOptions,
): Promise<WandbResult<ScimServiceAccount | undefined>> {
  const found = await rest.call(
    scimOperation<ScimUser>({
      kind: 'query',
      name: 'ScimReadUser',
      method: 'GET',
      path: userPath(id),
      read: (response) => readJson(response, oneUser),
      isExpected: isUnknownObject,
    }),
    options,
  );
  if (!found.ok) return isUnknownObject(found.failure) ? { ok: true, value: undefined } : found;
  const { id: foundId, userName = '', accountType = '' } = found.value;
  if (foundId === id) return { ok: true, value: { id, name: userName, accountType } };
  return { ok: false, failure: { reason: 'unexpected_shape', paths: ['id'], mayHaveHappened: false } };
}

function isServiceAccount({ accountType }: ScimUser): boolean {
  return accountType === 'SERVICE' || accountType === 'ORG_SERVICE';
}

const deleted = z.unknown().transform(() => 'deleted' as const);

async function deleteUserOnce(
  rest: RestClient,
  id: string,
  options?: CallOptions,
): Promise<WandbResult<'deleted' | 'not_found'>> {
  const result = await rest.call(
    scimOperation<'deleted' | 'not_found'>({
      kind: 'mutation',
      isIdempotent: true,
      name: 'ScimDeleteUser',
      method: 'DELETE',
      path: userPath(id),
      // A web page means that another server responded.
      read: (response) =>
        response.text === '' ? { ok: true, value: 'deleted' } : readJson(response, deleted),
      isExpected: isUnknownObject,
    }),
    options,
  );
  return !result.ok && isUnknownObject(result.failure) ? { ok: true, value: 'not_found' } : result;
}

function userPath(id: string): string {
  // Dots would change the path.
  if (!SCIM_ID.test(id)) throw new RangeError('Not an ID of SCIM.');
  return `/Users/${encodeURIComponent(id)}`;
}
