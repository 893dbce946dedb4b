import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createClient,
  createServiceAccount,
  deleteInvite,
  revokeClient,
} from '../../../../src/backends/wandb/client/mutations.ts';
import { readNewServiceAccountKey } from '../../../../src/backends/wandb/client/queries/read-new-key.ts';
import { readServerInfo } from '../../../../src/backends/wandb/client/queries/read-server-info.ts';
import { readTeam } from '../../../../src/backends/wandb/client/queries/read-team.ts';
import {
  readOrganizations,
  readUserTeams,
  readViewer,
} from '../../../../src/backends/wandb/client/queries/read-viewer.ts';
import type { WandbClient } from '../../../../src/backends/wandb/client/wandb-client.ts';
import type { WandbResult } from '../../../../src/backends/wandb/client/wandb-failure.ts';
import { randomRuns } from '../../../long-form.ts';
import { startClient } from './client-on-server.ts';

type Path = (string | number)[];

const EMAIL = 'ada@acme.test';
const KEY = 'k'.repeat(40);
const edges = (...nodes: object[]) => ({ edges: nodes.map((node) => ({ node })) });
const member = (id: string) => ({
  id,
  name: `name-${id}`,
  username: id,
  email: `${id}@acme.test`,
  admin: true,
  pending: false,
  accountType: 'SERVICE',
  role: 'admin',
  apiKey: KEY,
  OAuthClients: [{ id: `c-${id}`, subject: 's' }],
});
const organization = {
  id: 'o1',
  name: 'acme',
  OAuthProviders: [
    { id: 'p1', issuerUrl: 'https://a.test' },
    { id: 'p2', issuerUrl: 'https://b.test' },
  ],
};
const teamNames = edges({ name: 'ml' }, { name: 'ML Platform' }, { name: 'ops' });

interface Query {
  name: string;
  data: object;
  read: (client: WandbClient) => Promise<WandbResult<unknown>>;
  /** What can't be null: without it, nothing is known. */
  required: Path[];
  /** The lists, and what their entries become. `of`: what says whose list it is. */
  lists: { at: Path; of?: Path; entries: (value: never) => unknown[] }[];
}

const queries: Query[] = [
  {
    name: 'readTeam',
    data: {
      entity: {
        id: 'e1',
        name: 'ml',
        isTeam: true,
        members: ['m0', 'm1', 'm2'].map(member),
        organization,
      },
    },
    read: (client) => readTeam(client, 'ml'),
    required: [
      ['entity', 'id'],
      ['entity', 'name'],
      ['entity', 'members'],
    ],
    lists: [
      { at: ['entity', 'members'], entries: ({ members }: { members: unknown[] }) => members },
      {
        at: ['entity', 'organization', 'OAuthProviders'],
        of: ['entity', 'organization', 'name'],
        entries: (team: { organization?: { oauthProviders?: unknown[] } }) =>
          team.organization?.oauthProviders ?? [],
      },
    ],
  },
  {
    name: 'readViewer',
    data: {
      viewer: {
        id: 'u1',
        username: 'ada',
        email: EMAIL,
        admin: true,
        entity: 'ml',
        teams: teamNames,
        organizations: [
          { id: 'o1', name: 'acme' },
          { id: 'o2', name: 'beta' },
        ],
      },
    },
    read: readViewer,
    required: [['viewer']],
    lists: [
      { at: ['viewer', 'teams', 'edges'], entries: ({ teams }: { teams: unknown[] }) => teams },
      {
        at: ['viewer', 'organizations'],
        entries: ({ organizations = [] }: { organizations?: unknown[] }) => organizations,
      },
    ],
  },
  {
    name: 'readUserTeams',
    data: { users: edges({ email: EMAIL, teams: teamNames }, { email: 'eve@acme.test', teams: teamNames }) },
    read: (client) => readUserTeams(client, EMAIL),
    required: [],
    lists: [
      {
        at: ['users', 'edges', 0, 'node', 'teams', 'edges'],
        of: ['users', 'edges', 0, 'node', 'email'],
        entries: ({ teams = [] }: { teams?: unknown[] }) => teams,
      },
    ],
  },
  {
    name: 'readOrganizations',
    data: { viewer: { id: 'u1', organizations: [organization, { ...organization, name: 'beta' }] } },
    read: readOrganizations,
    required: [],
    lists: [{ at: ['viewer', 'organizations'], entries: (value: unknown[]) => value }],
  },
  {
    name: 'readServerInfo',
    data: {
      serverInfo: {
        cliVersionInfo: {},
        latestLocalVersionInfo: {
          outOfDate: false,
          latestVersionString: '0.84.0',
          versionOnThisInstanceString: '0.74.0',
        },
        features: [
          { name: 'A', isEnabled: true },
          { name: 'B', isEnabled: true },
        ],
      },
    },
    read: readServerInfo,
    required: [],
    lists: [
      {
        at: ['serverInfo', 'features'],
        entries: ({ features = [] }: { features?: unknown[] }) => features,
      },
    ],
  },
  {
    name: 'readNewServiceAccountKey',
    data: { entity: { members: ['m1', 'm2'].map(member) } },
    read: (client) => readNewServiceAccountKey(client, 'ml', 'name-m1'),
    required: [['entity', 'members']],
    lists: [
      {
        at: ['entity', 'members'],
        entries: ({ kind }: { kind: string }) => (kind === 'key' ? ['key'] : []),
      },
    ],
  },
];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value)
    ? value.flatMap((one, index) => pathsIn(one, [...path, index]))
    : Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function withNulls(value: object, paths: readonly Path[]): object {
  // Unlike `structuredClone`, this makes two objects of one that occurs twice.
  const copy: object = JSON.parse(JSON.stringify(value));
  for (const path of paths) {
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null)?.[step], copy);
    if (typeof parent === 'object' && parent !== null) Object.assign(parent, { [path.at(-1) ?? '']: null });
  }
  return copy;
}

const isAtOrBelow = (path: Path, ancestor: Path) => ancestor.every((step, index) => path[index] === step);
/** Returns whether no null is in the entry, or on the way to it. */
const isUntouched = (entry: Path, nulls: readonly Path[]) =>
  !nulls.some((path) => isAtOrBelow(path, entry) || isAtOrBelow(entry, path));

test.each(queries)(
  '$name reads every complete entry of a response, whatever else in it is null',
  async ({ data, read, required, lists }) => {
    let body: unknown = { data };
    await using setup = await startClient({ fetch: async () => Response.json(body) });
    const whole = await read(setup.client);
    if (!whole.ok) throw new Error('The whole response isn’t readable.');
    const optional = pathsIn(data).filter(
      (path) => !required.some((one) => one.length === path.length && isAtOrBelow(path, one)),
    );
    const isReadable = (path: Path) => !required.some((one) => isAtOrBelow(one, path));
    await fc.assert(
      fc.asyncProperty(fc.subarray(optional, { maxLength: 6 }), async (paths) => {
        body = { data: withNulls(data, paths) };

        const result = await read(setup.client);

        // `entity: null` is a team that doesn't exist.
        if (!paths.every(isReadable)) return;
        if (!result.ok) throw new Error(JSON.stringify(result.failure));
        for (const { at, of, entries } of lists) {
          if (of !== undefined && !isUntouched(of, paths)) continue;
          const complete = entries(whole.value as never).filter((_, index) =>
            isUntouched([...at, index], paths),
          );
          expect(entries(result.value as never)).toEqual(expect.arrayContaining(complete));
        }
      }),
      { numRuns: randomRuns(200) },
    );
  },
);

test('unusable members are counted, so none disappears unnoticed', async () => {
  const [{ data }] = queries as [Query];
  const nullable = pathsIn(data).filter((path) => path[1] === 'members' && path.length > 2);
  let body: unknown;
  await using setup = await startClient({ fetch: async () => Response.json(body) });
  await fc.assert(
    fc.asyncProperty(fc.subarray(nullable), async (paths) => {
      body = { data: withNulls(data, paths) };

      const result = await readTeam(setup.client, 'ml');

      if (!result.ok || result.value === undefined) throw new Error('The team isn’t readable.');
      const { members, unusableMembers = [] } = result.value;
      expect(members.length + unusableMembers.length).toBe(3);
    }),
    { numRuns: randomRuns(200) },
  );
});

const external = { team: 'ml', providerId: 'p1', subject: 's', name: 'ci' };
const mutations: { name: string; payload: object; run: Query['read'] }[] = [
  {
    name: 'createServiceAccount',
    payload: { user: { id: 'm1' } },
    run: (client) => createServiceAccount(client, { team: 'ml', name: 'ci' }),
  },
  {
    name: 'createClient',
    payload: { success: true, clientId: 'c1' },
    run: (client) => createClient(client, external),
  },
  {
    name: 'deleteInvite',
    payload: { success: true },
    run: (client) => deleteInvite(client, { team: 'ml', memberId: 'm1' }),
  },
  {
    name: 'revokeClient',
    payload: { success: true },
    run: (client) => revokeClient(client, { team: 'ml', clientId: 'c1' }),
  },
];

test.each(mutations)(
  '$name may have happened if any part of its payload is null, unless the server refused the document',
  async ({ name, payload, run }) => {
    const data = { [name]: payload };
    const refused = { message: `Cannot query field "${name}" on type "Mutation".` };
    let body: unknown;
    await using setup = await startClient({ fetch: async () => Response.json(body) });
    for (const path of [[], ...pathsIn(data)]) {
      body = { data: path.length === 0 ? null : withNulls(data, [path]) };
      expect(await run(setup.client)).toMatchObject({
        ok: false,
        failure: { reason: 'unexpected_shape', mayHaveHappened: true },
      });
      body = { ...(body as object), errors: [{ message: 'internal error', path: [name] }] };
      expect(await run(setup.client)).toMatchObject({
        ok: false,
        failure: { reason: 'errors', mayHaveHappened: true },
      });
    }
    body = { data: null, errors: [refused] };
    expect(await run(setup.client)).toMatchObject({ ok: false, failure: { mayHaveHappened: false } });
  },
);
