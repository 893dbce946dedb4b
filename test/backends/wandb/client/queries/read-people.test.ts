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

describe('The viewer', () => {
  test('is read with teams and organizations', async () => {
    await using on = await startClient();
    on.server.answer(data({ viewer: { ...viewer, organizations: [{ id: 'o1', name: 'acme' }] } }));

    expect(await readViewer(on.client, { organizationsOnUser: true })).toEqual({
      ok: true,
      value: { ...viewer, teams: ['ml', 'vision'], organizations: [{ id: 'o1', name: 'acme' }] },
    });
  });

  test('of an older server is not asked for organizations', async () => {
    await using on = await startClient();
    on.server.answer(data({ viewer: { ...viewer, username: null, email: null, admin: null, entity: null } }));

    expect(await readViewer(on.client, { organizationsOnUser: false })).toMatchObject({
      value: {
        username: undefined,
        email: undefined,
        admin: false,
        entity: undefined,
        organizations: undefined,
      },
    });
    expect(on.server.requests[0]?.body.query).not.toContain('organizations');
  });

  test('that is nobody is unauthorized', async () => {
    await using on = await startClient();
    on.server.answer(data({ viewer: null }));

    expect(await readViewer(on.client, { organizationsOnUser: false })).toEqual({
      ok: false,
      failure: { reason: 'unauthorized', mayHaveHappened: false },
    });
  });
});

describe('The teams of a person', () => {
  const users = (...nodes: unknown[]) => data({ users: { edges: nodes.map((node) => ({ node })) } });

  test('are those of the equal address, letter case apart', async () => {
    await using on = await startClient();
    on.server.answer(
      users(
        { email: 'malice@example.com', teams: teams('evil') },
        { email: 'alice@example.com.test', teams: teams('evil') },
        { email: null, teams: null },
        { email: 'Alice@Example.com', teams: teams('ml', 'vision') },
        { email: 'alice@example.com', teams: teams('vision', 'speech') },
      ),
    );

    expect(await readUserTeams(on.client, 'alice@example.com')).toEqual({
      ok: true,
      value: { kind: 'found', teams: ['ml', 'vision', 'speech'] },
    });
    expect(on.server.requests[0]?.body.variables).toEqual({ query: 'alice@example.com' });
  });

  test('are unknown where no address is equal', async () => {
    await using on = await startClient();
    on.server.answer(users({ email: 'malice@example.com', teams: teams('evil') }), users());

    for (const _ of [1, 2]) {
      expect(await readUserTeams(on.client, 'alice@example.com')).toEqual({
        ok: true,
        value: { kind: 'not_found' },
      });
    }
  });

  test.each([
    ['403', status(403)],
    ['an error that says so', json({ errors: [{ message: 'Permission denied' }], data: { users: null } })],
    ['null', data({ users: null })],
  ])('may not be looked up where the server answers %s', async (_, answer) => {
    await using on = await startClient();
    on.server.answer(answer);

    expect(await readUserTeams(on.client, 'alice@example.com')).toEqual({
      ok: true,
      value: { kind: 'not_allowed' },
    });
  });

  test.each([
    ['401', status(401), 'unauthorized'],
    ['another error', json({ errors: [{ message: 'internal error' }], data: null }), 'errors'],
  ])('are a failure where the server answers %s', async (_, answer, reason) => {
    await using on = await startClient();
    on.server.answer(answer);

    expect(await readUserTeams(on.client, 'alice@example.com')).toMatchObject({ failure: { reason } });
  });
});
