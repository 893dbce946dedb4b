import { STATUS_CODES } from 'node:http';
import { executeSync, type GraphQLError, type GraphQLSchema, validate } from 'graphql';
import { type HttpAnswer, jsonAnswer } from '../../http/local-server.ts';
import { notLoggedIn, permissionDenied, WandbError } from '../permissions.ts';
import type { WandbFailure } from '../wandb-failures.ts';
import type { GraphqlCall } from './graphql-call.ts';
import type { RequestContext } from './resolvers/graphql-objects.ts';
import { rootValue } from './resolvers/queries.ts';

/** Executes a call like W&B: errors are beside `data`, and the first error sets the HTTP status. */
export function answerCall(call: GraphqlCall, schema: GraphQLSchema, context: RequestContext): HttpAnswer {
  const { document, variables, operationName, problem } = call;
  if (!document) return jsonAnswer({ error: problem }, { status: 400 });
  if (context.caller.kind === 'unknown') return refusedCall(call, permissionDenied(401));
  const invalid = validate(schema, document);
  if (invalid.length > 0) return jsonAnswer({ errors: invalid.map(toJson) }, { status: 400 });
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

/** Refuses the whole call: every root field is null. */
function refusedCall(call: GraphqlCall, { message, code, status }: WandbError): HttpAnswer {
  const path = call.rootFields.slice(0, 1).map(({ responseKey }) => responseKey);
  const error = { message, path, ...(code && { extensions: { code } }) };
  return jsonAnswer({ errors: [error], data: nullData(call) }, { status });
}

function nullData({ rootFields }: GraphqlCall): Record<string, null> {
  return Object.fromEntries(rootFields.map(({ responseKey }) => [responseKey, null]));
}

function toJson({ message, path, locations, cause }: GraphQLError) {
  if (!(cause instanceof WandbError)) return { message, locations, path };
  return { message, path, ...(cause.code && { extensions: { code: cause.code } }) };
}

function statusOf(errors: readonly GraphQLError[]): number {
  const [first] = errors;
  if (first?.cause instanceof WandbError) return first.cause.status;
  // An error without a path is about the variables or the operation name: nothing was executed.
  return first?.path ? 500 : 400;
}

/** What is sent: an answer, or what happens to the connection instead. */
export type WireAnswer =
  | { kind: 'answer'; answer: HttpAnswer }
  | { kind: 'truncated'; answer: HttpAnswer }
  | { kind: 'drip'; answer: HttpAnswer; everyMs: number }
  | { kind: 'endless' }
  | { kind: 'silence' }
  | { kind: 'reset' };

/** Fails a call as planned, before or after its effect. */
export function failedAnswer(failure: WandbFailure, call: GraphqlCall, effect: () => HttpAnswer): WireAnswer {
  if (failure.kind === 'drip') return { kind: 'drip', answer: effect(), everyMs: failure.everyMs };
  if (failure.kind === 'truncated') return { kind: 'truncated', answer: effect() };
  const lost = failure.afterEffect ? effect() : undefined;
  switch (failure.kind) {
    case 'timeout':
      return { kind: 'silence' };
    case 'reset':
    case 'endless':
      return { kind: failure.kind };
    case 'status':
      return wireAnswer(statusAnswer(failure, call));
    case 'errors':
      return wireAnswer(errorsAnswer(failure.message, call, lost));
    case 'null':
      return wireAnswer(jsonAnswer({ data: nullData(call) }));
    case 'login_page':
      return wireAnswer(htmlAnswer(200, 'Log in to continue'));
    case 'not_json':
      return wireAnswer({ ...jsonAnswer(null), body: '{"data": {"viewer": ' });
    case 'json':
      return wireAnswer(jsonAnswer(failure.body));
    case 'redirect': {
      const { location, status = 302 } = failure;
      return wireAnswer({ status, headers: { location }, body: '' });
    }
  }
}

const wireAnswer = (answer: HttpAnswer): WireAnswer => ({ kind: 'answer', answer });

function statusAnswer(
  { status, page, retryAfter }: Extract<WandbFailure, { kind: 'status' }>,
  call: GraphqlCall,
): HttpAnswer {
  const isFromProxy = page ?? status >= 500;
  const answer = isFromProxy ? htmlAnswer(status) : refusedCall(call, errorWithStatus(status));
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfter) } };
}

function errorWithStatus(status: number): WandbError {
  if (status === 401) return notLoggedIn();
  if (status === 403) return permissionDenied();
  return new WandbError((STATUS_CODES[status] ?? 'failed').toLowerCase(), { status });
}

function errorsAnswer(message: string, call: GraphqlCall, lost: HttpAnswer | undefined): HttpAnswer {
  const path = call.rootFields.slice(0, 1).map(({ responseKey }) => responseKey);
  const { data = nullData(call) } = lost ? (JSON.parse(lost.body) as { data?: unknown }) : {};
  return jsonAnswer({ errors: [{ message, path }], data });
}

function htmlAnswer(status: number, title = `${status} ${STATUS_CODES[status] ?? ''}`): HttpAnswer {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const body = `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`;
  return { status, headers, body };
}
