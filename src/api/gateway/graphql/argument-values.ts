import { type ArgumentNode, Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';
import type { GuardRefusal } from './guarded-operation.ts';

/** The largest requests of SDKs name 10,000 files of an artifact, with seven values each. */
export const MAX_VARIABLE_VALUES = 150_000;
const MAX_DEPTH = 64;

/**
 * Returns how many values a JSON value has, with itself, or Infinity for too many or too many levels. Without recursion: JSON of a
 * few megabytes can nest deeper than the stack.
 */
function sizeOf(value: unknown): number {
  let size = 0;
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    size += level.length;
    if (depth > MAX_DEPTH || size > MAX_VARIABLE_VALUES) return Number.POSITIVE_INFINITY;
    const next: unknown[] = [];
    for (const outer of level) {
      if (typeof outer !== 'object' || outer === null) continue;
      for (const inner of Array.isArray(outer) ? outer : Object.values(outer)) next.push(inner);
    }
    level = next;
  }
  return size;
}

interface ArgumentReaderOptions {
  variables: Readonly<Record<string, unknown>>;
  /** Gets less with each use of a variable: an aliased field can use one a thousand times. */
  budget: { values: number };
  stop: (kind: GuardRefusal['kind'], message: string) => void;
}

/**
 * Returns a function that reads the arguments of a field as JSON values, with variables and their defaults filled in. Numbers
 * stay in the text of the document, and so do enums.
 */
export function createArgumentReader(
  { variableDefinitions = [] }: OperationDefinitionNode,
  { variables, budget, stop }: ArgumentReaderOptions,
): (nodes: readonly ArgumentNode[]) => Record<string, unknown> {
  const defaults = new Map<string, ValueNode | undefined>();
  const sizes = new Map<string, number>();
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaults.has(variable.name.value)) stop('malformed', 'A variable is declared twice.');
    defaults.set(variable.name.value, defaultValue);
  }

  const readValue = (node: ValueNode): unknown => {
    switch (node.kind) {
      case Kind.VARIABLE:
        return variableValue(node.name.value);
      case Kind.NULL:
        return null;
      case Kind.LIST:
        return node.values.map(readValue);
      case Kind.OBJECT:
        return entriesOf(node.fields);
      default:
        return node.value;
    }
  };

  const variableValue = (name: string): unknown => {
    if (!defaults.has(name)) stop('malformed', 'A variable is used that the operation does not declare.');
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const size = sizes.get(name) ?? sizeOf(value);
    sizes.set(name, size);
    budget.values -= size;
    if (budget.values < 0) {
      stop(
        'too_large',
        `The variables have too many values (${MAX_VARIABLE_VALUES}) or levels (${MAX_DEPTH}).`,
      );
      return undefined;
    }
    const fallback = defaults.get(name);
    // For null too: a server may use the default where the specification doesn't.
    return (value ?? undefined) === undefined && fallback !== undefined ? readValue(fallback) : value;
  };

  const entriesOf = (nodes: readonly { name: { value: string }; value: ValueNode }[]) => {
    const entries = nodes.map(({ name, value }) => [name.value, readValue(value)] as const);
    const values: Record<string, unknown> = Object.fromEntries(entries);
    if (Object.keys(values).length < entries.length)
      stop('malformed', 'An argument or input field is repeated.');
    return values;
  };
  return entriesOf;
}
