import {
  type DocumentNode,
  type GraphQLSchema,
  type GraphQLType,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isListType,
  typeFromAST,
} from 'graphql';

/**
 * Returns the variables without fields that are null and that the schema doesn't have. Newer SDKs send the optional inputs of
 * newer servers that way.
 */
export function withoutUnknownNulls(
  schema: GraphQLSchema,
  { document, operationName }: { document: DocumentNode; operationName: string | null },
  variables: Record<string, unknown>,
): Record<string, unknown> {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const types = new Map(
    definitions.map(({ variable, type }) => [variable.name.value, typeFromAST(schema, type)]),
  );
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, reduced(value, types.get(name))]),
  );
}

function reduced(value: unknown, type: GraphQLType | undefined): unknown {
  const inner = getNullableType(type);
  if (isListType(inner) && Array.isArray(value)) return value.map((one) => reduced(one, inner.ofType));
  if (!isInputObjectType(inner) || typeof value !== 'object' || value === null) return value;
  const fields = inner.getFields();
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, one]) => one !== null || Object.hasOwn(fields, name))
      .map(([name, one]) => [name, reduced(one, fields[name]?.type)]),
  );
}
