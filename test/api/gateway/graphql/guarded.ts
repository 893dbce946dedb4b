import { createGraphqlGuard } from '../../../../src/api/gateway/graphql/guard.ts';
import type {
  GuardedOperation,
  GuardRefusal,
} from '../../../../src/api/gateway/graphql/guarded-operation.ts';

export const guard = createGraphqlGuard({ moreMutations: [] });

interface RequestParts {
  query: string;
  variables?: object;
  operationName?: string;
}

/** Returns what the guard knows of a request that it forwards. */
export function guarded(body: RequestParts): GuardedOperation {
  const result = guard.read(body);
  if (!result.ok) throw new Error(`refused: ${result.kind}: ${result.message}`);
  return result.operation;
}

/** Returns why the guard refuses a request, or undefined. */
export function refusalOf(body: unknown): GuardRefusal | undefined {
  const result = guard.read(body);
  return result.ok ? undefined : result;
}

export interface ForwardedBody {
  query: string;
  variables: Record<string, unknown>;
  operationName?: string;
}

export function forwardedBody(operation: GuardedOperation): ForwardedBody {
  return JSON.parse(operation.body);
}

/** Returns an edited copy of an answer. URLs become `rewritten:` and the URL. */
export function editedAnswer(operation: GuardedOperation, answer: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(answer));
  operation.edit?.apply(copy, (url) => `rewritten:${url}`);
  return copy;
}
