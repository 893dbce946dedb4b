import { describe, expect, test } from 'vitest';
import { readNewServiceAccountKey } from '../../../src/backends/wandb/operations/read-new-service-account-key.ts';
import { startClient } from './client-on-server.ts';
import { data, json } from './wandb-server.ts';

const MINE = 'a'.repeat(40);

describe('The key of a new account', () => {
  test('is read of that member only, whatever the others hold', async () => {
    await using on = await startClient();
    const members = [
      { id: 'first', apiKey: 'b'.repeat(40) },
      { id: 'mine', apiKey: MINE },
      { id: 'odd', apiKey: { nested: true } },
      { id: 'last', apiKey: null },
    ];
    on.server.answer(data({ entity: { members } }));

    const result = await readNewServiceAccountKey(on.client, 'ml', 'mine');

    if (!result.ok || result.value.kind !== 'key') throw new Error('No key was read.');
    expect(result.value.key.reveal()).toBe(MINE);
    expect(Object.keys(result.value)).toEqual(['kind', 'key']);
    expect(on.server.requests[0]?.body).toMatchObject({ variables: { name: 'ml' } });
  });

  test.each([MINE, `keysmith_abc-${MINE}`, `wandb_v1_${'Ab1_'.repeat(19)}`, `local-${'f'.repeat(40)}`])(
    'may be %s',
    async (apiKey) => {
      await using on = await startClient();
      on.server.answer(data({ entity: { members: [{ id: 'mine', apiKey }] } }));

      expect(await readNewServiceAccountKey(on.client, 'ml', 'mine')).toMatchObject({
        value: { kind: 'key' },
      });
    },
  );

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
  ])('is not shown where the server says %j', async (apiKey) => {
    await using on = await startClient();
    on.server.answer(data({ entity: { members: [{ id: 'mine', apiKey }] } }));

    expect(await readNewServiceAccountKey(on.client, 'ml', 'mine')).toEqual({
      ok: true,
      value: { kind: 'not_shown' },
    });
  });

  test.each([
    ['the team', { entity: null }],
    ['the member', { entity: { members: [{ id: 'MINE', apiKey: MINE }] } }],
  ])('is missing with %s', async (_, answer) => {
    await using on = await startClient();
    on.server.answer(data(answer));

    expect(await readNewServiceAccountKey(on.client, 'ml', 'mine')).toEqual({
      ok: true,
      value: { kind: 'no_such_member' },
    });
  });

  test('is not read where anything failed', async () => {
    await using on = await startClient();
    const entity = { members: [{ id: 'mine', apiKey: MINE }] };
    on.server.answer(json({ errors: [{ message: 'odd' }], data: { entity } }), data({ entity: {} }));

    expect(await readNewServiceAccountKey(on.client, 'ml', 'mine')).toMatchObject({
      failure: { reason: 'errors' },
    });
    expect(await readNewServiceAccountKey(on.client, 'ml', 'mine')).toMatchObject({
      failure: { reason: 'unexpected_shape' },
    });
  });
});
