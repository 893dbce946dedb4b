import { describe, expect, test } from 'vitest';
import { readUserTeams, readViewer } from '../../../../../src/backends/wandb/client/queries/read-viewer.ts';
import { startClient } from '../client-on-server.ts';
import { data, json, status } from '../wandb-server.ts';

const teams = (...names: string[]) => ({ edges: names.map((name) => ({ node: { name } })) });
const viewer = {
  id: 'VXNlcjox',
  username: 'admin',
  email: 'admin@example.com',
  admin: true,
  entity: 'ml',
  teams: teams('ml', 'vision'),
};

describe('reading the viewer', () => {
  test('returns teams and organizations', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ viewer: { ...viewer, organizations: [{ id: 'o1', name: 'acme' }] } }));

    expect(await readViewer(setup.client)).toEqual({
      ok: true,
      value: { ...viewer, teams: ['ml', 'vision'], organizations: [{ id: 'o1', name: 'acme' }] },
    });
  });

  test('leaves organizations out when the caller needs none', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      data({ viewer: { ...viewer, username: null, email: null, admin: null, entity: null } }),
    );

    expect(await readViewer(setup.client, { withoutOrganizations: true })).toMatchObject({
      value: {
        username: undefined,
        email: undefined,
        admin: false,
        entity: undefined,
        organizations: undefined,
      },
    });
    expect(setup.server.requests[0]?.body.query).not.toContain('organizations');
  });

  test('fails as unauthorized when the server returns no viewer', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ viewer: null }));

    expect(await readViewer(setup.client)).toEqual({
      ok: false,
      failure: { reason: 'unauthorized', mayHaveHappened: false },
    });
  });
});

describe('reading the teams of a person', () => {
  const users = (...nodes: unknown[]) => data({ users: { edges: nodes.map((node) => ({ node })) } });

  test('returns the teams of users with the same email address, ignoring case', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      users(
        { email: 'malice@example.com', teams: teams('evil') },
        { email: 'alice@example.com.test', teams: teams('evil') },
        { email: null, teams: null },
        { email: 'Alice@Example.com', teams: teams('ml', 'vision') },
        { email: 'alice@example.com', teams: teams('vision', 'speech') },
      ),
    );

    expect(await readUserTeams(setup.client, 'alice@example.com')).toEqual({
      ok: true,
      value: { kind: 'found', teams: ['ml', 'vision', 'speech'] },
    });
    expect(setup.server.requests[0]?.body.variables).toEqual({ query: 'alice@example.com' });
  });

  test('finds no one when no user has the same email address', async () => {
    await using setup = await startClient();
    setup.server.respondWith(users({ email: 'malice@example.com', teams: teams('evil') }), users());

    for (const _ of [1, 2]) {
      expect(await readUserTeams(setup.client, 'alice@example.com')).toEqual({
        ok: true,
        value: { kind: 'not_found' },
      });
    }
  });

  test.each([
    ['403', status(403)],
    [
      'a GraphQL error that denies permission',
      json({ errors: [{ message: 'Permission denied' }], data: { users: null } }),
    ],
    ['a GraphQL error that asks for other headers', json({ errors: [{ message: 'relogin required' }] })],
    ['null', data({ users: null })],
  ])('reports that the key may not look people up when it gets %s', async (_, responder) => {
    await using setup = await startClient();
    setup.server.respondWith(responder);

    expect(await readUserTeams(setup.client, 'alice@example.com')).toEqual({
      ok: true,
      value: { kind: 'not_allowed' },
    });
  });

  test.each([
    ['401', status(401), 'unauthorized'],
    ['any other GraphQL error', json({ errors: [{ message: 'internal error' }], data: null }), 'errors'],
  ])('fails when it gets %s', async (_, responder, reason) => {
    await using setup = await startClient();
    setup.server.respondWith(responder);

    expect(await readUserTeams(setup.client, 'alice@example.com')).toMatchObject({ failure: { reason } });
  });
});
