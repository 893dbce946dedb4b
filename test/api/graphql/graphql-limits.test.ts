import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { anyText } from '../../any-text.ts';
import { startCpuTime } from '../../cpu-time.ts';
import { isLongForm } from '../../long-form.ts';
import { ask, post, sharedGraphql, startGraphql } from './graphql-server.ts';

const shared = sharedGraphql();

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n));
const twice = (text: string) => `${text} ${text}`;

/** Returns a query in which each fragment spreads the next one twice. */
function bomb(steps: number, spread: (name: string) => string, last: string): string {
  const fragments = times(steps, (n) => `fragment F${n} on User { ${spread(`F${n + 1}`)} }`);
  return `{ viewer { ...F0 } } ${fragments} fragment F${steps} on User { ${last} }`;
}

const LENGTH = /more than 10000 UTF-16 code units/;
const TOKENS = /more than 1000 tokens/;
const FIELDS = /too many fields: at most 200/;
const MEMBERS = /too many fields of members: at most 20/;
const DEPTH = /nested too deeply: at most 12 levels/;
const ENDLESS = /contains itself/;

it.each([
  ['ten thousand aliases', `{ viewer { ${times(10_000, (n) => `a${n}: id`)} } }`, LENGTH],
  ['ten thousand root fields', `{ ${times(10_000, (n) => `a${n}: viewer { id }`)} }`, LENGTH],
  ['aliases, as many as the length allows', `{ viewer { ${times(1200, (n) => `a${n}:id`)} } }`, TOKENS],
  ['aliases, as many as the tokens allow', `{ viewer { ${times(320, (n) => `a${n}:id`)} } }`, FIELDS],
  [
    'twenty-one selections of members',
    `{ ${times(21, (n) => `a${n}: entity { members { id } }`)} }`,
    MEMBERS,
  ],
  [
    'members selected through a fragment',
    `{ ${times(7, (n) => `a${n}: entity { ...A }`)} } fragment A on Entity { members { id name admin } }`,
    MEMBERS,
  ],
  ['one field repeated 900 times', `{ viewer { ${times(900, () => 'id')} } }`, FIELDS],
  ['a fragment bomb', bomb(30, (name) => twice(`...${name}`), 'id'), FIELDS],
  [
    'a fragment bomb that no operation spreads',
    `query A { viewer { id } } ${bomb(30, (name) => twice(`...${name}`), 'id')}`,
    FIELDS,
  ],
  [
    'a fragment bomb of inline fragments',
    bomb(30, (name) => twice(`... on User { ...${name} }`), 'id'),
    FIELDS,
  ],
  [
    'a fragment bomb of overlapping fields',
    bomb(30, (name) => twice(`teams { edges { node { id } } } ...${name}`), 'id'),
    FIELDS,
  ],
  ['a fragment that contains itself', '{ viewer { ...A } } fragment A on User { id ...A }', ENDLESS],
  [
    'a cycle of fragments',
    '{ viewer { ...A } } fragment A on User { ...B } fragment B on User { id ...A }',
    ENDLESS,
  ],
  [
    'a cycle of unused fragments',
    '{ viewer { id } } fragment A on User { ...B } fragment B on User { ...A }',
    ENDLESS,
  ],
  ['deep nesting', `{ ${'viewer { '.repeat(100)} id ${'} '.repeat(100)} }`, DEPTH],
  ['nesting through fragments', nestedFragments(14), DEPTH],
  ['nesting that would overflow the stack', '{a'.repeat(4_900), TOKENS],
  ['nesting beyond the length limit', '{a'.repeat(30_000), LENGTH],
  ['a list that would overflow the stack', `{ entity(name: ${'['.repeat(9_000)}) { id } }`, TOKENS],
  ['a long name', `{ viewer { ${'a'.repeat(9_000)} } }`, /Cannot query field "\[…\]"/],
  [
    'an alias that the response would repeat for every member',
    `{ entity { members { ${'a'.repeat(9_000)}: id } } }`,
    /An alias is too long: at most 64 characters/,
  ],
  ['a thousand comments', `${'#\n'.repeat(1000)}{ viewer { id } }`, /more than 100 comments/],
  ['many directives', `{ viewer { id ${'@skip(if: false) '.repeat(180)} } }`, TOKENS],
  ['a hundred invalid fields', `{ viewer { ${times(100, (n) => `x${n}`)} } }`, /Cannot query field "x0"/],
] as const)('refuses %s with 400 in bounded time', async (_what, query, message) => {
  const server = shared();
  const cpuTimeMs = startCpuTime();
  const { status, json } = await ask(server, server.nightly, { query });
  expect([status, json.data]).toEqual([400, undefined]);
  expect(json.errors?.[0]?.message).toMatch(message);
  expect(json.errors?.length).toBeLessThanOrEqual(11);
  expect(JSON.stringify(json).length).toBeLessThan(10_000);
  expect(cpuTimeMs()).toBeLessThan(1_000);
});

it('accepts ten times as much as SDKs send', async () => {
  const server = shared();
  const query = `{ ${times(40, (n) => `a${n}: entity(name: "ml-platform") { id name ${n < 2 ? 'members { id name email }' : 'isTeam'} }`)} }`;
  const { status, json } = await ask(server, server.nightly, { query });
  expect(status).toBe(200);
  expect(Object.keys(json.data ?? {})).toHaveLength(40);
});

it('reads a team once, however many aliases request it', async () => {
  let reads = 0;
  const server = await startGraphql((store) => ({
    ...store,
    findTeam: (name) => {
      reads += 1;
      return store.findTeam(name);
    },
    teamPeople: (...parameters) => {
      reads += 1;
      return store.teamPeople(...parameters);
    },
  }));
  onTestFinished(server.close);
  const query = `{ ${times(10, (n) => `a${n}: entity { members { id } }`)} viewer { teams { edges { node { id } } } } }`;
  const { status } = await ask(server, server.nightly, { query });
  expect([status, reads]).toEqual([200, 2]);
});

it('responds to any JSON with a status below 500', async () => {
  const server = shared();
  const word = fc.constantFrom(
    'viewer',
    'entity',
    '{',
    '}',
    '(',
    ')',
    ':',
    '"',
    '...',
    '$a',
    'on',
    '\0',
    '🗝',
    '@skip',
  );
  const query = fc.oneof(
    fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
    anyText(),
  );
  const body = fc.oneof(
    fc.json(),
    fc
      .record({ query, variables: fc.jsonValue(), operationName: fc.jsonValue() }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
    fc
      .record({ name: fc.jsonValue() })
      .map((variables) =>
        JSON.stringify({ query: 'query ($name: String) { entity(name: $name) { id } }', variables }),
      ),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const { status, json } = await post(server.url, server.everywhere, text);
      expect(status).toBeLessThan(500);
      expect(status === 200 || json.errors !== undefined).toBe(true);
    }),
    { numRuns: isLongForm ? 1_000 : 60 },
  );
});

it('responds to any bytes with a 400 or 415', async () => {
  const server = shared();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const { status } = await post(server.url, server.nightly, Uint8Array.from(bytes));
      expect([400, 415]).toContain(status);
    }),
    { numRuns: isLongForm ? 500 : 40 },
  );
});

function nestedFragments(steps: number): string {
  const fragments = times(steps, (n) => `fragment F${n} on Entity { members { ...F${n + 1} } }`);
  return `{ entity { ...F0 } } ${fragments} fragment F${steps} on Entity { id }`;
}
