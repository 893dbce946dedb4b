import { type DocumentNode, getOperationAST, parse, type SelectionSetNode } from 'graphql';

/** A GraphQL request, parsed without a schema. */
export interface GraphqlCall {
  query: string;
  variables: Record<string, unknown>;
  /** The operation of the document to run. */
  operationName: string | null;
  /** Absent if the body or the query can't be parsed. */
  document?: DocumentNode;
  rootFields: RootField[];
  problem?: string;
}

interface RootField {
  /** The name of the field, not its alias: `createServiceAccount`. */
  name: string;
  /** The key in `data`: the alias, if the field has one. */
  responseKey: string;
}

export function readGraphqlCall(body: string): GraphqlCall {
  const parsed = parseBody(body);
  const query = typeof parsed?.query === 'string' ? parsed.query : '';
  // SDK 0.28 sends '' as the name of the only operation.
  const requestedName = (typeof parsed?.operationName === 'string' && parsed.operationName) || null;
  const variables = isRecord(parsed?.variables) ? parsed.variables : {};
  const call = { query, variables, operationName: requestedName, rootFields: [] };
  // W&B's error for an unparsable body: https://github.com/wandb/wandb/issues/2645
  if (!parsed) return { ...call, problem: 'EOF' };
  try {
    const document = parse(query);
    const operation = getOperationAST(document, requestedName);
    const operationName = operation?.name?.value ?? requestedName;
    const rootFields = operation ? rootFieldsOf(document, operation.selectionSet) : [];
    return { ...call, operationName, document, rootFields };
  } catch (error) {
    return { ...call, problem: error instanceof Error ? error.message : String(error) };
  }
}

function rootFieldsOf(document: DocumentNode, root: SelectionSetNode): RootField[] {
  const visited = new Set<string>();
  const fieldsOf = ({ selections }: SelectionSetNode): RootField[] =>
    selections.flatMap((selection) => {
      if (selection.kind === 'InlineFragment') return fieldsOf(selection.selectionSet);
      const name = selection.name.value;
      if (selection.kind === 'Field') return [{ name, responseKey: selection.alias?.value ?? name }];
      if (visited.has(name)) return [];
      visited.add(name);
      const fragment = fragmentOf(document, name);
      return fragment ? fieldsOf(fragment) : [];
    });
  return fieldsOf(root);
}

function fragmentOf({ definitions }: DocumentNode, name: string): SelectionSetNode | undefined {
  for (const definition of definitions) {
    if (definition.kind === 'FragmentDefinition' && definition.name.value === name) {
      return definition.selectionSet;
    }
  }
  return undefined;
}

function parseBody(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
