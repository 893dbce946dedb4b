import { type DocumentNode, getOperationAST, parse, type SelectionSetNode } from 'graphql';

/** A GraphQL request as it came, understood as far as that goes without a schema. */
export interface GraphqlCall {
  query: string;
  variables: Record<string, unknown>;
  /** Which of the document's operations is meant. */
  operationName: string | null;
  /** Absent where the body or the query can't be parsed. */
  document?: DocumentNode;
  rootFields: RootField[];
  problem?: string;
}

interface RootField {
  /** `createServiceAccount`, whatever its alias. */
  name: string;
  /** Where its answer stands in `data`: the alias, if there is one. */
  responseKey: string;
}

export function readGraphqlCall(body: string): GraphqlCall {
  const parsed = parseBody(body);
  const query = typeof parsed?.query === 'string' ? parsed.query : '';
  // SDK 0.28 names an operation '' when it means the only one.
  const asked = (typeof parsed?.operationName === 'string' && parsed.operationName) || null;
  const variables = isRecord(parsed?.variables) ? parsed.variables : {};
  const call = { query, variables, operationName: asked, rootFields: [] };
  // https://github.com/wandb/wandb/issues/2645
  if (!parsed) return { ...call, problem: 'EOF' };
  try {
    const document = parse(query);
    const operation = getOperationAST(document, asked);
    const operationName = operation?.name?.value ?? asked;
    const rootFields = operation ? rootFieldsOf(document, operation.selectionSet) : [];
    return { ...call, operationName, document, rootFields };
  } catch (error) {
    return { ...call, problem: error instanceof Error ? error.message : String(error) };
  }
}

function rootFieldsOf(document: DocumentNode, root: SelectionSetNode): RootField[] {
  const followed = new Set<string>();
  const fieldsOf = ({ selections }: SelectionSetNode): RootField[] =>
    selections.flatMap((selection) => {
      if (selection.kind === 'InlineFragment') return fieldsOf(selection.selectionSet);
      const name = selection.name.value;
      if (selection.kind === 'Field') return [{ name, responseKey: selection.alias?.value ?? name }];
      if (followed.has(name)) return [];
      followed.add(name);
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
