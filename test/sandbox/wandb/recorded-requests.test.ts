import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { missingKeys } from '../../world/selected-keys.ts';
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
      expect(missingKeys(parse(query), { data: json.data, variables })).toEqual([]);
    },
  );

  it('finds the selected keys that a response lacks', () => {
    const document = parse(
      '{ me: viewer { id teams { edges { ...Edge } } } } fragment Edge on E { node { id } }',
    );
    const response = { me: { teams: { edges: [{ node: null }, { node: {} }, {}] } } };
    expect(missingKeys(document, { data: response })).toEqual([
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
