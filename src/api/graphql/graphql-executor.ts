import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { excessOf, PARSER_BOUNDS, probesOnly } from './document-bounds.ts';
import { MutationRefusedError, type RequestContext, rootValue } from './root-value.ts';
import { SCHEMA_TEXT } from './schema-text.ts';

/** A GraphQL request as it came in a body: what the GraphQL over HTTP draft names, and nothing else of it. */
interface GraphqlRequest {
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

interface ShownError {
  message: string;
  locations?: readonly { line: number; column: number }[];
  path?: readonly (string | number)[];
  extensions?: { code: string };
}

/**
 * Nothing was executed where `data` is absent, and the status is 400 then: so W&B answers what is no valid query, and the
 * one status besides 409 that every SDK takes as final and shows (older ones repeat other 4xx). Else it is 200, also with
 * `errors`, which is final as well.
 */
interface GraphqlAnswer {
  status: 200 | 400;
  body: { data?: unknown; errors?: ShownError[] };
}

export type AnswerGraphqlRequest = (
  request: GraphqlRequest,
  context: RequestContext,
) => Promise<GraphqlAnswer>;

/** Messages may quote what was sent: at most so much of it, and no word as long as the secret of a key. */
const MAX_MESSAGE_LENGTH = 500;
const LONG_WORD = /[\w-]{34,}/g;
const MAX_ERRORS = 10;

/** @returns a function that throws what a resolver threw, unless that was meant to be told */
export function createGraphqlAnswers(): AnswerGraphqlRequest {
  const schema = buildSchema(SCHEMA_TEXT);
  return async (request, context) => {
    const read = readDocument(schema, request.query);
    if (!read.ok) return refusal(read.errors);
    const { data, errors = [] } = await execute({
      schema,
      document: read.document,
      rootValue,
      contextValue: context,
      variableValues: request.variables,
      operationName: request.operationName,
      hideSuggestions: true,
      options: { maxCoercionErrors: MAX_ERRORS },
    });
    const unexpected = errors.find(({ cause }) => cause !== undefined && !isMeantToBeTold(cause));
    if (unexpected) throw unexpected.cause;
    if (data === undefined) return refusal(errors);
    return { status: 200, body: { ...(errors.length > 0 && { errors: errors.map(shown) }), data } };
  };
}

type ReadDocumentResult =
  | { ok: true; document: DocumentNode }
  | { ok: false; errors: readonly GraphQLError[] };

/** The order bounds the work: tokens before fields, fields before the rules that compare them with each other. */
function readDocument(schema: GraphQLSchema, query: string): ReadDocumentResult {
  let document: DocumentNode;
  try {
    document = parse(query, PARSER_BOUNDS);
  } catch (error) {
    if (error instanceof GraphQLError) return { ok: false, errors: [error] };
    throw error;
  }
  const excess = excessOf(document);
  if (excess !== undefined) return { ok: false, errors: [new GraphQLError(excess)] };
  const rules = [...specifiedRules, probesOnly];
  const errors = validate(schema, document, rules, { maxErrors: MAX_ERRORS, hideSuggestions: true });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, document };
}

function isMeantToBeTold(cause: unknown): boolean {
  return cause instanceof MutationRefusedError || cause instanceof GraphQLError;
}

function refusal(errors: readonly GraphQLError[]): GraphqlAnswer {
  return { status: 400, body: { errors: errors.map(shown) } };
}

function shown({ message, locations, path, cause }: GraphQLError): ShownError {
  return {
    message: message.replace(LONG_WORD, '[…]').slice(0, MAX_MESSAGE_LENGTH),
    ...(locations && { locations }),
    ...(path && { path }),
    ...(cause instanceof MutationRefusedError && { extensions: { code: 'FORBIDDEN' } }),
  };
}
