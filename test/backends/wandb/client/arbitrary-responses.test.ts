import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readGraphqlResponse } from '../../../../src/backends/wandb/client/graphql-response.ts';
import { readTeam } from '../../../../src/backends/wandb/client/queries/read-team.ts';
import { readUserTeams, readViewer } from '../../../../src/backends/wandb/client/queries/read-viewer.ts';
import { createTextCleaner } from '../../../../src/backends/wandb/client/server-text.ts';
import type { WandbOperation } from '../../../../src/backends/wandb/client/wandb-failure.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { startCpuTime } from '../../../cpu-time.ts';
import { randomRuns } from '../../../long-form.ts';
import { API_KEY, MUTATION, QUERY, startClient } from './client-on-server.ts';

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

test('reports a tagged failure for arbitrary bytes under any status and headers', async () => {
  await using setup = await startClient({ limits: { maxResponseBytes: 500 } });
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
      setup.server.respondWith((response) => void response.writeHead(code, named).end(body));

      const result = await setup.client.call(MUTATION, {});

      expect(result.ok).toBe(false);
      if (!result.ok) expect(REASONS).toContain(result.failure.reason);
    }),
    { numRuns: randomRuns(300) },
  );
});

test('reports a tagged failure for bytes that are not HTTP', async () => {
  await using setup = await startClient();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      setup.server.respondWith((response) => void response.socket?.end(bytes));

      expect(await setup.client.call(MUTATION, {})).toMatchObject({
        ok: false,
        failure: { mayHaveHappened: true },
      });
    }),
    { numRuns: 100 },
  );
});

test('reads arbitrary JSON as a value of the right shape or as a tagged failure', async () => {
  let body: unknown;
  await using setup = await startClient({ fetch: async () => new Response(JSON.stringify(body)) });
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
      body = json;
      const results = [
        await setup.client.call(QUERY, {}),
        await readTeam(setup.client, 'team'),
        await readViewer(setup.client),
        await readUserTeams(setup.client, 'alice@example.com'),
      ];

      for (const result of results) {
        if (!result.ok) expect(REASONS).toContain(result.failure.reason);
      }
    }),
    { numRuns: randomRuns(300) },
  );
});

test('reports a tagged failure for JSON that is nested a hundred thousand levels deep', async () => {
  const deep = '['.repeat(100_000);
  const bodies = [deep, `{"data":${deep}${']'.repeat(100_000)}}`];
  await using setup = await startClient({ fetch: async () => new Response(bodies.shift()) });

  expect(await setup.client.call(QUERY, {})).toMatchObject({ failure: { reason: 'too_large' } });
  expect(await setup.client.call(QUERY, {})).toMatchObject({ ok: false });
});

const cleaner = createTextCleaner(new Secret(API_KEY));
const LARGEST_BYTES = 4 * 1024 * 1024;
const MEMBERS: WandbOperation<unknown> = {
  kind: 'query',
  name: QUERY.name,
  query: QUERY.query,
  data: z.object({ entity: z.object({ members: z.array(z.object({ id: z.string() })) }) }),
};

function largest(start: string, piece: string, end = ''): string {
  return start + piece.repeat((LARGEST_BYTES - start.length - end.length) / piece.length) + end;
}

describe('a hostile response of the largest allowed size takes little CPU time when it consists of', () => {
  test.each([
    ['nested arrays', largest('', '[')],
    ['nested arrays that are all closed', `${'['.repeat(LARGEST_BYTES / 2)}${']'.repeat(LARGEST_BYTES / 2)}`],
    ['nested objects', largest('', '{"a":')],
    ['nested arrays in its data', largest('{"data":', '[')],
    ['nested arrays in its errors', largest('{"errors":', '[')],
    ['many members that are numbers', largest('{"data":{"entity":{"members":[0', ',0', ']}}}')],
    ['many members without an ID', largest('{"data":{"entity":{"members":[{}', ',{}', ']}}}')],
    ['many errors', largest('{"errors":[0', ',0', ']}')],
    ['one long string', largest('"', '\\"', '"')],
    ['a string without an end', largest('"', '\\')],
  ])('%s', (_, text) => {
    const cpuTimeMs = startCpuTime();

    expect(readGraphqlResponse(text, MEMBERS, cleaner)).toMatchObject({ ok: false });

    expect(cpuTimeMs()).toBeLessThan(2_000);
  });
});
