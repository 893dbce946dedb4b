import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { createArgumentReader, MAX_VARIABLE_VALUES } from './argument-values.ts';
import { isCredentialField } from './credential-names.ts';
import type { Document } from './document.ts';
import { type GuardRefusal, refuse } from './guarded-operation.ts';

/** The recorded documents have at most 60, in 12 levels. */
const MAX_SELECTIONS = 1_500;
const MAX_DEPTH = 50;
/** The answer repeats an alias for each object. */
const MAX_ALIAS_LENGTH = 128;
/** Directives that only leave fields out. Others could deliver an answer in parts, or copy values into other requests. */
const KNOWN_DIRECTIVES: ReadonlySet<string> = new Set(['include', 'skip']);

/** A field as the server would execute it: with all fragments expanded and all variables filled in. */
export interface SelectedField {
  name: string;
  /** The alias, or the name. */
  responseKey: string;
  /** A field that holds a credential. Its arguments and selections aren't forwarded, and are empty here. */
  isMasked: boolean;
  isLeaf: boolean;
  /** The innermost type that a fragment around the field states. */
  typeCondition: string | undefined;
  arguments: Readonly<Record<string, unknown>>;
  selections: readonly SelectedField[];
}

export interface SelectedOperation {
  isMutation: boolean;
  fields: readonly SelectedField[];
  /** All that fragments state, outside of masked fields. */
  typeConditions: ReadonlySet<string>;
  /** Whether `@include` or `@skip` may leave fields out. */
  isConditional: boolean;
}

/** Returns the fields and all below them, level by level. */
export function* everyField(fields: readonly SelectedField[]): Generator<SelectedField> {
  for (let level = fields; level.length > 0; level = level.flatMap(({ selections }) => selections)) {
    yield* level;
  }
}

export type ExpandResult = { ok: true; operation: SelectedOperation } | GuardRefusal;

/** How much may still be expanded. Shared by the operations of a document. */
export interface ExpansionBudget {
  selections: number;
  /** Values of variables: each use of a variable counts. */
  values: number;
}

export const fullExpansionBudget = (): ExpansionBudget => ({
  selections: MAX_SELECTIONS,
  values: MAX_VARIABLE_VALUES,
});

/** Expands the fragments of an operation. The work is bounded: nested fragments can double the fields at each step. */
export function expandOperation(
  operation: OperationDefinitionNode,
  { fragments }: Pick<Document, 'fragments'>,
  { variables, budget }: { variables: Readonly<Record<string, unknown>>; budget: ExpansionBudget },
): ExpandResult {
  let refusal: GuardRefusal | undefined;
  const stop = (kind: GuardRefusal['kind'], message: string) => {
    refusal ??= refuse(kind, message);
  };
  const typeConditions = new Set<string>();
  let isConditional = false;
  const readArguments = createArgumentReader(operation, { variables, budget, stop });

  const checkDirectives = (directives: readonly DirectiveNode[] = [], areKnownHere = true) => {
    for (const { name } of directives) {
      isConditional = true;
      if (areKnownHere && KNOWN_DIRECTIVES.has(name.value)) continue;
      stop('unsupported', `Keysmith doesn't forward the directive @${name.value.slice(0, 60)} here.`);
    }
  };

  const readField = (node: FieldNode, depth: number, typeCondition: string | undefined): SelectedField => {
    const name = node.name.value;
    const alias = node.alias?.value;
    if (alias !== undefined && (alias.length > MAX_ALIAS_LENGTH || alias.startsWith('__'))) {
      stop(
        'malformed',
        `An alias must have at most ${MAX_ALIAS_LENGTH} characters and must not begin with "__".`,
      );
    }
    const isMasked = isCredentialField(name);
    const { selectionSet } = node;
    return {
      name,
      responseKey: alias ?? name,
      isMasked,
      isLeaf: selectionSet === undefined,
      typeCondition,
      arguments: isMasked ? {} : readArguments(node.arguments ?? ([] as ArgumentNode[])),
      selections: isMasked || selectionSet === undefined ? [] : readSelections(selectionSet, depth + 1),
    };
  };

  const active = new Set<string>();
  const readSpread = (name: string, depth: number): SelectedField[] => {
    const fragment = fragments.get(name);
    if (fragment === undefined) stop('malformed', 'A fragment is used that the document does not have.');
    else if (active.has(name)) stop('malformed', 'A fragment contains itself.');
    if (fragment === undefined || active.has(name)) return [];
    checkDirectives(fragment.directives, false);
    active.add(name);
    const typeName = fragment.typeCondition.name.value;
    typeConditions.add(typeName);
    const fields = readSelections(fragment.selectionSet, depth + 1, typeName);
    active.delete(name);
    return fields;
  };

  const readSelection = (
    node: SelectionNode,
    depth: number,
    typeCondition: string | undefined,
  ): SelectedField[] => {
    checkDirectives(node.directives);
    if (node.kind === Kind.FIELD) return [readField(node, depth, typeCondition)];
    if (node.kind === Kind.FRAGMENT_SPREAD) return readSpread(node.name.value, depth);
    const inner = node.typeCondition?.name.value;
    if (inner !== undefined) typeConditions.add(inner);
    return readSelections(node.selectionSet, depth + 1, inner ?? typeCondition);
  };

  const readSelections = (
    { selections }: SelectionSetNode,
    depth: number,
    typeCondition?: string,
  ): SelectedField[] => {
    if (selections.length === 0) stop('malformed', 'A selection of fields is empty.');
    if (depth > MAX_DEPTH)
      stop('too_large', `The query is nested too deeply: at most ${MAX_DEPTH} levels with its fragments.`);
    const fields: SelectedField[] = [];
    for (const selection of selections) {
      budget.selections -= 1;
      if (budget.selections < 0) {
        stop(
          'too_large',
          `The query has too many fields: at most ${MAX_SELECTIONS} with its fragments expanded.`,
        );
      }
      if (refusal !== undefined) return fields;
      fields.push(...readSelection(selection, depth, typeCondition));
    }
    return fields;
  };

  checkDirectives(operation.directives, false);
  for (const { directives } of operation.variableDefinitions ?? []) checkDirectives(directives, false);
  const fields = readSelections(operation.selectionSet, 1);
  if (refusal !== undefined) return refusal;
  const isMutation = operation.operation === 'mutation';
  return { ok: true, operation: { isMutation, fields, typeConditions, isConditional } };
}
