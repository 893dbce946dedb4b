import { describe, expect, test } from 'vitest';
import { deleteInvite } from '../../../../src/backends/wandb/client/mutations.ts';
import { readNewServiceAccountKey } from '../../../../src/backends/wandb/client/queries/read-new-key.ts';
import { readServerInfo } from '../../../../src/backends/wandb/client/queries/read-server-info.ts';
import { readTeam } from '../../../../src/backends/wandb/client/queries/read-team.ts';
import {
  readOrganizations,
  readUserTeams,
  readViewer,
} from '../../../../src/backends/wandb/client/queries/read-viewer.ts';
import { startClient } from './client-on-server.ts';
import { data, json, type Responder, status } from './wandb-server.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const member = { id: 'm1', name: 'Ada', username: 'ada', email: 'ada@acme.test', accountType: 'USER' };
const team = data({
  entity: { id: 'e1', name: 'ml', isTeam: true, members: [{ ...member, admin: true, pending: false }] },
});
const unknownField = (field: string, type: string) => ({
  message: `Cannot query field "${field}" on type "${type}".`,
  locations: [{ line: 1, column: 1 }],
});
const invalid = (...errors: object[]) => json({ errors }, 400);

/** The ways in which GraphQL servers refuse an invalid document. */
const REFUSALS: [string, (errors: object[]) => Responder][] = [
  ['HTTP 400', (errors) => json({ errors }, 400)],
  ['HTTP 422', (errors) => json({ errors }, 422)],
  ['HTTP 200 without data', (errors) => json({ errors })],
  ['HTTP 200 with null as data', (errors) => json({ errors, data: null })],
];

describe('a field that the server lacks', () => {
  test.each(REFUSALS)('is left out of the query when the server refuses it with %s', async (_, refuse) => {
    await using setup = await startClient();
    setup.server.respondWith(refuse([unknownField('role', 'Member')]), team);

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      ok: true,
      value: { members: [{ id: 'm1' }] },
    });
    const [first, second] = setup.server.requests.map(({ body }) => body.query);
    expect(first).toMatch(/\brole\b/);
    expect(second).not.toMatch(/\brole\b/);
    expect(second).toContain('OAuthClients');
    expect(setup.pauses).toEqual([]);
  });

  test.each([
    "Cannot query field 'role' on type 'Member'.",
    'Cannot query field "role" on type "Member". Did you mean "memberRole"?',
  ])('is recognized in the words: %s', async (message) => {
    await using setup = await startClient();
    setup.server.respondWith(invalid({ message }), team);

    expect(await readTeam(setup.client, 'ml')).toMatchObject({ ok: true });
    expect(setup.client.has('Member.role')).toBe(false);
  });

  test('costs one more request for each response that names missing fields, however many it names', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      invalid(unknownField('role', 'Member'), unknownField('OAuthClients', 'Member')),
      invalid(unknownField('OAuthProviders', 'Organization')),
      invalid(unknownField('organization', 'Entity')),
      team,
    );

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      ok: true,
      value: { hasOrganizations: false, organization: undefined },
    });
    expect(setup.server.requests).toHaveLength(4);
  });

  test('is not asked for again for a day, by any query', async () => {
    await using setup = await startClient();
    setup.server.respondWith(invalid(unknownField('OAuthProviders', 'Organization')), team);
    await readTeam(setup.client, 'ml');
    setup.server.respondWith(data({ viewer: { id: 'u1', organizations: [{ name: 'acme' }] } }));
    setup.clock.nowMs += DAY_MS;
    // The time of day isn't what counts.
    setup.clock.steppedMs = -2 * DAY_MS;

    expect(await readOrganizations(setup.client)).toEqual({
      ok: true,
      value: [{ name: 'acme', issuerUrls: undefined }],
    });
    setup.clock.nowMs += 1;
    await readOrganizations(setup.client);

    const asked = setup.server.requests.map(({ body }) => body.query.includes('OAuthProviders'));
    expect(asked).toEqual([true, false, false, true]);
  });

  test('is logged once, by its own name only', async () => {
    await using setup = await startClient();
    setup.server.respondWith(invalid(unknownField('role', 'Member'), unknownField('secret', 'Token')), team);

    await readTeam(setup.client, 'ml');

    const lines = setup.lines.filter(({ fields }) => fields !== undefined);
    expect(lines).toMatchObject([{ operation: 'ReadTeam', fields: ['Member.role'] }]);
    expect(JSON.stringify(setup.lines)).not.toContain('Token.secret');
  });

  test('doesn’t end in a loop on a server that refuses every query in the same words', async () => {
    await using setup = await startClient();
    setup.server.respondWith(invalid(unknownField('role', 'Member')));

    expect(await readTeam(setup.client, 'ml')).toMatchObject({ ok: false, failure: { reason: 'errors' } });
    expect(setup.server.requests).toHaveLength(2);
  });
});

describe('the server counts as having a field', () => {
  const error = unknownField('organization', 'Entity');
  test.each<[string, Responder]>([
    ['only quotes it', json({ errors: [{ message: `denied: ${error.message}` }] })],
    ['names another type', json({ errors: [unknownField('organization', 'Team')] })],
    [
      'names an argument of it',
      json({ errors: [{ message: 'Unknown argument "a" on field "Entity.organization".' }] }),
    ],
    ['names a type', json({ errors: [{ message: 'Unknown type "Entity".' }] })],
    ['names a path to it', json({ errors: [{ ...error, path: ['entity', 'organization'] }], data: null })],
    ['sends data with it', json({ errors: [error], data: { entity: null } })],
    ['denies permission', json({ errors: [{ message: 'permission denied' }] })],
    ['refuses the credential', json({ errors: [error] }, 401)],
    ['fails', json({ errors: [error] }, 500)],
    ['sends nothing', status(400)],
    ['sends no list of errors', json({ errors: error.message, data: null }, 403)],
  ])('when it %s', async (_, responder) => {
    await using setup = await startClient();
    setup.server.respondWith(responder);

    expect(await readTeam(setup.client, 'ml')).toMatchObject({ ok: false });
    expect(setup.client.has('Entity.organization')).toBe(true);
    expect(setup.server.requests.every(({ body }) => body.query.includes('organization'))).toBe(true);
  });

  test('that a query doesn’t ask for, whatever the server says', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      invalid(unknownField('organization', 'Entity'), unknownField('organizations', 'User')),
      data({ viewer: { id: 'u1', username: null, email: null, admin: true, entity: null, teams: null } }),
    );

    expect(await readViewer(setup.client)).toMatchObject({ ok: true });
    expect(setup.client.has('User.organizations')).toBe(false);
    expect(setup.client.has('Entity.organization')).toBe(true);
  });
});

describe('an operation that the server doesn’t have', () => {
  test.each([
    unknownField('deleteInvite', 'Mutation'),
    { message: 'Unknown type "DeleteInviteInput".' },
    { message: 'Unknown argument "input" on field "Mutation.deleteInvite".' },
    { message: 'Unknown argument "input" on field "deleteInvite" of type "Mutation".' },
    unknownField('success', 'DeleteInvitePayload'),
  ])('certainly had no effect: $message', async (error) => {
    for (const [, refuse] of REFUSALS) {
      await using setup = await startClient();
      setup.server.respondWith(refuse([error]));

      expect(await deleteInvite(setup.client, { team: 'ml', memberId: 'm1' })).toMatchObject({
        failure: { reason: 'errors', mayHaveHappened: false },
      });
      expect(setup.client.has('Mutation.deleteInvite')).toBe(false);
      expect(setup.server.requests).toHaveLength(1);
    }
  });

  test('may have had an effect when the same words are about the execution', async () => {
    await using setup = await startClient();
    const error = { ...unknownField('deleteInvite', 'Mutation'), path: ['deleteInvite'] };
    setup.server.respondWith(
      json({ errors: [error], data: null }),
      json({ errors: [unknownField('x', 'Y')], data: { deleteInvite: null } }),
    );

    for (const _ of [1, 2]) {
      expect(await deleteInvite(setup.client, { team: 'ml', memberId: 'm1' })).toMatchObject({
        failure: { mayHaveHappened: true },
      });
    }
    expect(setup.client.has('Mutation.deleteInvite')).toBe(true);
  });

  test('is the search for people: nobody can be looked up then, and Keysmith doesn’t try again', async () => {
    await using setup = await startClient();
    setup.server.respondWith(invalid({ message: 'Unknown argument "query" on field "Query.users".' }));

    for (const _ of [1, 2]) {
      expect(await readUserTeams(setup.client, 'ada@acme.test')).toEqual({
        ok: true,
        value: { kind: 'not_allowed' },
      });
    }
    expect(setup.server.requests).toHaveLength(1);
  });

  test('is reading keys: then the server shows none', async () => {
    await using setup = await startClient();
    setup.server.respondWith(invalid(unknownField('apiKey', 'Member')));

    expect(await readNewServiceAccountKey(setup.client, 'ml', 'ci')).toEqual({
      ok: true,
      value: { kind: 'no_key_shown' },
    });
    setup.server.respondWith(data({ serverInfo: null }));
    expect(await readServerInfo(setup.client)).toMatchObject({ value: { returnsNewKeys: false } });
  });
});
