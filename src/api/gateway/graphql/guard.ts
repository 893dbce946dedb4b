import type { OperationDefinitionNode } from 'graphql';
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
  return { read: (body) => readOperation(body, allowed) };
}

function readOperation(body: unknown, allowed: ReadonlySet<string>): GuardResult {
  const request = readGraphqlRequest(body);
  if (!request.ok) return refuse('malformed', request.problem);
  const { query, variables, operationName } = request.request;
  const read = readDocument(query);
  if (!read.ok) return read;
  const selection = selectOperation(read.document, operationName);
  if (!selection.ok) return selection;
  const checked = checkOperations(read.document, { selected: selection.selected, variables, allowed });
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

interface CheckOptions {
  selected: OperationDefinitionNode;
  variables: Readonly<Record<string, unknown>>;
  allowed: ReadonlySet<string>;
}

type CheckResult = { ok: true; operation: SelectedOperation; forwarded: ForwardedDocument } | GuardRefusal;

/** Checks every operation and fragment, and returns what is known of the selected operation. */
function checkOperations(document: Document, { selected, variables, allowed }: CheckOptions): CheckResult {
  const budget = fullExpansionBudget();
  const usedFragments = new Set<string>();
  let result: CheckResult = refuse('malformed', 'The GraphQL document has no operation.');
  for (const one of document.operations) {
    const expanded = expandOperation(one, document, { variables, budget });
    if (!expanded.ok) return expanded;
    const { operation } = expanded;
    const refusal = refusalOf(operation, allowed);
    if (refusal) return refusal;
    const forwarded = printForwarded(one, document);
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
