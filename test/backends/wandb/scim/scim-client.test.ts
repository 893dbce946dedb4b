import { describe, expect, test } from 'vitest';
import { createScimClient } from '../../../../src/backends/wandb/scim/scim-client.ts';
import { json, type Reply, scimError, scriptedFetch, webPage } from '../rest/scripted-fetch.ts';

function startScim(...first: Reply[]) {
  const setup = scriptedFetch(...first);
  const paths = () => setup.requests.map(({ method, path }) => `${method} ${path}`);
  return { ...setup, scim: createScimClient(setup.dependencies), paths };
}

const list = (...Resources: unknown[]) =>
  json({ Resources, itemsPerPage: 9999, startIndex: 1, totalResults: Resources.length });

const ada = { id: 'abc', userName: 'ada', emails: [{ primary: true, value: 'Ada@Acme.test' }], active: true };

describe('the availability of SCIM', () => {
  test.each<[expected: string, text: string, reply: Reply]>([
    ['available', 'a list', list()],
    ['available', 'a list without resources', json({ totalResults: 0 })],
    ['not_allowed', '401', scimError(401, 'unknown key')],
    ['not_allowed', '403', scimError(403, 'admins only')],
    ['absent', '404', json({}, 404)],
    ['absent', '405', json({}, 405)],
    ['absent', '501', json({}, 501)],
    ['absent', 'a refusal of the filter', scimError(400, 'unsupported filter')],
    ['absent', 'a web page', webPage],
    ['absent', 'other JSON', json({ hello: 'world' })],
    ['absent', 'a redirect', json({}, 302, { location: '/login' })],
    ['absent', 'everybody, instead of nobody', () => new Response('x'.repeat(5_000_000))],
    ['absent', 'a page of everybody', json({ Resources: [ada], totalResults: 50_000, itemsPerPage: 1 })],
  ])('is %s after %s, and is remembered for a day', async (expected, _, reply) => {
    const { scim, requests, replyWith, clock } = startScim(reply);
    expect(await scim.availability()).toEqual({ ok: true, value: expected });

    replyWith(() => Promise.reject(new Error('Nothing is asked.')));
    const asked = requests.length;
    clock.nowMs += 24 * 3_600_000 - 1;
    expect(await scim.availability()).toEqual({ ok: true, value: expected });
    expect(requests).toHaveLength(asked);

    replyWith(list());
    clock.nowMs += 1;
    expect(await scim.availability()).toEqual({ ok: true, value: 'available' });
  });

  test.each<[level: number, text: string, reply: Reply]>([
    [20, 'its absence', json({}, 404)],
    [20, 'a refusal', scimError(403, 'admins only')],
    [40, 'a failure', json({}, 500)],
  ])('is logged at level %d for %s, because only failures are worth a warning', async (level, _, reply) => {
    const { scim, lines } = startScim(reply);
    await scim.availability();
    expect(lines.filter(({ msg }) => msg === 'W&B call failed')).toMatchObject([{ level }]);
  });

  test.each([408, 429, 500, 502, 503])('is not remembered after %d', async (status) => {
    const { scim, replyWith } = startScim(json({}, status));
    expect(await scim.availability()).toMatchObject({ ok: false });
    replyWith(list());
    expect(await scim.availability()).toEqual({ ok: true, value: 'available' });
  });
});

describe('finding a person by email address', () => {
  test.each([
    ['a list, since 0.80.1', [{ primary: true, value: 'Ada@Acme.test' }]],
    ['one object with capitals, before', { Value: 'ada@acme.test', Display: '', Type: '', Primary: true }],
    ['several addresses', [{ value: 'ada@home.test' }, null, { value: 'ADA@acme.test' }]],
  ])('reads addresses from %s', async (_, emails) => {
    const { scim, paths } = startScim(list({ ...ada, emails }));
    const found = await scim.findPersonByEmail('ada@acme.test');
    expect(found).toMatchObject({ ok: true, value: { userName: 'ada', active: true } });
    expect(paths()).toEqual(['GET /scim/Users?filter=emails.value eq "ada@acme.test"']);
  });

  test.each<[string, unknown[]]>([
    ['another address', [{ ...ada, emails: [{ value: 'ada@acme.test.evil.test' }] }]],
    ['a longer address', [{ ...ada, emails: [{ value: 'xada@acme.test' }] }]],
    [
      'a letter that only looks the same in lowercase',
      [{ ...ada, emails: [{ value: 'ada@acme.tes\u212a' }] }],
    ],
    ['no address', [{ id: 'abc', userName: 'ada@acme.test' }]],
    ['a service account with that address', [{ ...ada, accountType: 'SERVICE' }]],
    ['no user', []],
  ])('does not take %s for the person', async (_, users) => {
    const { scim } = startScim(list(...users));
    expect(await scim.findPersonByEmail('ada@acme.test')).toEqual({ ok: true, value: undefined });
  });

  test.each<[unknown, boolean | undefined]>([
    [false, false],
    ['False', false],
    [true, true],
    [null, undefined],
    ['maybe', undefined],
    [0, false],
    [1, true],
    [undefined, undefined],
  ])('reads active %j as %s', async (active, expected) => {
    const { scim } = startScim(list({ ...ada, active }));
    const found = await scim.findPersonByEmail('ada@acme.test');
    expect(found.ok && found.value?.active).toBe(expected);
  });

  test('prefers the user that is active when two have the address', async () => {
    const { scim } = startScim(list({ ...ada, id: 'old', active: false }, { ...ada, id: 'new' }));
    expect(await scim.findPersonByEmail('ada@acme.test')).toMatchObject({ value: { id: 'new' } });
  });

  test('reads the roles in teams, without the unusable ones', async () => {
    const teamRoles = [{ teamName: 'ML Platform', roleName: 'admin' }, { teamName: 'x' }, null];
    const { scim } = startScim(list({ ...ada, teamRoles }));
    expect(await scim.findPersonByEmail('ada@acme.test')).toMatchObject({
      value: { teamRoles: [{ teamName: 'ML Platform', roleName: 'admin' }] },
    });
  });

  test('skips and counts entries that are not users', async () => {
    const { scim, lines } = startScim(list(null, 'x', ada));
    expect(await scim.findPersonByEmail('ada@acme.test')).toMatchObject({ value: { id: 'abc' } });
    expect(lines).toContainEqual(
      expect.objectContaining({ skipped: 2, msg: 'unusable W&B entries skipped' }),
    );
  });

  test('fails when the person may be among those that the server left out', async () => {
    const { scim } = startScim(json({ Resources: [ada], totalResults: 2 }));
    expect(await scim.findPersonByEmail('ben@acme.test')).toMatchObject({ ok: false });
    expect(await scim.findPersonByEmail('ada@acme.test')).toMatchObject({ value: { id: 'abc' } });
  });

  test('sends quotes and backslashes as part of the value', async () => {
    const { scim, paths } = startScim(list());
    await scim.findPersonByEmail('a"or\\b@acme.test');
    expect(paths()).toEqual(['GET /scim/Users?filter=emails.value eq "a\\"or\\\\b@acme.test"']);
  });
});

describe('finding service accounts by name', () => {
  const name = 'nightly-eval-ks0123456789abc';
  const account = { id: 'VXNlcjox', userName: name, accountType: 'SERVICE', active: true };

  test('returns those with exactly this name', async () => {
    const other = { ...account, userName: `${name}x` };
    const person = { ...account, accountType: 'USER' };
    const { scim, paths } = startScim(
      list(account, other, person, { ...account, id: 'b', accountType: 'ORG_SERVICE' }),
    );
    expect(await scim.findServiceAccountsByName(name)).toEqual({
      ok: true,
      value: [
        { id: 'VXNlcjox', name, accountType: 'SERVICE' },
        { id: 'b', name, accountType: 'ORG_SERVICE' },
      ],
    });
    expect(paths()).toEqual([`GET /scim/Users?filter=userName eq "${name}"`]);
  });

  test.each([null, '', '../Groups', '.', 'a b'])(
    'fails when its ID is %j, because the account exists',
    async (id) => {
      const { scim } = startScim(list({ ...account, id }));
      expect(await scim.findServiceAccountsByName(name)).toMatchObject({
        failure: { reason: 'unexpected_shape' },
      });
    },
  );
});

describe('finding a service account by ID', () => {
  test.each<[text: string, reply: Reply, value: object | undefined]>([
    [
      'the account with its name of today',
      json({ id: 'abc', userName: 'renamed', accountType: 'SERVICE' }),
      { id: 'abc', name: 'renamed', accountType: 'SERVICE' },
    ],
    ['nothing after it was deleted', scimError(404, 'user abc not found'), undefined],
  ])('returns %s', async (_, reply, value) => {
    const { scim, paths } = startScim(reply);
    expect(await scim.findServiceAccountById('abc')).toEqual({ ok: true, value });
    expect(paths()).toEqual(['GET /scim/Users/abc']);
  });

  test.each<[text: string, reply: Reply]>([
    ['another user', json({ id: 'xyz', userName: 'nightly-eval', accountType: 'SERVICE' })],
    ['a 404 that isn’t SCIM’s', json({}, 404)],
  ])('fails after %s', async (_, reply) => {
    const { scim } = startScim(reply);
    expect(await scim.findServiceAccountById('abc')).toMatchObject({ ok: false });
  });
});

test('An account that may be among those the server left out does not count as deleted', async () => {
  const { scim } = startScim(json({ Resources: [ada], totalResults: 2 }));
  expect(await scim.findServiceAccountsByName('nightly-eval-ks0123456789abc')).toMatchObject({ ok: false });
});

describe('creating a service account', () => {
  const account = {
    name: 'nightly-eval-ks0123456789abc',
    team: 'ML Platform',
    accountType: 'SERVICE',
  } as const;
  const created = { id: 'VXNlcjox', userName: account.name, accountType: 'SERVICE' };

  test('sends the documented request and returns the ID', async () => {
    const { scim, requests } = startScim(json(created, 201));
    expect(await scim.createServiceAccount(account)).toEqual({ outcome: 'created', id: 'VXNlcjox' });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/scim/Users',
        body: {
          schemas: [
            'urn:ietf:params:scim:schemas:core:2.0:User',
            'urn:ietf:params:scim:schemas:extension:teams:2.0:User',
          ],
          userName: account.name,
          accountType: 'SERVICE',
          'urn:ietf:params:scim:schemas:extension:teams:2.0:User': { defaultTeam: 'ML Platform' },
        },
      },
    ]);
    expect(requests[0]?.headers.get('content-type')).toBe('application/scim+json');
  });

  test.each<[string, Reply]>([
    ['name_taken', scimError(409, 'userName already exists')],
    ['team_unknown', scimError(400, 'defaultTeam not found')],
    ['not_supported', scimError(400, 'emails is required')],
    ['not_supported', json({}, 405)],
    ['failed', scimError(400, 'seat limit reached')],
    ['failed', scimError(403, 'not allowed')],
  ])('returns %s', async (outcome, reply) => {
    const { scim, requests } = startScim(reply);
    expect(await scim.createServiceAccount(account)).toMatchObject({ outcome });
    expect(requests.every(({ method }) => method === 'POST')).toBe(true);
  });

  test.each<[string, Reply]>([
    ['the connection breaks', () => Promise.reject(new Error('x'))],
    ['the server fails', json({}, 500)],
    ['a web page arrives', webPage],
    ['the response has no ID', json({ ...created, id: undefined }, 201)],
    ['the response is about another account', json({ ...created, userName: 'other' }, 201)],
  ])('is reported as possibly done, and sent once, when %s', async (_, reply) => {
    const { scim, requests } = startScim(reply);
    expect(await scim.createServiceAccount(account)).toMatchObject({
      outcome: 'failed',
      failure: { mayHaveHappened: true },
    });
    expect(requests).toHaveLength(1);
  });

  test('deletes the person that an older server has created instead', async () => {
    const { accountType: _, ...person } = created;
    const { scim, paths } = startScim(json(person, 201), () => new Response(null, { status: 204 }));
    expect(await scim.createServiceAccount(account)).toEqual({ outcome: 'not_supported' });
    expect(paths()).toEqual(['POST /scim/Users', 'DELETE /scim/Users/VXNlcjox']);
  });
});

describe('deleting a user', () => {
  test.each<[string, string, Reply]>([
    ['deleted', '204', () => new Response(null, { status: 204 })],
    ['deleted', '200 with the user', json(ada)],
    ['not_found', '404 of SCIM', scimError(404, 'User not found')],
  ])('returns %s after %s', async (value, _, reply) => {
    const { scim, paths } = startScim(reply);
    expect(await scim.deleteUser('VXNlcjox=')).toEqual({ ok: true, value });
    expect(paths()).toEqual(['DELETE /scim/Users/VXNlcjox=']);
  });

  test.each<[string, Reply]>([
    ['404 of something else', json({ error: 'no such page' }, 404)],
    ['a web page', webPage],
    ['403', scimError(403, 'no')],
  ])('fails after %s', async (_, reply) => {
    const { scim } = startScim(reply);
    expect(await scim.deleteUser('VXNlcjox=')).toMatchObject({ ok: false });
  });

  test.each(['..', '.', '', 'a?b', 'a#b'])('refuses the ID %j, which leads to another path', async (id) => {
    const { scim, requests } = startScim(list());
    await expect(scim.deleteUser(id)).rejects.toThrow(RangeError);
    expect(requests).toEqual([]);
  });
});

describe('the teams of the organization', () => {
  const team = { id: 'ghi', displayName: 'Équipe ML', members: [{ Value: 'abc', Ref: '', Display: 'ada' }] };

  test('are read with their members in both spellings, without unusable entries', async () => {
    const { scim, lines } = startScim(
      list(
        team,
        { ...team, displayName: 'b', members: [{ value: 'd' }, {}] },
        { ...team, displayName: 'c', members: null },
        {},
      ),
    );
    expect(await scim.listTeams()).toMatchObject({
      ok: true,
      value: {
        isComplete: true,
        entries: [
          { id: 'ghi', name: 'Équipe ML', memberIds: ['abc'] },
          { id: 'ghi', name: 'b', memberIds: ['d'] },
          { id: 'ghi', name: 'c', memberIds: [] },
        ],
      },
    });
    expect(lines).toContainEqual(expect.objectContaining({ operation: 'ScimListTeams', skipped: 1 }));
  });

  test('are incomplete when the server has more than it returns', async () => {
    const { scim } = startScim(json({ Resources: [team], totalResults: 10_000 }));
    expect(await scim.listTeams()).toMatchObject({ value: { isComplete: false } });
  });

  test('are found by their exact name', async () => {
    const { scim, paths } = startScim(list({ ...team, displayName: 'équipe ml' }, team));
    expect(await scim.findTeam('Équipe ML')).toMatchObject({ value: { name: 'Équipe ML' } });
    expect(await scim.findTeam('ml')).toEqual({ ok: true, value: undefined });
    expect(paths()[0]).toBe('GET /scim/Groups?filter=displayName eq "Équipe ML"');
  });
});
