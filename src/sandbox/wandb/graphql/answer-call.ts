import { executeSync, type GraphQLError, type GraphQLSchema, validate } from 'graphql';
import { type HttpAnswer, jsonAnswer } from '../../slack/web-api/slack-routes.ts';
import { permissionDenied, WandbError } from '../wandb-error.ts';
import type { GraphqlCall } from './graphql-call.ts';
import { rootValue } from './resolvers/queries.ts';
import type { RequestContext } from './resolvers/request-context.ts';

/** Executes a call as W&B does: errors stand beside `data`, and the HTTP status is that of the first. */
export function answerCall(call: GraphqlCall, schema: GraphQLSchema, context: RequestContext): HttpAnswer {
  const { document, variables, operationName, problem } = call;
  if (!document) return jsonAnswer({ error: problem }, { status: 400 });
  if (context.caller.kind === 'unknown') return refusedCall(call, permissionDenied(401));
  const mistakes = validate(schema, document);
  if (mistakes.length > 0) return jsonAnswer({ errors: mistakes.map(toJson) }, { status: 400 });
  const { data, errors = [] } = executeSync({
    schema,
    document,
    rootValue,
    contextValue: context,
    variableValues: variables,
    operationName,
  });
  if (errors.length === 0) return jsonAnswer({ data });
  return jsonAnswer({ errors: errors.map(toJson), ...(data && { data }) }, { status: statusOf(errors) });
}

/** All of it refused: every root field is null. */
export function refusedCall({ rootFields }: GraphqlCall, { message, code, status }: WandbError): HttpAnswer {
  const keys = rootFields.map(({ responseKey }) => responseKey);
  const error = { message, path: keys.slice(0, 1), ...(code && { extensions: { code } }) };
  return jsonAnswer({ errors: [error], data: nulls(keys) }, { status });
}

export function nulls(keys: string[]): Record<string, null> {
  return Object.fromEntries(keys.map((key) => [key, null]));
}

function toJson({ message, path, locations, cause }: GraphQLError) {
  if (!(cause instanceof WandbError)) return { message, locations, path };
  return { message, path, ...(cause.code && { extensions: { code: cause.code } }) };
}

function statusOf(errors: readonly GraphQLError[]): number {
  const [first] = errors;
  if (first?.cause instanceof WandbError) return first.cause.status;
  // Without a path the variables or the operation's name did not fit: nothing was executed.
  return first?.path ? 500 : 400;
}
