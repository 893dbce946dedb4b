import type { OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { allowedMutations, isRefusedMutation } from '../../../domain/gateway/mutations.ts';
import { readGraphqlRequest } from '../../graphql/read-graphql-request.ts';
import { collectIds, createAnswerEdit, mergeFields, selectsIds } from './answer-fields.ts';
import { type Document, readDocument, selectOperation } from './document.ts';
import { type ForwardedDocument, printForwarded } from './forwarded-document.ts';
import { type GraphqlGuard, type GuardRefusal, type GuardResult, refuse } from './guarded-operation.ts';
import { readNamedObjects } from './named-objects.ts';
import { refusalOf } from './operation-rules.ts';
import { staysInProject } from './project-reach.ts';
import { expandOperation, fullExpansionBudget, type SelectedOperation } from './selected-fields.ts';
import { readAsksStopped } from './stopped-status.ts';

export interface GraphqlGuardOptions {
  /** Names of mutations that are allowed in addition to those of a run. Names that no setting may allow are ignored. */
  moreMutations: readonly string[];
}

/** Creates the guard. It imports the graphql package, so import this module with the first request. */
export function createGraphqlGuard({ moreMutations }: GraphqlGuardOptions): GraphqlGuard {
  const more = moreMutations.filter((name) => !isRefusedMutation(name));
  const allowed = new Set([...allowedMutations, ...more]);
  const parsed = new LRUCache<string, ParsedDocument>({
    maxSize: MAX_KEPT_LENGTH,
    maxEntrySize: MAX_KEPT_LENGTH / 16,
    sizeCalculation: (_document, query) => query.length,
  });
  return { read: (body) => readOperation(body, { allowed, parsed }) };
}

/** SDKs send the same few documents again and again: all of one have 60,000 characters. A syntax tree takes about 30 times its text. */
const MAX_KEPT_LENGTH = 256 * 1024;

/** What depends on the text of a document alone: neither on its variables nor on the caller. */
interface ParsedDocument {
  document: Document;
  forwarded: Map<OperationDefinitionNode, ForwardedDocument>;
}

interface Guarding {
  allowed: ReadonlySet<string>;
  parsed: LRUCache<string, ParsedDocument>;
}

function readOperation(body: unknown, { allowed, parsed }: Guarding): GuardResult {
  const request = readGraphqlRequest(body);
  if (!request.ok) return refuse('malformed', request.problem);
  const { query, variables, operationName } = request.request;
  const read = parsed.get(query) ?? parse(query);
  if ('ok' in read) return read;
  parsed.set(query, read);
  const selection = selectOperation(read.document, operationName);
  if (!selection.ok) return selection;
  const checked = checkOperations(read, { selected: selection.selected, variables, allowed });
  if (!checked.ok) return checked;
  const { operation, forwarded } = checked;
  const objects = readNamedObjects(operation.fields);
  if (!objects.ok) return objects;
  const answerFields = mergeFields(operation.fields);
  return {
    ok: true,
    operation: {
      body: JSON.stringify({
        query: forwarded.query,
        variables: ownValues(variables, forwarded.variableNames),
        operationName,
      }),
      isMutation: operation.isMutation,
      rootFields: operation.fields.map(({ name }) => name),
      named: objects.named,
      namedIds: objects.namedIds,
      staysInProject: staysInProject(operation),
      edit: createAnswerEdit(answerFields),
      selectsIds: selectsIds(answerFields),
      collectIds: (answer) => collectIds(answer, answerFields),
      asksStopped: readAsksStopped(operation),
    },
  };
}

function parse(query: string): ParsedDocument | GuardRefusal {
  const read = readDocument(query);
  return read.ok ? { document: read.document, forwarded: new Map() } : read;
}

interface CheckOptions {
  selected: OperationDefinitionNode;
  variables: Readonly<Record<string, unknown>>;
  allowed: ReadonlySet<string>;
}

type CheckResult = { ok: true; operation: SelectedOperation; forwarded: ForwardedDocument } | GuardRefusal;

/** Checks every operation and fragment, and returns what is known of the selected operation. */
function checkOperations(
  { document, forwarded: printed }: ParsedDocument,
  { selected, variables, allowed }: CheckOptions,
): CheckResult {
  const budget = fullExpansionBudget();
  const usedFragments = new Set<string>();
  let result: CheckResult = refuse('malformed', 'The GraphQL document has no operation.');
  for (const one of document.operations) {
    const expanded = expandOperation(one, document, { variables, budget });
    if (!expanded.ok) return expanded;
    const { operation } = expanded;
    const refusal = refusalOf(operation, allowed);
    if (refusal) return refusal;
    const forwarded = printed.get(one) ?? printForwarded(one, document);
    printed.set(one, forwarded);
    for (const name of forwarded.usedFragments) usedFragments.add(name);
    if (one === selected) result = { ok: true, operation, forwarded };
  }
  if ([...document.fragments.keys()].some((name) => !usedFragments.has(name))) {
    return refuse('malformed', 'The GraphQL document has a fragment that no operation uses.');
  }
  return result;
}

function ownValues(variables: Readonly<Record<string, unknown>>, names: readonly string[]): object {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  );
}
