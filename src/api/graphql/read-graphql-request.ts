import type { GraphqlRequest } from './graphql-executor.ts';

type ReadGraphqlRequestResult = { ok: true; request: GraphqlRequest } | { ok: false; problem: string };

/**
 * Reads the fields that the GraphQL over HTTP draft defines, and ignores others.
 *
 * @param body parsed JSON
 * @returns a `problem` is in the characters that an `ApiError` allows
 */
export function readGraphqlRequest(body: unknown): ReadGraphqlRequestResult {
  if (Array.isArray(body)) return refuse('Send one request: batches are not supported.');
  if (!isRecord(body)) return refuse('The body must be a JSON object.');
  const { query, variables, operationName } = body;
  if (typeof query !== 'string') return refuse('query must be a string.');
  if (variables !== undefined && variables !== null && !isRecord(variables)) {
    return refuse('variables must be an object.');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return refuse('operationName must be a string.');
  }
  return {
    ok: true,
    // SDK 0.28 sends '' for a document with a single operation.
    request: { query, variables: variables ?? {}, operationName: operationName || undefined },
  };
}

function refuse(problem: string): ReadGraphqlRequestResult {
  return { ok: false, problem };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
