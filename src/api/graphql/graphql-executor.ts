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
import { excessOf, PARSER_LIMITS, probesOnly, shortAliases } from './document-limits.ts';
import { type GraphqlContext, MutationRefusedError, rootValue } from './root-value.ts';
import { SCHEMA_TEXT } from './schema-text.ts';

export interface GraphqlRequest {
  query: string;
  variables: Readonly<Record<string, unknown>>;
  /** Undefined for the only operation of the document. */
  operationName: string | undefined;
}

/**
 * If nothing was executed, `data` is absent and the status is 400. W&B responds to invalid queries in the same way, and 400 is
 * the one status besides 409 that every SDK treats as final and shows (older ones retry other 4xx).
 */
export interface GraphqlResponse {
  status: 200 | 400;
  body: { data?: unknown; errors?: FormattedError[] };
}

interface FormattedError {
  message: string;
  locations?: readonly { line: number; column: number }[];
  path?: readonly (string | number)[];
  extensions?: { code: string };
}

export type ExecuteGraphqlRequest = (
  request: GraphqlRequest,
  context: GraphqlContext,
) => Promise<GraphqlResponse>;

const MAX_ERRORS = 10;

/**
 * Creates a function that parses, limits, validates and executes a request. It rejects with what a resolver threw, except for
 * a refused mutation, which is part of the response.
 */
export function createGraphqlExecutor(): ExecuteGraphqlRequest {
  const schema = buildSchema(SCHEMA_TEXT);
  return async (request, context) => {
    const read = readDocument(schema, request.query);
    if (!read.ok) return invalidQuery(read.errors);
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
    const unexpected = errors.find(({ cause }) => cause !== undefined && !isForCaller(cause));
    if (unexpected) throw unexpected.cause;
    if (data === undefined) return invalidQuery(errors);
    return { status: 200, body: { ...(errors.length > 0 && { errors: errors.map(formatError) }), data } };
  };
}

type ReadDocumentResult =
  | { ok: true; document: DocumentNode }
  | { ok: false; errors: readonly GraphQLError[] };

/** The order bounds the work: tokens first, then fields, then the rules that compare fields with each other. */
function readDocument(schema: GraphQLSchema, query: string): ReadDocumentResult {
  let document: DocumentNode;
  try {
    document = parse(query, PARSER_LIMITS);
  } catch (error) {
    if (error instanceof GraphQLError) return { ok: false, errors: [error] };
    throw error;
  }
  const excess = excessOf(document);
  if (excess !== undefined) return { ok: false, errors: [new GraphQLError(excess)] };
  const rules = [...specifiedRules, probesOnly, shortAliases];
  const errors = validate(schema, document, rules, { maxErrors: MAX_ERRORS, hideSuggestions: true });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, document };
}

function isForCaller(cause: unknown): boolean {
  return cause instanceof MutationRefusedError || cause instanceof GraphQLError;
}

function invalidQuery(errors: readonly GraphQLError[]): GraphqlResponse {
  return { status: 400, body: { errors: errors.map(formatError) } };
}

/** A message may quote the request: its length is limited, and it shows no word as long as the secret of a key. */
const MAX_MESSAGE_LENGTH = 500;
const LONG_WORD = /[\w-]{34,}/g;

function formatError({ message, locations, path, cause }: GraphQLError): FormattedError {
  return {
    message: message.replace(LONG_WORD, '[…]').slice(0, MAX_MESSAGE_LENGTH),
    ...(locations && { locations }),
    ...(path && { path }),
    ...(cause instanceof MutationRefusedError && { extensions: { code: 'FORBIDDEN' } }),
  };
}
