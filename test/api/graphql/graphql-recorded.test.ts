import {
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
} from 'graphql';
import { expect, it } from 'vitest';
import { type SdkGraphqlBody, sdkGraphqlRequests } from '../../world/wandb-sdk-requests.ts';
import { ask, type GraphqlServer, sharedGraphql } from './graphql-server.ts';

const shared = sharedGraphql();

const reads = sdkGraphqlRequests.filter(({ body }) => !/^\s*mutation\b/.test(body.query));
const mutations = sdkGraphqlRequests.filter(({ body }) => /^\s*mutation\b/.test(body.query));

it.each(reads)('returns every key that $operation of SDK $sdk selects', async ({ body }) => {
  const server = shared();
  const { status, json } = await ask(server, server.nightly, ofOwnTeam(body));
  expect([status, json.errors]).toEqual([200, undefined]);
  expect(Object.values(json.data ?? {})).not.toContain(null);
  expect(missingKeys(body.query, json.data)).toEqual([]);
});

it.each(mutations)('refuses $operation of SDK $sdk with a message, and changes nothing', async ({ body }) => {
  const server = shared();
  const { store } = server.world;
  const before = [await store.auditRecords(), await team(server)];
  const { status, json } = await ask(server, server.nightly, ofOwnTeam(body));
  expect(status).toBe(200);
  expect(Object.values(json.data ?? {})).toEqual([null]);
  expect(json.errors).toMatchObject([
    {
      message: expect.stringMatching(/ is not allowed for a service account\. .*\/wandb service-account/),
      path: Object.keys(json.data ?? {}),
      extensions: { code: 'FORBIDDEN' },
    },
  ]);
  expect([await store.auditRecords(), await team(server)]).toEqual(before);
});

it('finds the selected keys that a response lacks', () => {
  const query = '{ me: viewer { id teams { edges { ...E } } } } fragment E on EntityEdge { node { id } }';
  const response = { me: { teams: { edges: [{ node: null }, { node: {} }, {}] } } };
  expect(missingKeys(query, response)).toEqual([
    'me.id',
    'me.teams.edges.1.node.id',
    'me.teams.edges.2.node',
  ]);
});

function ofOwnTeam({ variables, ...body }: SdkGraphqlBody): SdkGraphqlBody {
  const own = {
    ...(variables?.name !== undefined && { name: 'ml-platform' }),
    ...(variables?.entity !== undefined && { entity: 'ml-platform' }),
    ...(variables?.entityName !== undefined && { entityName: 'ml-platform' }),
  };
  return { ...body, ...(variables && { variables: { ...variables, ...own } }) };
}

async function team({ world }: GraphqlServer) {
  const found = await world.store.findTeam('ml-platform');
  return [
    found,
    await world.store.teamPeople(String(found?.id), { limit: 100 }),
    await world.store.teamServiceAccounts(String(found?.id), { limit: 100 }),
  ];
}

/** Returns the paths of selected keys that the data lacks; `null` covers everything below it. */
function missingKeys(query: string, data: unknown): string[] {
  const { definitions } = parse(query);
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
    if (definition.kind === 'OperationDefinition') operation = definition;
  }
  const missing: string[] = [];
  const look = (selections: readonly SelectionNode[], value: unknown, path: string[]): void => {
    if (value === null) return;
    if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) look(selections, one, [...path, String(at)]);
      return;
    }
    for (const selection of selections) {
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        const below = (value as Record<string, unknown>)[key];
        if (below === undefined) missing.push([...path, key].join('.'));
        else if (selection.selectionSet) look(selection.selectionSet.selections, below, [...path, key]);
      } else {
        const inner = selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection;
        look(inner?.selectionSet.selections ?? [], value, path);
      }
    }
  };
  look(operation?.selectionSet.selections ?? [], data, []);
  return missing;
}
