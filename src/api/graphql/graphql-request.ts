/** A GraphQL request as it came in a body: what the GraphQL over HTTP draft names, and nothing else of it. */
export interface GraphqlRequest {
  query: string;
  variables: Readonly<Record<string, unknown>>;
  /** Undefined where the document's only operation is meant. */
  operationName: string | undefined;
}

export type ReadGraphqlRequestResult = { ok: true; request: GraphqlRequest } | { ok: false; problem: string };

/** @param body parsed JSON; a problem is told in the characters of an `ApiError` */
export function readGraphqlRequest(body: unknown): ReadGraphqlRequestResult {
  if (Array.isArray(body)) return refused('Send one request: several in an array are not taken.');
  if (!isRecord(body)) return refused('The body must be a JSON object.');
  const { query, variables, operationName } = body;
  if (typeof query !== 'string') return refused('The query must be a string.');
  if (variables !== undefined && variables !== null && !isRecord(variables)) {
    return refused('The variables must be an object.');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return refused('The operationName must be a string.');
  }
  return {
    ok: true,
    // SDK 0.28 names an operation '' when it means the only one.
    request: { query, variables: variables ?? {}, operationName: operationName || undefined },
  };
}

function refused(problem: string): ReadGraphqlRequestResult {
  return { ok: false, problem };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
