import type { GraphqlGuard } from './guarded-operation.ts';

export interface GraphqlGuardOptions {
  /** Names of mutations that are allowed beside those of a run. */
  moreMutations: readonly string[];
}

/** Creates the guard. It imports the graphql package, so import this module with the first request. */
export function createGraphqlGuard(_options: GraphqlGuardOptions): GraphqlGuard {
  return {
    read: () => ({
      ok: false,
      kind: 'unsupported',
      message: 'Keysmith can’t forward GraphQL requests yet.',
      status: 400,
    }),
  };
}
