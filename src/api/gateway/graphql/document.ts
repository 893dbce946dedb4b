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

/** A parser's message may quote the document, so words that are long enough for a key are removed. */
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
      return refuse('malformed', 'The GraphQL document may contain only operations and fragments.');
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
    switch (query.charCodeAt(at)) {
      case QUOTE:
        at = query.startsWith('"""', at) ? endOfBlock(query, at) : endOfString(query, at);
        break;
      case HASH:
        at = endOfLine(query, at);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
      case OPEN_PARENTHESIS:
        depth += 1;
        if (depth > MAX_BRACKETS) return true;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
      case CLOSE_PARENTHESIS:
        depth -= 1;
        break;
    }
  }
  return false;
}

/** Each returns the index of the last character. */
function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) if (isLineEnd(text.charCodeAt(at))) return at;
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // The parser reports a string that doesn't end on its line.
    if (code === QUOTE || isLineEnd(code)) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

function endOfBlock(text: string, start: number): number {
  for (let at = text.indexOf('"""', start + 3); at !== -1; at = text.indexOf('"""', at + 3)) {
    if (text.charCodeAt(at - 1) !== BACKSLASH) return at + 2;
  }
  return text.length;
}

function isLineEnd(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const HASH = 0x23;
const OPEN_PARENTHESIS = 0x28;
const CLOSE_PARENTHESIS = 0x29;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
