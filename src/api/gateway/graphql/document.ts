import {
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
} from 'graphql';
import { type GuardRefusal, refuse } from './guarded-operation.ts';

/** In bytes of UTF-8. The largest recorded document of an SDK has 1,500. */
const MAX_BYTES = 128 * 1024;
/** The recorded documents have at most 300 tokens in 20 levels of brackets. */
const PARSER_LIMITS = { noLocation: true, maxLexicalTokens: 8_000, maxComments: 500 } as const;
const MAX_BRACKETS = 64;
/** SDKs send one. */
const MAX_OPERATIONS = 20;

/** The parts of a document, each with a name of its own. */
export interface Document {
  operations: readonly OperationDefinitionNode[];
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

export type ReadDocumentResult = { ok: true; document: Document } | GuardRefusal;

/** Parses a document. Doesn't check what it selects. */
export function readDocument(query: string): ReadDocumentResult {
  if (query.length > MAX_BYTES || Buffer.byteLength(query) > MAX_BYTES) {
    return refuse('too_large', 'The GraphQL document is too large: at most 128 KiB.');
  }
  if (isNestedTooDeeply(query)) {
    return refuse('too_large', `The GraphQL document is nested too deeply: at most ${MAX_BRACKETS} levels.`);
  }
  try {
    return partsOf(parse(query, PARSER_LIMITS).definitions);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const isTooLarge = /more than \d+ (tokens|comments)/i.test(error.message);
    return refuse(isTooLarge ? 'too_large' : 'malformed', withoutLongWords(error.message));
  }
}

/** A message may quote the document: it shows no word as long as the secret of a key. */
function withoutLongWords(message: string): string {
  return message.replace(/[\w-]{34,}/g, '[…]').slice(0, 300);
}

function partsOf(definitions: ReturnType<typeof parse>['definitions']): ReadDocumentResult {
  const operations: OperationDefinitionNode[] = [];
  const operationNames = new Set<string | undefined>();
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const name = definition.name?.value;
      if (definition.operation === OperationTypeNode.SUBSCRIPTION) {
        return refuse('unsupported', "Keysmith doesn't forward GraphQL subscriptions.");
      }
      if (operationNames.has(name)) return refuse('malformed', 'Two operations have the same name.');
      operationNames.add(name);
      operations.push(definition);
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      const name = definition.name.value;
      if (fragments.has(name)) return refuse('malformed', 'Two fragments have the same name.');
      fragments.set(name, definition);
    } else {
      return refuse('malformed', 'The GraphQL document may have operations and fragments only.');
    }
  }
  if (operations.length > MAX_OPERATIONS) {
    return refuse('too_large', `The GraphQL document has too many operations: at most ${MAX_OPERATIONS}.`);
  }
  if (operationNames.has(undefined) && operations.length > 1) {
    return refuse('malformed', 'An operation without a name must be the only one.');
  }
  return { ok: true, document: { operations, fragments } };
}

export type SelectOperationResult = { ok: true; selected: OperationDefinitionNode } | GuardRefusal;

/** Returns the operation that the server would run. */
export function selectOperation(
  { operations }: Document,
  operationName: string | undefined,
): SelectOperationResult {
  const [first, second] = operations;
  if (first === undefined) return refuse('malformed', 'The GraphQL document has no operation.');
  if (operationName === undefined) {
    return second === undefined
      ? { ok: true, selected: first }
      : refuse('malformed', 'The GraphQL document has several operations: operationName must name one.');
  }
  const selected = operations.find(({ name }) => name?.value === operationName);
  return selected
    ? { ok: true, selected }
    : refuse('malformed', 'operationName names no operation of the GraphQL document.');
}

/**
 * Returns whether brackets are nested too deeply, outside of strings and comments. Nothing else nests in GraphQL, and the
 * parser would overflow the stack. The result for text that isn't GraphQL is arbitrary.
 */
function isNestedTooDeeply(query: string): boolean {
  let depth = 0;
  for (let at = 0; at < query.length; at += 1) {
    switch (query[at]) {
      case '"':
        at = endOfString(query, at);
        break;
      case '#':
        at = endOfLine(query, at);
        break;
      case '{':
      case '[':
      case '(':
        depth += 1;
        if (depth > MAX_BRACKETS) return true;
        break;
      case '}':
      case ']':
      case ')':
        depth -= 1;
        break;
    }
  }
  return false;
}

const LINE_END = /[\n\r]/g;
/** Strings end at their line too, where the parser reports them. */
const STRING_END = /\\.|["\n\r]/g;
const BLOCK_END = /\\?"""/g;

function endOfLine(text: string, start: number): number {
  return endOf(LINE_END, text, start);
}

function endOfString(text: string, start: number): number {
  const isBlock = text.startsWith('"""', start);
  return isBlock ? endOf(BLOCK_END, text, start + 3) : endOf(STRING_END, text, start + 1);
}

/** Returns the index of the last character of the first match from `start` that isn't an escape sequence. */
function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (!match[0].startsWith('\\')) return pattern.lastIndex - 1;
  }
  return text.length;
}
