import { describe, expect, test } from 'vitest';
import { readTeam } from '../../../../../src/backends/wandb/client/queries/read-team.ts';
import { startClient } from '../client-on-server.ts';
import { data, html, json } from '../wandb-server.ts';

const alice = {
  id: 'VXNlcjox',
  name: 'Alice',
  username: 'alice',
  email: 'alice@example.com',
  admin: true,
  pending: false,
  accountType: 'USER',
};
const robot = {
  ...alice,
  id: 'VXNlcjoy',
  name: 'ci',
  username: null,
  email: null,
  admin: false,
  accountType: 'SERVICE',
};
const entity = { id: 'RW50aXR5OjE=', name: 'ml', isTeam: true, members: [alice, robot] };
const organization = {
  id: 'T3JnOjE=',
  name: 'acme',
  OAuthProviders: [{ id: 'p1', issuerUrl: 'https://idp.test' }],
};

describe('reading a team', () => {
  test('returns names that others chose on one line, without invisible characters and bounded', async () => {
    await using setup = await startClient();
    const members = [
      { ...robot, name: 'a\nb\u202ec\u009b\ud800' },
      { ...robot, id: null, name: 'x'.repeat(100_000) },
    ];
    setup.server.respondWith(data({ entity: { ...entity, members } }));
    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      value: { members: [{ name: 'a b c \ufffd' }], unusableMembers: [{ name: 'x'.repeat(128) }] },
    });
  });

  test('returns members, organization and issuers', async () => {
    await using setup = await startClient();
    const members = [
      { ...alice, role: 'admin', OAuthClients: [] },
      { ...robot, role: 'member', OAuthClients: [{ id: 'c1', subject: 'repo:acme/ml' }] },
    ];
    setup.server.respondWith(data({ entity: { ...entity, members, organization } }));

    expect(await readTeam(setup.client, 'ml')).toEqual({
      ok: true,
      value: {
        id: entity.id,
        name: 'ml',
        members: [
          { ...alice, role: 'admin', oauthClients: [] },
          {
            ...robot,
            username: undefined,
            email: undefined,
            role: 'member',
            oauthClients: [{ id: 'c1', subject: 'repo:acme/ml' }],
          },
        ],
        organization: {
          id: organization.id,
          name: 'acme',
          oauthProviders: [{ id: 'p1', issuerUrl: 'https://idp.test' }],
        },
        hasOrganizations: true,
      },
    });
    expect(setup.server.requests[0]?.body.variables).toEqual({ name: 'ml' });
  });

  test('never requests or returns keys', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ entity: { ...entity, members: [{ ...alice, apiKey: 'secret' }] } }));

    const result = await readTeam(setup.client, 'ml');

    expect(setup.server.requests[0]?.body.query).not.toContain('apiKey');
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  test.each([
    ['null', data({ entity: null })],
    ['a personal entity', data({ entity: { ...entity, isTeam: false } })],
    ['404 with a message', json({ errors: [{ message: 'entity not found' }] }, 404)],
  ])('finds no team when the response is %s', async (_, responder) => {
    await using setup = await startClient();
    setup.server.respondWith(responder);

    expect(await readTeam(setup.client, 'ml')).toEqual({ ok: true, value: undefined });
  });

  test('fails when the base URL is wrong', async () => {
    await using setup = await startClient();
    setup.server.respondWith(html(404));

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      failure: { reason: 'not_found' },
    });
  });

  test('treats a member as a pending non-admin when the server reports neither', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      data({ entity: { ...entity, members: [{ ...alice, admin: null, pending: null }] } }),
    );

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      value: { members: [{ admin: false, pending: true }] },
    });
  });
});

describe('the fields of a team that the API key may not read', () => {
  const refused = { message: 'permission denied' };

  test('are left out when the rest of the team was returned', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      json({
        errors: [
          { ...refused, path: ['entity', 'organization', 'OAuthProviders'] },
          { ...refused, path: ['entity', 'members', 0, 'OAuthClients'] },
        ],
        data: {
          entity: {
            ...entity,
            members: [{ ...alice, OAuthClients: null }],
            organization: { ...organization, OAuthProviders: null },
          },
        },
      }),
    );

    expect(await readTeam(setup.client, 'ml')).toMatchObject({
      ok: true,
      value: {
        members: [{ id: alice.id, oauthClients: undefined }],
        organization: { name: 'acme', oauthProviders: undefined },
      },
    });
  });

  test.each([
    ['null out the team', ['entity', 'organization'], { entity: null }],
    [
      'null out the members',
      ['entity', 'members', 0, 'OAuthClients'],
      { entity: { ...entity, members: null } },
    ],
    ['include the member list', ['entity', 'members'], { entity }],
    ['include a required field of a member', ['entity', 'members', 0, 'email'], { entity }],
    ['include the whole team', ['entity'], { entity: null }],
    ['are not named by a path', undefined, { entity }],
  ])('fail the call when they %s', async (_, path, value) => {
    await using setup = await startClient();
    setup.server.respondWith(json({ errors: [{ ...refused, path }], data: value }));

    expect(await readTeam(setup.client, 'ml')).toEqual({
      ok: false,
      failure: { reason: 'errors', messages: ['permission denied'], mayHaveHappened: false },
    });
  });
});
