import { describe, expect, test } from 'vitest';
import { readNewServiceAccountKey } from '../../../../../src/backends/wandb/client/queries/read-new-key.ts';
import { readServerInfo } from '../../../../../src/backends/wandb/client/queries/read-server-info.ts';
import { readTeam } from '../../../../../src/backends/wandb/client/queries/read-team.ts';
import {
  readOrganizations,
  readUserTeams,
  readViewer,
} from '../../../../../src/backends/wandb/client/queries/read-viewer.ts';
import { startClient } from '../client-on-server.ts';
import { data, json } from '../wandb-server.ts';

const alice = { id: 'VXNlcjox', name: 'Alice', email: 'alice@example.com', admin: true, pending: false };
const entity = (members: unknown[], more = {}) => ({ id: 'e1', name: 'ml', isTeam: true, members, ...more });

const service = { id: 'VXNlcjoy', name: 'ci', accountType: 'SERVICE', apiKey: 'k'.repeat(40) };

describe('an unusable entry of a response is skipped', () => {
  test.each([
    ['null', null],
    ['a member without an ID', { ...alice, id: null, email: 'bob@example.com' }],
    ['a member with an empty ID', { ...alice, id: '' }],
    ['a member whose email is a number', { ...alice, email: 1 }],
    ['a number', 7],
    ['an empty object', {}],
  ])('among the members of a team: %s', async (_, unusable) => {
    await using setup = await startClient();
    setup.server.respondWith(data({ entity: entity([unusable, alice, unusable]) }));

    const read = await readTeam(setup.client, 'ml');

    expect(read).toMatchObject({ ok: true, value: { name: 'ml', members: [{ id: alice.id, admin: true }] } });
    expect(read.ok && read.value?.unusableMembers).toHaveLength(2);
    expect(setup.lines).toContainEqual(
      expect.objectContaining({ level: 40, operation: 'ReadTeam', skipped: 2 }),
    );
  });

  test('among clients, issuers and organizations', async () => {
    await using setup = await startClient();
    const clients = [null, { id: null, subject: 'a' }, { id: 'c1', subject: null }];
    const providers = [null, { id: 'p1', issuerUrl: null }, { id: 'p2', issuerUrl: 'https://idp.test' }];
    const organization = { id: null, name: 'acme', OAuthProviders: providers };
    setup.server.respondWith(
      data({ entity: entity([{ ...alice, OAuthClients: clients }], { organization }) }),
      data({ entity: entity([alice], { organization: { id: 'o1', name: null } }) }),
      data({ viewer: { organizations: [null, { name: null }, organization] } }),
    );

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      value: {
        members: [{ oauthClients: [{ id: 'c1' }] }],
        organization: { name: 'acme', oauthProviders: [{ id: 'p2' }] },
      },
    });
    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      ok: true,
      value: { organization: undefined },
    });
    expect(await readOrganizations(setup.client)).toEqual({
      ok: true,
      value: [{ name: 'acme', issuerUrls: ['https://idp.test'] }],
    });
    const skipped = setup.lines.flatMap((line) => line.skipped ?? []);
    expect(skipped).toEqual([4, 4]);
  });

  const teams = { edges: [null, { node: null }, { node: { name: null } }, { node: { name: 'ml' } }] };

  test('among the edges of the viewer', async () => {
    await using setup = await startClient();
    const viewer = { id: null, username: 'admin', email: null, admin: null, entity: null, teams };
    setup.server.respondWith(
      data({ viewer: { ...viewer, organizations: [null, { id: null, name: 'acme' }] } }),
      data({ viewer: { ...viewer, teams: { edges: null } } }),
      data({ viewer: { ...viewer, teams: null } }),
    );
    const read = () => readViewer(setup.client);

    expect(await read()).toMatchObject({
      ok: true,
      value: { teams: ['ml'], organizations: [{ name: 'acme' }], skipped: 4 },
    });
    for (const _ of [1, 2]) expect(await read()).toMatchObject({ ok: true, value: { teams: [] } });
  });

  test('among the people who are found', async () => {
    await using setup = await startClient();
    const edges = [null, { node: null }, {}, { node: { email: 'alice@example.com', teams } }];
    setup.server.respondWith(data({ users: { edges } }), data({ users: { edges: null } }));
    const read = () => readUserTeams(setup.client, 'alice@example.com');

    expect(await read()).toEqual({ ok: true, value: { kind: 'found', teams: ['ml'] } });
    expect(await read()).toEqual({ ok: true, value: { kind: 'not_found' } });
  });

  test('among features and members whose key is read', async () => {
    await using setup = await startClient();
    const features = [null, { name: null, isEnabled: true }, { name: 'A', isEnabled: null }];
    setup.server.respondWith(
      data({
        serverInfo: {
          latestLocalVersionInfo: { outOfDate: null },
          features: [...features, { name: 'B', isEnabled: true }],
        },
      }),
      data({ entity: { members: [null, { ...alice, id: null }, service] } }),
    );

    expect(await readServerInfo(setup.client)).toMatchObject({
      ok: true,
      value: { features: ['B'], version: undefined },
    });
    expect(setup.lines).toContainEqual(
      expect.objectContaining({ level: 40, operation: 'ReadServerInfo', skipped: 3 }),
    );
    expect(await readNewServiceAccountKey(setup.client, 'ml', 'ci')).toMatchObject({
      value: { kind: 'key' },
    });
  });
});

describe('an error at an entry of a list', () => {
  const refused = (...path: (string | number)[]) => ({ message: 'internal error', path });

  test('doesn’t fail the call if the server left null in its place', async () => {
    await using setup = await startClient();
    const found = { node: { email: 'alice@example.com', teams: { edges: [{ node: { name: 'ml' } }] } } };
    setup.server.respondWith(
      json({ errors: [refused('entity', 'members', 1, 'id')], data: { entity: entity([alice, null]) } }),
      json({
        errors: [refused('users', 'edges', 0, 'node', 'teams'), refused('users', 'edges', 1)],
        data: { users: { edges: [{ node: null }, null, found] } },
      }),
      json({ errors: [refused('entity', 'members', 0)], data: { entity: { members: [null, service] } } }),
    );

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      ok: true,
      value: { members: [{ id: alice.id }] },
    });
    expect(await readUserTeams(setup.client, 'alice@example.com')).toMatchObject({
      value: { kind: 'found', teams: ['ml'] },
    });
    expect(await readNewServiceAccountKey(setup.client, 'ml', 'ci')).toMatchObject({
      value: { kind: 'key' },
    });
  });

  test('fails the call if the entry exists, so that a missing field isn’t taken for its value', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      json({
        errors: [refused('entity', 'members', 0, 'email')],
        data: { entity: entity([{ ...alice, email: null }]) },
      }),
      json({ errors: [refused('entity', 'members', 1)], data: { entity: entity([alice]) } }),
    );

    for (const _ of [1, 2]) {
      expect(await readTeam(setup.client, 'ml')).toMatchObject({ failure: { reason: 'errors' } });
    }
  });
});

test('skipped entries are logged as a warning only when they are more than before', async () => {
  await using setup = await startClient();
  for (const unusable of [1, 1, 0, 1, 3]) {
    setup.server.respondWith(
      data({ entity: entity([alice, ...Array.from({ length: unusable }, () => null)]) }),
    );
    await readTeam(setup.client, 'ml');
  }

  const warnings = setup.lines.filter(({ level, skipped }) => level === 40 && skipped !== undefined);
  expect(warnings.map(({ skipped }) => skipped)).toEqual([1, 3]);
});
