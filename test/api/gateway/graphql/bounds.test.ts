import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { startCpuTime } from '../../../cpu-time.ts';
import { forwardedBody, guarded, refusalOf } from './guarded.ts';

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(' ');

/** Each fragment contains the next one twice. */
const doubling = (levels: number, between: string) =>
  `{ ...F0 } ${times(levels, (at) => `fragment F${at} on T { a { ...F${at + 1} } ${between} { ...F${at + 1} } }`)} fragment F${levels} on T { x }`;

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

/** Far more than the guard needs, and far less than work without bounds. */
const MAX_CPU_MS = 2_000;

describe('The guard refuses as too large, in little time', () => {
  test.each<[name: string, query: string, variables: object]>([
    ['a document over 128 KiB', `{ viewer { id } } #${'x'.repeat(131_100)}`, {}],
    ['a document over 128 KiB in UTF-8', `{ entity(name: "${'ü'.repeat(65_600)}") { id } }`, {}],
    ['many fields', `{ ${'a '.repeat(60_000)} }`, {}],
    ['a field under two thousand aliases', `{ ${times(2_000, (at) => `a${at}: id`)} }`, {}],
    ['many comments', `${'#\n'.repeat(60_000)} { viewer { id } }`, {}],
    ['many levels', '{ a'.repeat(30_000), {}],
    ['many levels of lists', `{ a(b: ${'['.repeat(100_000)}`, {}],
    ['many levels of types', `query ($a: ${'['.repeat(100_000)}`, {}],
    ['fragments that double the fields', doubling(20, 'b'), {}],
    ['fragments that double without fields', doubling(20, '...').replaceAll('a {', '... {'), {}],
    ['a long chain of fragments', doubling(100, 'b').replaceAll(/b \{[^}]*\}/g, ''), {}],
    ['many operations', times(30, (at) => `query Q${at} { viewer { id } }`), {}],
    ['variables of many levels', 'query ($a: X) { a(b: $a) }', { a: nested(100_000) }],
    ['variables with many values', 'query ($a: X) { a(b: $a) }', { a: Array(200_000).fill(1) }],
    [
      'a large variable used often',
      `query ($a: X) { ${times(500, (at) => `a${at}: a(b: $a)`)} }`,
      { a: Array(10_000).fill('x') },
    ],
    [
      'the names of many projects',
      'query ($a: X) { a(projects: $a) }',
      { a: Array.from({ length: 60 }, (_, at) => `p${at}`) },
    ],
    [
      'the product of two lists of names',
      'query ($a: X) { a(entityNames: $a, projectNames: $a) }',
      { a: Array.from({ length: 70_000 }, (_, at) => `p${at}`) },
    ],
  ])('%s', (_name, query, variables) => {
    const cpuTime = startCpuTime();
    expect(refusalOf({ query, variables, operationName: undefined })).toMatchObject({
      kind: 'too_large',
      status: 400,
    });
    expect(cpuTime()).toBeLessThan(MAX_CPU_MS);
  });

  test('nothing of an answer of many empty objects, which it edits', () => {
    const query = `{ project(name: "x") { ${times(1_400, (at) => `a${at}: url`)} } }`;
    const { edit } = guarded({ query });
    const answer = { data: { project: Array.from({ length: 500_000 }, () => ({})) } };
    const cpuTime = startCpuTime();
    edit?.apply(answer, (url) => url);
    expect(edit).toBeDefined();
    expect(cpuTime()).toBeLessThan(MAX_CPU_MS);
  });

  test.each([
    ['words', 'a '.repeat(5_000_000)],
    ['a path', 'a.'.repeat(5_000_000)],
    ['a key', JSON.stringify({ ['a.'.repeat(5_000_000)]: 1 })],
  ])('a filter of megabytes that is %s', (_name, filters) => {
    const query = 'query ($f: JSONString) { project(name: "p") { runs(filters: $f) { id } } }';
    const cpuTime = startCpuTime();
    expect(refusalOf({ query, variables: { f: filters } })?.kind).toBe('credential_filter');
    expect(cpuTime()).toBeLessThan(MAX_CPU_MS);
  });

  test('nothing of ordinary size: long strings and large lists of files are forwarded', () => {
    const files = Array.from({ length: 10_000 }, (_, at) => ({
      artifactID: 'QXJ0OjE=',
      name: `file-${at}`,
      md5: 'x',
    }));
    const query = `mutation ($files: [Spec!]!) { createArtifactFiles(input: { artifactFiles: $files, note: "${'\\"{'.repeat(30_000)}" }) { id } }`;
    const body = forwardedBody(guarded({ query, variables: { files } }));

    expect(body.variables).toEqual({ files });
    expect(parse(body.query).definitions).toHaveLength(1);
  });

  test('brackets in strings, block strings and comments are not levels', () => {
    const brackets = '{[('.repeat(100);
    const block = `"""${brackets} \\""""" ${brackets} """`.replace('"""""', '"""');
    const query = `{ a(b: "${brackets}\\"${brackets}", c: ${block}) { d } } # ${brackets}`;
    expect(guarded({ query }).rootFields).toEqual(['a']);
  });
});
