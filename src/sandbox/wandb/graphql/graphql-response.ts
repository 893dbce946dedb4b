import { STATUS_CODES } from 'node:http';
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type HttpResponse, jsonResponse } from '../../http/local-server.ts';
import { notLoggedIn, permissionDenied, WandbError } from '../permissions.ts';
import type { WandbFailure } from '../wandb-failures.ts';
import type { GraphqlCall } from './graphql-call.ts';
import { hasOddity, type RequestContext } from './resolvers/graphql-objects.ts';
import { rootValue } from './resolvers/queries.ts';
import { withoutUnknownNulls } from './unknown-inputs.ts';

/** A schema that validates each query only once. */
export interface ValidatingSchema {
  schema: GraphQLSchema;
  problemsOf(query: string, document: DocumentNode): readonly GraphQLError[];
}

/** A client sends few queries, again and again. */
const MAX_QUERIES = 100;

/** Returns the schema of a text. Each text is built once. */
export type Schemas = (text: string) => ValidatingSchema;

export function createSchemas(): Schemas {
  const built = new Map<string, ValidatingSchema>();
  return (text) => {
    const known = built.get(text) ?? validatingSchema(buildSchema(text));
    built.set(text, known);
    return known;
  };
}

function validatingSchema(schema: GraphQLSchema): ValidatingSchema {
  const validated = new LRUCache<string, readonly GraphQLError[]>({ max: MAX_QUERIES });
  return {
    schema,
    problemsOf(query, document) {
      const known = validated.get(query);
      if (known) return known;
      const problems = validate(schema, document);
      validated.set(query, problems);
      return problems;
    },
  };
}

/** Executes a call like W&B: errors are beside `data`, and the first error sets the HTTP status. */
export function respondToCall(
  call: GraphqlCall,
  { schema, problemsOf }: ValidatingSchema,
  context: RequestContext,
): HttpResponse {
  const { query, document, variables, operationName, problem } = call;
  if (!document) return jsonResponse({ error: problem }, { status: 400 });
  if (context.caller.kind === 'unknown') return refusedCall(call, permissionDenied(401));
  const { introspection } = context.capabilities;
  const probes =
    introspection === 'on' ? [] : call.rootFields.filter(({ name }) => /^__(?:type|schema)$/.test(name));
  if (probes.length > 0 && introspection !== 'null') {
    return refusedIntrospection(introspection === 'http_400' ? 400 : 200);
  }
  const invalid = problemsOf(query, document);
  if (invalid.length > 0) return jsonResponse({ errors: invalid.map(toJson) }, { status: 400 });
  const { data, errors = [] } = executeSync({
    schema,
    document,
    rootValue,
    contextValue: context,
    variableValues: withoutUnknownNulls(schema, { document, operationName }, variables),
    operationName,
  });
  for (const { responseKey } of [...probes, ...oddPayloads(context, call)])
    if (data) data[responseKey] = null;
  if (errors.length === 0) return jsonResponse({ data });
  return jsonResponse({ errors: errors.map(toJson), ...(data && { data }) }, { status: statusOf(errors) });
}

/** Returns the mutations whose payload is lost, although they took effect. */
function oddPayloads(context: RequestContext, { document, operationName, rootFields }: GraphqlCall) {
  const isMutation = document && getOperationAST(document, operationName)?.operation === 'mutation';
  return isMutation && hasOddity(context, 'null_payloads') ? rootFields : [];
}

function refusedIntrospection(status: 200 | 400): HttpResponse {
  const message = 'GraphQL introspection is disabled, but the query contained __schema or __type.';
  return jsonResponse(
    { errors: [{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    { status },
  );
}

/** Refuses the whole call: every root field is null. */
function refusedCall(call: GraphqlCall, { message, code, status }: WandbError): HttpResponse {
  const path = call.rootFields.slice(0, 1).map(({ responseKey }) => responseKey);
  const error = { message, path, ...(code && { extensions: { code } }) };
  return jsonResponse({ errors: [error], data: nullData(call) }, { status });
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

/** What is sent: a response, or what happens to the connection instead. */
export type WireResponse =
  | { kind: 'response'; response: HttpResponse }
  | { kind: 'truncated'; response: HttpResponse }
  | { kind: 'drip'; response: HttpResponse; everyMs: number }
  | { kind: 'endless' }
  | { kind: 'silence' }
  | { kind: 'reset' };

/** Fails a call as planned, before or after its effect. */
export function failedResponse(
  failure: WandbFailure,
  call: GraphqlCall,
  effect: () => HttpResponse,
): WireResponse {
  if (failure.kind === 'drip') return { kind: 'drip', response: effect(), everyMs: failure.everyMs };
  if (failure.kind === 'truncated') return { kind: 'truncated', response: effect() };
  if (failure.kind === 'slow') return wireResponse(effect());
  const lost = failure.afterEffect ? effect() : undefined;
  switch (failure.kind) {
    case 'timeout':
      return { kind: 'silence' };
    case 'reset':
    case 'endless':
      return { kind: failure.kind };
    case 'status':
      return wireResponse(statusResponse(failure, call));
    case 'errors':
      return wireResponse(errorsResponse(failure.message, call, lost));
    case 'null':
      return wireResponse(jsonResponse({ data: nullData(call) }));
    case 'login_page':
      return wireResponse(htmlResponse(200, 'Log in to continue'));
    case 'not_json':
      return wireResponse({ ...jsonResponse(null), body: '{"data": {"viewer": ' });
    case 'json':
      return wireResponse(jsonResponse(failure.body));
    case 'redirect': {
      const { location, status = 302 } = failure;
      return wireResponse({ status, headers: { location }, body: '' });
    }
  }
}

const wireResponse = (response: HttpResponse): WireResponse => ({ kind: 'response', response });

function statusResponse(
  { status, page, retryAfter }: Extract<WandbFailure, { kind: 'status' }>,
  call: GraphqlCall,
): HttpResponse {
  const isFromProxy = page ?? status >= 500;
  const response = isFromProxy ? htmlResponse(status) : refusedCall(call, errorWithStatus(status));
  if (retryAfter === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(retryAfter) } };
}

function errorWithStatus(status: number): WandbError {
  if (status === 401) return notLoggedIn();
  if (status === 403) return permissionDenied();
  return new WandbError((STATUS_CODES[status] ?? 'failed').toLowerCase(), { status });
}

function errorsResponse(message: string, call: GraphqlCall, lost: HttpResponse | undefined): HttpResponse {
  const path = call.rootFields.slice(0, 1).map(({ responseKey }) => responseKey);
  const { data = nullData(call) } = lost ? (JSON.parse(lost.body) as { data?: unknown }) : {};
  return jsonResponse({ errors: [{ message, path }], data });
}

function htmlResponse(status: number, title = `${status} ${STATUS_CODES[status] ?? ''}`): HttpResponse {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const body = `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`;
  return { status, headers, body };
}
