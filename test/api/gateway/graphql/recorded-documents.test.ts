import { describe, expect, test } from 'vitest';
import { createGraphqlGuard } from '../../../../src/api/gateway/graphql/guard.ts';
import { recordedRequests } from './recorded-requests.ts';

const guard = createGraphqlGuard({ moreMutations: [] });

/** Mutations of the recorded SDK calls that manage accounts and keys. */
const refused = /createServiceAccount|generateApiKey|deleteApiKey|deleteInvite/;

describe('of the documents that SDKs send', () => {
  test.each(recordedRequests)('$name is forwarded, unless it manages keys', ({ body }) => {
    const result = guard.read(body);

    expect(result.ok || result.kind).toBe(refused.test(body.query) ? 'mutation' : true);
  });
});
