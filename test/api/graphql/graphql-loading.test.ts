import { expect, onTestFinished, test } from 'vitest';
import { createGraphqlExecutor } from '../../../src/api/graphql/graphql-executor.ts';
import { ask, startGraphql } from './graphql-server.ts';

const QUERY = { query: '{ viewer { name } }' };

test('A GraphQL request loads the package again after an earlier request failed to', async () => {
  let loads = 0;
  const server = await startGraphql(undefined, {
    loadExecutor: async () => {
      loads += 1;
      if (loads === 1) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
      return createGraphqlExecutor();
    },
  });
  onTestFinished(() => server.close());

  expect((await ask(server, server.nightly, QUERY)).status).toBe(500);
  expect((await ask(server, server.nightly, QUERY)).json).toEqual({
    data: { viewer: { name: 'nightly-eval' } },
  });
  await ask(server, server.nightly, QUERY);
  expect(loads).toBe(2);
});
