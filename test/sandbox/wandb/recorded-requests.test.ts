import { type DocumentNode, parse, type SelectionSetNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { sdkGraphqlRequests } from '../../world/wandb-sdk-requests.ts';
import { call, startWandb } from './wandb-calls.ts';

describe('the local W&B with recorded SDK requests', () => {
  it.each(sdkGraphqlRequests)(
    'returns every key that $operation of SDK $sdk selects',
    async ({ headers, operation, body }) => {
      const [, secret = ''] = Buffer.from(headers.Authorization?.slice('Basic '.length) ?? '', 'base64')
        .toString()
        .split(':');
      const wandb = await startWandb({ apiKey: secret, organization, caller: { adminOf: ['t'] } });
      const { query, variables, operationName } = body;
      const { status, json } = await call(wandb, query, {
        headers: { 'user-agent': headers['User-Agent'] ?? '' },
        variables: { ...variables, ...existingIds(wandb, operation) },
        ...(operationName !== undefined && { operationName }),
      });
      expect([status, json.errors]).toEqual([200, undefined]);
      const document = parse(query);
      for (const definition of document.definitions) {
        if (definition.kind !== 'OperationDefinition') continue;
        expect(missingKeys(document, definition.selectionSet, json.data, 'data')).toEqual([]);
      }
    },
  );

  it('finds the selected keys that a response lacks', () => {
    const document = parse(
      '{ me: viewer { id teams { edges { ...Edge } } } } fragment Edge on E { node { id } }',
    );
    const [operation] = document.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('The document has no operation');
    const response = { me: { teams: { edges: [{ node: null }, { node: {} }, {}] } } };
    expect(missingKeys(document, operation.selectionSet, response, 'data')).toEqual([
      'data.me.id',
      'data.me.teams.edges.1.node.id',
      'data.me.teams.edges.2.node',
    ]);
  });
});

const organization = {
  name: 'acme',
  issuers: [],
  people: [],
  teams: [{ name: 't', members: [] }],
};

/** Replaces the recorded IDs, which belong to another server. */
function existingIds(wandb: DrivenWandb, operation: string | null): Record<string, unknown> {
  if (operation === 'DeleteApiKey') return { id: wandb.activeKeys()[0]?.id };
  if (operation === 'DeleteInvite') return { id: wandb.team('t').createServiceAccount('x').id };
  return {};
}

/** Returns the paths of selected keys that the response lacks; below a `null` none are expected. */
function missingKeys(
  document: DocumentNode,
  selected: SelectionSetNode,
  response: unknown,
  path: string,
): string[] {
  if (response === null) return [];
  if (Array.isArray(response)) {
    return response.flatMap((one, at) => missingKeys(document, selected, one, `${path}.${at}`));
  }
  if (typeof response !== 'object') return [path];
  return selected.selections.flatMap((selection) => {
    if (selection.kind === 'InlineFragment') {
      return missingKeys(document, selection.selectionSet, response, path);
    }
    const name = selection.name.value;
    if (selection.kind === 'FragmentSpread') {
      return missingKeys(document, fragmentNamed(document, name), response, path);
    }
    const key = selection.alias?.value ?? name;
    const value = (response as Record<string, unknown>)[key];
    if (value === undefined) return [`${path}.${key}`];
    if (!selection.selectionSet) return [];
    return missingKeys(document, selection.selectionSet, value, `${path}.${key}`);
  });
}

function fragmentNamed({ definitions }: DocumentNode, name: string): SelectionSetNode {
  for (const definition of definitions) {
    if (definition.kind === 'FragmentDefinition' && definition.name.value === name) {
      return definition.selectionSet;
    }
  }
  throw new Error(`The document has no fragment ${name}`);
}
