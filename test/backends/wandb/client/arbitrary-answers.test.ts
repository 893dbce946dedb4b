import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTeam } from '../../../../src/backends/wandb/client/queries/read-team.ts';
import { readUserTeams, readViewer } from '../../../../src/backends/wandb/client/queries/read-viewer.ts';
import { MUTATION, QUERY, startClient } from './client-on-server.ts';

const REASONS = new Set([
  'unauthorized',
  'forbidden',
  'conflict',
  'not_found',
  'rate_limited',
  'server_error',
  'refused',
  'redirected',
  'not_json',
  'errors',
  'unexpected_shape',
  'too_large',
  'unreachable',
  'connection_lost',
  'timed_out',
  'cancelled',
]);

const everything = {
  roleOnMember: true,
  oauthClientsOnMember: true,
  organizationOnEntity: true,
  oauthProvidersOnOrganization: true,
  organizationsOnUser: true,
};

test('Arbitrary bytes under any status and headers give a tagged failure', async () => {
  await using on = await startClient({ limits: { maxResponseBytes: 500 } });
  const bytes = fc.uint8Array({ maxLength: 1000 });
  const statusCode = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }));
  const header = fc.string({ maxLength: 40 }).map((text) => encodeURI(text.toWellFormed()));
  const headers = fc.record(
    {
      'retry-after': header,
      location: header,
      'content-type': header,
      'content-encoding': fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'identity', 'x'),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(statusCode, headers, bytes, async (code, named, body) => {
      on.server.answer((response) => void response.writeHead(code, named).end(body));

      const result = await on.client.call(MUTATION, {});

      expect(result.ok).toBe(false);
      if (!result.ok) expect(REASONS).toContain(result.failure.reason);
    }),
    { numRuns: 300 },
  );
});

test('Bytes that are no HTTP give a tagged failure', async () => {
  await using on = await startClient();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      on.server.answer((response) => void response.socket?.end(bytes));

      expect(await on.client.call(MUTATION, {})).toMatchObject({
        ok: false,
        failure: { mayHaveHappened: true },
      });
    }),
    { numRuns: 100 },
  );
});

test('Arbitrary JSON gives a value of the right shape or a tagged failure', async () => {
  let answer: unknown;
  await using on = await startClient({ fetch: async () => new Response(JSON.stringify(answer)) });
  const name = fc.constantFrom(
    'data',
    'errors',
    'entity',
    'viewer',
    'users',
    'members',
    'id',
    'path',
    '__proto__',
    'edges',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  const top = fc.oneof(tree, fc.record({ data: tree, errors: tree }, { requiredKeys: [] }));
  await fc.assert(
    fc.asyncProperty(top, async (json) => {
      answer = json;
      const results = [
        await on.client.call(QUERY, {}),
        await readTeam(on.client, 'team', everything),
        await readViewer(on.client, everything),
        await readUserTeams(on.client, 'alice@example.com'),
      ];

      for (const result of results) {
        if (!result.ok) expect(REASONS).toContain(result.failure.reason);
      }
    }),
    { numRuns: 300 },
  );
});

test('JSON nested a hundred thousand deep gives a tagged failure', async () => {
  const deep = '['.repeat(100_000);
  const bodies = [deep, `{"data":${deep}${']'.repeat(100_000)}}`];
  await using on = await startClient({ fetch: async () => new Response(bodies.shift()) });

  expect(await on.client.call(QUERY, {})).toMatchObject({ failure: { reason: 'too_large' } });
  expect(await on.client.call(QUERY, {})).toMatchObject({ ok: false });
});
