import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** What SDKs ask of types to find out what a server can do; none of it leads on to other types. */
const PROBED: Readonly<Record<string, readonly string[]>> = {
  __Type: ['name', 'fields', 'inputFields'],
  __Field: ['name', 'args'],
  __InputValue: ['name'],
};

/** A validation rule: of introspection only the SDKs' probes, and `__typename`. */
export function probesOnly(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const name = node.name.value;
      const parent = context.getParentType()?.name ?? '';
      const isProbe = parent.startsWith('__')
        ? (PROBED[parent]?.includes(name) ?? false)
        : name !== '__schema';
      if (isProbe || name === '__typename') return;
      const probe = '__type(name:) { name fields { name } }';
      context.reportError(
        new GraphQLError(`Introspection is limited to ${probe}: "${name}" is not answered.`, { nodes: node }),
      );
    },
  };
}
