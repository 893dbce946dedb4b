import { describe, expect, test } from 'vitest';
import { readNewServiceAccountKey } from '../../../../../src/backends/wandb/client/queries/read-new-key.ts';
import { startClient } from '../client-on-server.ts';
import { data, json } from '../wandb-server.ts';

const MINE = 'a'.repeat(40);
const ACCOUNT = 'nightly-eval-ksabcdefghij234';
const of = (member: Record<string, unknown>) => ({ name: ACCOUNT, accountType: 'SERVICE', ...member });

describe('reading the key of a new account', () => {
  test('returns the key of that member only, whatever the other members have', async () => {
    await using setup = await startClient();
    const members = [
      of({ name: 'nightly-eval', apiKey: 'b'.repeat(40) }),
      of({ apiKey: MINE }),
      { id: 'odd', apiKey: { nested: true } },
      { id: 'last', name: null, accountType: null, apiKey: null },
    ];
    setup.server.respondWith(data({ entity: { members } }));

    const result = await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT);

    if (!result.ok || result.value.kind !== 'key') throw new Error('No key was read.');
    expect(result.value.key.reveal()).toBe(MINE);
    expect(Object.keys(result.value)).toEqual(['kind', 'key']);
    expect(setup.server.requests[0]?.body).toMatchObject({ variables: { name: 'ml' } });
  });

  test.each([MINE, `keysmith_abc-${MINE}`, `wandb_v1_${'Ab1_'.repeat(19)}`, `local-${'f'.repeat(40)}`])(
    'accepts the key format %s',
    async (apiKey) => {
      await using setup = await startClient();
      setup.server.respondWith(data({ entity: { members: [of({ id: 'mine', apiKey })] } }));

      expect(await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT)).toMatchObject({
        value: { kind: 'key' },
      });
    },
  );

  test('does not return a key that another member has too, such as that of Keysmith itself', async () => {
    await using setup = await startClient();
    const members = [of({ name: 'keysmith', apiKey: MINE }), of({ apiKey: MINE })];
    setup.server.respondWith(data({ entity: { members } }));

    expect(await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT)).toEqual({
      ok: true,
      value: { kind: 'no_key_shown' },
    });
  });

  test.each([
    null,
    '',
    'wandb_v1_abcdefgh',
    `${'a'.repeat(36)}****`,
    `abcdefghij-${'a'.repeat(39)}`,
    `${MINE}\n`,
    'a'.repeat(1000),
    42,
    [MINE],
  ])('reports that no key is shown when the server returns %j', async (apiKey) => {
    await using setup = await startClient();
    setup.server.respondWith(data({ entity: { members: [of({ id: 'mine', apiKey })] } }));

    expect(await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT)).toEqual({
      ok: true,
      value: { kind: 'no_key_shown' },
    });
  });

  test.each([
    ['no such team', { entity: null }],
    ['two members of the name', { entity: { members: [of({ apiKey: MINE }), of({ apiKey: MINE })] } }],
    [
      'another name for the member',
      { entity: { members: [of({ id: 'mine', name: 'prod-deploy', apiKey: MINE })] } },
    ],
    ['no name for the member', { entity: { members: [of({ id: 'mine', name: null, apiKey: MINE })] } }],
    [
      'a person with the name',
      { entity: { members: [of({ id: 'mine', accountType: 'USER', apiKey: MINE })] } },
    ],
    ['no account type', { entity: { members: [of({ id: 'mine', accountType: null, apiKey: MINE })] } }],
  ])('finds no such member when the server returns %s', async (_, body) => {
    await using setup = await startClient();
    setup.server.respondWith(data(body));

    expect(await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT)).toEqual({
      ok: true,
      value: { kind: 'no_such_member' },
    });
  });

  test('returns it although the server refuses the keys of other members', async () => {
    await using setup = await startClient();
    const refused = { message: 'relogin required', path: ['entity', 'members', 0, 'apiKey'] };
    const person = { id: 'other', name: 'Ada', accountType: 'USER', apiKey: null };
    const read = () => readNewServiceAccountKey(setup.client, 'ml', ACCOUNT);
    setup.server.respondWith(
      json({ errors: [refused], data: { entity: { members: [person, of({ apiKey: MINE })] } } }),
      json({ errors: [refused], data: { entity: { members: [of({ id: 'mine', apiKey: null })] } } }),
    );

    expect(await read()).toMatchObject({ value: { kind: 'key' } });
    expect(await read()).toEqual({ ok: true, value: { kind: 'no_key_shown' } });
  });

  test('fails when the response has errors or another shape', async () => {
    await using setup = await startClient();
    const entity = { members: [of({ id: 'mine', apiKey: MINE })] };
    setup.server.respondWith(json({ errors: [{ message: 'odd' }], data: { entity } }), data({ entity: {} }));

    expect(await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT)).toMatchObject({
      failure: { reason: 'errors' },
    });
    expect(await readNewServiceAccountKey(setup.client, 'ml', ACCOUNT)).toMatchObject({
      failure: { reason: 'unexpected_shape' },
    });
  });
});
