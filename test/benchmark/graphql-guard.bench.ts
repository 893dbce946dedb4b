import { parse } from 'graphql';
import { test } from 'vitest';
import { createGraphqlGuard } from '../../src/api/gateway/graphql/guard.ts';
import { recordedRequests } from '../api/gateway/graphql/recorded-requests.ts';

const guard = createGraphqlGuard({ moreMutations: [] });
const bodies = recordedRequests
  .map(({ body }) => body)
  .sort((one, other) => other.query.length - one.query.length);
const [largest = { query: '' }] = bodies;
const start = bodies.find(({ query }) => query.includes('upsertBucket')) ?? largest;

test('guarding a GraphQL request', async ({ bench }) => {
  await bench.compare(
    bench('baseline: parse the largest document that an SDK sends', () => {
      parse(largest.query);
    }),
    bench('guard that document', () => {
      guard.read(largest);
    }),
    bench('guard the start of a run', () => {
      guard.read(start);
    }),
  );
});
