import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** The largest recorded request of an SDK has about 900 characters, 150 tokens, and 30 fields in 6 levels. */
export const PARSER_LIMITS = { maxSourceLength: 10_000, maxLexicalTokens: 1_000, maxComments: 100 } as const;
const MAX_DEPTH = 12;
const MAX_FIELDS = 200;
/** Each is read for every member of a team. SDKs request nine. */
const MAX_MEMBER_FIELDS = 20;
/** The response repeats an alias for every member. */
const MAX_ALIAS_LENGTH = 64;

interface Extent {
  depth: number;
  /** With all fragments expanded. */
  fields: number;
  /** How many of the fields are read for every member of a team. */
  memberFields: number;
}

const NOTHING: Extent = { depth: 0, fields: 0, memberFields: 0 };

/**
 * Returns which limit a document exceeds, as a message. Call it before validation: nested fragments can double the fields at
 * each step, so that a few tokens expand to more fields than can be validated or executed.
 */
export function excessOf(document: DocumentNode): string | undefined {
  const measure = createMeasure(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
      continue;
    const extent = measure(definition.selectionSet);
    if (extent === 'endless') return 'A fragment contains itself.';
    if (extent.depth > MAX_DEPTH) return `The query is nested too deeply: at most ${MAX_DEPTH} levels.`;
    if (extent.fields > MAX_FIELDS) return `The query has too many fields: at most ${MAX_FIELDS}.`;
    if (extent.memberFields > MAX_MEMBER_FIELDS)
      return `The query has too many fields of members: at most ${MAX_MEMBER_FIELDS}.`;
  }
  return undefined;
}

/** Measures each fragment once, however often it is spread. The recursion is at most as deep as the document has tokens. */
function createMeasure({ definitions }: DocumentNode): (selected: SelectionSetNode) => Extent | 'endless' {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Extent | 'endless'>();

  const ofFragment = (name: string): Extent | 'endless' => {
    const fragment = fragments.get(name);
    // Validation reports the missing fragment.
    if (fragment === undefined) return NOTHING;
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    // Meeting this fragment again before its extent is known means a cycle.
    known.set(name, 'endless');
    const extent = ofSelection(fragment.selectionSet);
    known.set(name, extent);
    return extent;
  };

  const ofSelection = ({ selections }: SelectionSetNode): Extent | 'endless' => {
    let depth = 0;
    let fields = 0;
    let memberFields = 0;
    for (const selection of selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.selectionSet
            ? ofSelection(selection.selectionSet)
            : NOTHING;
      if (inner === 'endless') return 'endless';
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      fields += inner.fields + (isField ? 1 : 0);
      memberFields += isField && selection.name.value === 'members' ? inner.fields : inner.memberFields;
    }
    return { depth, fields, memberFields };
  };
  return ofSelection;
}

/** Validation rule that allows only aliases of a usual length. */
export function shortAliases(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if ((node.alias?.value.length ?? 0) <= MAX_ALIAS_LENGTH) return;
      const message = `An alias is too long: at most ${MAX_ALIAS_LENGTH} characters.`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

/** The introspection fields by which SDKs find out what a server supports. None of them leads to other types. */
const PROBED: Readonly<Record<string, readonly string[]>> = {
  __Type: ['name', 'fields', 'inputFields'],
  __Field: ['name', 'args'],
  __InputValue: ['name'],
};

/** Validation rule that allows only the SDKs' probes and `__typename` of introspection. */
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
        new GraphQLError(`Introspection is limited to ${probe}: "${name}" is not supported.`, {
          nodes: node,
        }),
      );
    },
  };
}
