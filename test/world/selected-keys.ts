import type { DirectiveNode, DocumentNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';

/** Returns the paths of selected keys that a GraphQL response lacks; below a `null` none are expected. */
export function missingKeys(
  document: DocumentNode,
  { data, variables = {} }: { data: unknown; variables?: Record<string, unknown> | undefined },
): string[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition'
      ? missingBelow(
          { document, variables: { ...defaultsOf(definition), ...variables } },
          definition.selectionSet,
          data,
          'data',
        )
      : [],
  );
}

function defaultsOf({ variableDefinitions }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === 'BooleanValue' ? [[variable.name.value, defaultValue.value]] : [],
    ),
  );
}

interface Request {
  document: DocumentNode;
  variables: Record<string, unknown>;
}

function missingBelow(
  request: Request,
  selected: SelectionSetNode,
  response: unknown,
  path: string,
): string[] {
  if (response === null) return [];
  if (Array.isArray(response)) {
    return response.flatMap((one, at) => missingBelow(request, selected, one, `${path}.${at}`));
  }
  if (typeof response !== 'object') return [path];
  return selected.selections.flatMap((selection) => {
    if (selection.kind === 'InlineFragment') {
      return missingBelow(request, selection.selectionSet, response, path);
    }
    const name = selection.name.value;
    if (selection.kind === 'FragmentSpread') {
      return missingBelow(request, fragmentNamed(request.document, name), response, path);
    }
    if (selection.directives?.some((directive) => excludes(directive, request.variables))) return [];
    const key = selection.alias?.value ?? name;
    const value = (response as Record<string, unknown>)[key];
    if (value === undefined) return [`${path}.${key}`];
    if (!selection.selectionSet) return [];
    return missingBelow(request, selection.selectionSet, value, `${path}.${key}`);
  });
}

/** Whether `@include(if: $variable)` leaves the field out. */
function excludes({ name, arguments: args }: DirectiveNode, variables: Record<string, unknown>): boolean {
  const condition = args?.find((argument) => argument.name.value === 'if')?.value;
  return (
    name.value === 'include' && condition?.kind === 'Variable' && variables[condition.name.value] === false
  );
}

function fragmentNamed({ definitions }: DocumentNode, name: string): SelectionSetNode {
  for (const definition of definitions) {
    if (definition.kind === 'FragmentDefinition' && definition.name.value === name) {
      return definition.selectionSet;
    }
  }
  throw new Error(`The document has no fragment ${name}`);
}
