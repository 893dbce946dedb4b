import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** The longest recorded request of an SDK has some 900 characters, 150 tokens, 30 fields in 6 levels. */
export const PARSER_BOUNDS = { maxSourceLength: 10_000, maxLexicalTokens: 1_000, maxComments: 100 } as const;
const MAX_DEPTH = 12;
const MAX_FIELDS = 200;
/** Each stands for as many as the team has members. SDKs ask for nine. */
const MAX_MEMBER_FIELDS = 20;

interface Extent {
  depth: number;
  /** With fragments written out. */
  fields: number;
  /** Of them, those that are read of every member of a team. */
  memberFields: number;
}

const NOTHING: Extent = { depth: 0, fields: 0, memberFields: 0 };

/**
 * What is too much of a document: fragments may double at each step, so that few tokens stand for more fields than can
 * be executed, or compared with each other when the document is validated. To be asked before that.
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

/** Each fragment is measured once, however often it is spread. The recursion is as deep as the document has tokens. */
function createMeasure({ definitions }: DocumentNode): (selected: SelectionSetNode) => Extent | 'endless' {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Extent | 'endless'>();

  const ofFragment = (name: string): Extent | 'endless' => {
    const fragment = fragments.get(name);
    // That there is none, validation says.
    if (fragment === undefined) return NOTHING;
    const before = known.get(name);
    if (before !== undefined) return before;
    // Until it is known: who meets it on the way has gone in a circle.
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
