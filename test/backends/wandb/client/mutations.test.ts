import { describe, expect, test } from 'vitest';
import {
  createClient,
  createServiceAccount,
  deleteInvite,
  revokeClient,
} from '../../../../src/backends/wandb/client/mutations.ts';
import type { WandbClient } from '../../../../src/backends/wandb/client/wandb-client.ts';
import type { WandbResult } from '../../../../src/backends/wandb/client/wandb-failure.ts';
import { startClient } from './client-on-server.ts';
import { data, html, json, status } from './wandb-server.ts';

const external = { team: 'ml', providerId: 'p1', subject: 'repo:acme/ml', name: 'ci' };

const mutations: {
  name: string;
  run: (client: WandbClient) => Promise<WandbResult<unknown>>;
  input: Record<string, unknown>;
  outcomes: [payload: unknown, value: unknown][];
}[] = [
  {
    name: 'createServiceAccount',
    run: (client) => createServiceAccount(client, { team: 'ml', name: 'ci' }),
    input: { entityName: 'ml', description: 'ci' },
    outcomes: [[{ user: { id: 'VXNlcjox' } }, 'VXNlcjox']],
  },
  {
    name: 'deleteInvite',
    run: (client) => deleteInvite(client, { team: 'ml', memberId: 'VXNlcjox' }),
    input: { id: 'VXNlcjox', entityName: 'ml' },
    outcomes: [
      [{ success: true }, true],
      [{ success: false }, false],
    ],
  },
  {
    name: 'createClient',
    run: (client) => createClient(client, external),
    input: { entityName: 'ml', providerId: 'p1', subject: 'repo:acme/ml', name: 'ci' },
    outcomes: [
      [
        { success: true, clientId: 'c1' },
        { created: true, clientId: 'c1' },
      ],
      [{ success: false, clientId: null }, { created: false }],
    ],
  },
  {
    name: 'revokeClient',
    run: (client) => revokeClient(client, { team: 'ml', clientId: 'c1' }),
    input: { entityName: 'ml', clientId: 'c1' },
    outcomes: [
      [{ success: true }, true],
      [{ success: false }, false],
    ],
  },
];

describe.each(mutations)('the mutation $name', ({ name, run, input, outcomes }) => {
  test.each([
    null,
    {},
    { success: null },
    { user: null },
    { user: { id: null } },
    { success: true, clientId: null },
  ])('has an unknown outcome when its payload is %j', async (payload) => {
    if (outcomes.some(([known]) => JSON.stringify(known) === JSON.stringify(payload))) return;
    // `success` alone is the whole payload of a removal.
    if (!name.startsWith('create') && (payload as { success?: unknown } | null)?.success === true) return;
    await using setup = await startClient();
    setup.server.respondWith(data({ [name]: payload }));

    expect(await run(setup.client)).toMatchObject({
      ok: false,
      failure: { reason: 'unexpected_shape', mayHaveHappened: true },
    });
    expect(setup.server.requests).toHaveLength(1);
  });

  test('sends its input as one variable', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ [name]: outcomes[0]?.[0] }));

    await run(setup.client);

    const { query, variables, operationName } = setup.server.requests[0]?.body ?? {};
    expect(variables).toEqual({ input });
    expect(query).toMatch(new RegExp(`^mutation ${operationName}\\(\\$input: ${operationName}Input!\\)`));
    expect(query).toContain(`${name}(input: $input)`);
  });

  test.each(outcomes)('reads the response %j as %j', async (payload, value) => {
    await using setup = await startClient();
    setup.server.respondWith(data({ [name]: payload }));

    expect(await run(setup.client)).toEqual({ ok: true, value });
  });

  test.each([
    ['null', null],
    ['an empty object', {}],
    ['success without an ID', { user: {}, success: true, clientId: null }],
  ])(
    'may have taken effect when the server returns %s, unless success is all it returns',
    async (_, payload) => {
      await using setup = await startClient();
      setup.server.respondWith(data({ [name]: payload }));

      const result = await run(setup.client);

      if (result.ok) expect(result.value).toBe(true);
      else expect(result.failure).toMatchObject({ reason: 'unexpected_shape', mayHaveHappened: true });
    },
  );

  test('logs that the server doesn’t know the object as a warning, except for removals', async () => {
    await using setup = await startClient();
    for (const [response, level] of [
      [json({ errors: [{ message: 'not found' }] }, 404), name.startsWith('create') ? 40 : 20],
      [html(404), 40],
    ] as const) {
      setup.server.respondWith(response);
      expect(await run(setup.client)).toMatchObject({ failure: { reason: 'not_found' } });
      expect(setup.lines.at(-1)).toMatchObject({ msg: 'W&B call failed', level });
    }
  });

  test('is sent once, even when the server fails', async () => {
    await using setup = await startClient();
    setup.server.respondWith(status(502));

    expect(await run(setup.client)).toMatchObject({ failure: { mayHaveHappened: true } });
    expect(setup.server.requests).toHaveLength(1);
  });
});
