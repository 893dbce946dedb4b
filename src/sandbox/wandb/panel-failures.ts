import type { GraphQLSchema } from 'graphql';
import type { Failure, Failures, OtherFailures } from '../slack/protocol/failures.ts';
import type { WandbFailure, WandbFailures } from './wandb-failures.ts';

const PREFIX = 'wandb: ';

/**
 * Lets the developers' panel plan failures of the W&B server: `wandb: entity` is the root field `entity`, and `wandb: *` every
 * call.
 */
export function createPanelFailures(failures: WandbFailures, schema: GraphQLSchema): OtherFailures {
  const rootFields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  const ofPanel = new Map<string, Failure>();
  const nameOf = (operation: string) => `${PREFIX}${operation}`;
  const operationOf = (method: string) => method.slice(PREFIX.length);
  const set: Failures['set'] = (method, failure, options) => {
    const wandbFailure = toWandbFailure(failure);
    if (wandbFailure === undefined) return;
    ofPanel.set(method, failure);
    failures.set(operationOf(method), wandbFailure, options);
  };
  return {
    methods: ['*', ...rootFields, 'file_stream', 'oidc_token'].map(nameOf),
    set,
    clear: (method) => failures.clear(method === undefined ? undefined : operationOf(method)),
    list: () =>
      failures.list().flatMap(({ operation, times }) => {
        const method = nameOf(operation);
        const failure = ofPanel.get(method);
        return failure === undefined ? [] : [{ method, failure, ...(times !== undefined && { times }) }];
      }),
    onChange: failures.onChange,
  };
}

/** Returns undefined for a failure that only tests plan. */
function toWandbFailure(failure: Failure): WandbFailure | undefined {
  switch (failure.kind) {
    case 'rate_limited':
      return { kind: 'status', status: 429, retryAfter: failure.retryAfterSeconds };
    case 'error': {
      const { error: message, kind: _, ...effect } = failure;
      return { kind: 'errors', message, ...effect };
    }
    case 'redirect':
    case 'status':
    case 'timeout':
    case 'reset':
    case 'slow':
      return failure;
    case 'held':
      return undefined;
  }
}
