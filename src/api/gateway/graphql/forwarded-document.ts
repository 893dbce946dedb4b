import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { isCredentialField } from './credential-names.ts';
import type { Document } from './document.ts';

export interface ForwardedDocument {
  /** The operation and the fragments it reaches, and nothing else. */
  query: string;
  /** The names of the variables that the operation declares. */
  variableNames: readonly string[];
  /** The names of all fragments that the client's operation uses, those inside of masked fields too. */
  usedFragments: ReadonlySet<string>;
}

/**
 * Prints an operation with each credential field replaced by `__typename` under its response key. Fragments and variables that
 * only those fields used are left out, because servers refuse unused ones. Prints from the syntax tree: comments, escape
 * sequences and block strings of the client, which another parser may read differently, don't get through.
 */
export function printForwarded(operation: OperationDefinitionNode, document: Document): ForwardedDocument {
  const original = printReached(operation, document, { masks: false });
  const masked = original.hasCredentialFields ? printReached(operation, document, { masks: true }) : original;
  const definitions = (operation.variableDefinitions ?? []).filter(
    ({ variable: { name } }) => masked.variables.has(name.value) || !original.variables.has(name.value),
  );
  const name = operation.name ? ` ${operation.name.value}` : '';
  const variables = definitions.length > 0 ? `(${definitions.map(variableDefinitionText).join(', ')})` : '';
  return {
    query: `${operation.operation}${name}${variables} ${masked.definitions.join('\n')}`,
    variableNames: definitions.map(({ variable }) => variable.name.value),
    usedFragments: original.fragmentNames,
  };
}

interface ReachedDefinitions {
  /** The text of the operation's selections, and of each fragment. */
  definitions: string[];
  fragmentNames: ReadonlySet<string>;
  variables: ReadonlySet<string>;
  hasCredentialFields: boolean;
}

function printReached(
  operation: OperationDefinitionNode,
  { fragments }: Document,
  { masks }: { masks: boolean },
): ReachedDefinitions {
  const fragmentNames = new Set<string>();
  const variables = new Set<string>();
  let hasCredentialFields = false;

  const selectionsText = ({ selections }: SelectionSetNode): string =>
    `{ ${selections.map(selectionText).join(' ')} }`;

  const selectionText = (node: SelectionNode): string => {
    if (node.kind === Kind.FIELD) return fieldText(node);
    const directives = directivesText(node.directives);
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      fragmentNames.add(node.name.value);
      return `...${node.name.value}${directives}`;
    }
    const condition = node.typeCondition ? ` on ${node.typeCondition.name.value}` : '';
    return `...${condition}${directives} ${selectionsText(node.selectionSet)}`;
  };

  const fieldText = (node: FieldNode): string => {
    const name = node.name.value;
    // The directives decide whether the field is part of the answer, masked or not.
    const directives = directivesText(node.directives);
    const isCredential = isCredentialField(name);
    hasCredentialFields ||= isCredential;
    if (masks && isCredential) return `${node.alias?.value ?? name}: __typename${directives}`;
    const alias = node.alias ? `${node.alias.value}: ` : '';
    const selections = node.selectionSet ? ` ${selectionsText(node.selectionSet)}` : '';
    return `${alias}${name}${argumentsText(node.arguments)}${directives}${selections}`;
  };

  const directivesText = (nodes: readonly DirectiveNode[] = []): string =>
    nodes.map(({ name, arguments: given }) => ` @${name.value}${argumentsText(given)}`).join('');

  const argumentsText = (nodes: readonly ArgumentNode[] = []): string =>
    nodes.length === 0 ? '' : `(${nodes.map(({ name, value }) => entryText(name.value, value)).join(', ')})`;

  const entryText = (name: string, value: ValueNode) => `${name}: ${valueText(value, variables)}`;

  const definitions = [selectionsText(operation.selectionSet)];
  // The set grows while it is iterated over, and holds each name once.
  for (const name of fragmentNames) {
    const fragment = fragments.get(name);
    if (fragment === undefined) continue;
    const condition = fragment.typeCondition.name.value;
    definitions.push(`fragment ${name} on ${condition} ${selectionsText(fragment.selectionSet)}`);
  }
  return { definitions, fragmentNames, variables, hasCredentialFields };
}

/** @param variables gets the names of variables in the value */
function valueText(node: ValueNode, variables: Set<string>): string {
  switch (node.kind) {
    case Kind.VARIABLE:
      variables.add(node.name.value);
      return `$${node.name.value}`;
    case Kind.NULL:
      return 'null';
    case Kind.STRING:
      // The escape sequences of JSON are GraphQL's too.
      return JSON.stringify(node.value);
    case Kind.LIST:
      return `[${node.values.map((value) => valueText(value, variables)).join(', ')}]`;
    case Kind.OBJECT: {
      const entries = node.fields.map(({ name, value }) => `${name.value}: ${valueText(value, variables)}`);
      return `{${entries.join(', ')}}`;
    }
    default:
      return String(node.value);
  }
}

function variableDefinitionText({ variable, type, defaultValue }: VariableDefinitionNode): string {
  const fallback = defaultValue ? ` = ${valueText(defaultValue, new Set())}` : '';
  return `$${variable.name.value}: ${typeText(type)}${fallback}`;
}

function typeText(node: TypeNode): string {
  switch (node.kind) {
    case Kind.NAMED_TYPE:
      return node.name.value;
    case Kind.LIST_TYPE:
      return `[${typeText(node.type)}]`;
    case Kind.NON_NULL_TYPE:
      return `${typeText(node.type)}!`;
  }
}
