import fc from 'fast-check';
import {
  type GraphQLCompositeType,
  type GraphQLField,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import { guardSchema } from './guard-schema.ts';

export interface ArbitraryDocument {
  query: string;
  variables: Record<string, unknown>;
}

const MAX_DEPTH = 6;

/** Documents that are valid for the schema, with aliases, fragments, variables and `@include` anywhere. */
export const arbitraryDocument: fc.Arbitrary<ArbitraryDocument> = fc.gen().map((draw) => {
  const chance = (percent: number) => draw(fc.nat, { max: 99 }) < percent;
  const oneOf = <Value>(values: readonly Value[]): Value =>
    values[draw(fc.nat, { max: values.length - 1 })] as Value;
  const fragments: string[] = [];
  const variables: Record<string, unknown> = {};
  const definitions: string[] = [];
  let aliases = 0;

  const variable = (type: string, value: unknown) => {
    const name = `v${definitions.length}`;
    definitions.push(`$${name}: ${type}`);
    variables[name] = value;
    return `$${name}`;
  };

  const argumentsOf = ({ args }: GraphQLField<unknown, unknown>) => {
    const given = args
      .filter((argument) => isRequiredArgument(argument) || (argument.name === 'first' && chance(50)))
      .map((argument) => {
        const isNumber = String(argument.type) === 'Int';
        const value = isNumber ? 1 : argument.name === 'liveKeys' || argument.name === 'specs' ? ['x'] : 'x';
        return `${argument.name}: ${chance(50) ? variable(String(argument.type), value) : JSON.stringify(value)}`;
      });
    return given.length > 0 ? `(${given.join(', ')})` : '';
  };

  const fieldOf = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    aliases += 1;
    const directive = chance(15) ? ` @include(if: ${variable('Boolean!', chance(80))})` : '';
    const type = getNamedType(field.type);
    const selections = isCompositeType(type) ? ` ${selectionsOf(type, depth + 1)}` : '';
    return `a${aliases}: ${field.name}${argumentsOf(field)}${directive}${selections}`;
  };

  const fragmentOn = (type: GraphQLCompositeType, depth: number): string => {
    if (chance(50)) return `... on ${type.name} ${selectionsOf(type, depth + 1)}`;
    const name = `F${fragments.length}`;
    fragments.push('');
    fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} ${selectionsOf(type, depth + 1)}`;
    return `...${name}`;
  };

  const selectionsOf = (type: GraphQLCompositeType, depth: number): string => {
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const usable =
      depth < MAX_DEPTH ? fields : fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    const selections = ['__typename'];
    for (let left = draw(fc.nat, { max: 3 }); left > 0 && usable.length > 0; left -= 1) {
      selections.push(fieldOf(oneOf(usable), depth));
    }
    if (depth < MAX_DEPTH && isAbstractType(type)) {
      selections.push(fragmentOn(oneOf(guardSchema.getPossibleTypes(type)), depth));
    } else if (depth < MAX_DEPTH && chance(20)) {
      const around: GraphQLCompositeType[] = isObjectType(type) ? [type, ...type.getInterfaces()] : [type];
      selections.push(fragmentOn(oneOf(around), depth));
    }
    return `{ ${selections.join(' ')} }`;
  };

  const root = guardSchema.getQueryType();
  if (!root) throw new Error('The schema has no queries.');
  const fields = Object.values(root.getFields()).filter(({ name }) => !/^(users|node)$/.test(name));
  const selections = [oneOf(fields), oneOf(fields)].map((field) => fieldOf(field, 1)).join(' ');
  const declared = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
  return { query: [`query Q${declared} { ${selections} }`, ...fragments].join('\n'), variables };
});
