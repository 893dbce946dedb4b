import { nodeId } from './node-id.ts';
import type { RequestContext } from './request-context.ts';
import { shownEntity } from './shown-entity.ts';

/** Whose credential it is, as W&B's client reads it. */
export function shownViewer({ verified: { account, credential }, team }: RequestContext) {
  return {
    id: nodeId('User', account.id),
    name: account.name,
    username: account.name,
    // It has none. A made-up one would come back: SDKs send the viewer's address as `X-WANDB-USER-EMAIL`.
    email: null,
    admin: false,
    // SDKs parse it as JSON.
    flags: '{}',
    entity: account.teamName,
    deletedAt: null,
    // The key that is shown, by its public ID: on W&B's servers `name` is a part of the secret.
    apiKeys: {
      edges:
        credential.kind === 'api_key'
          ? [
              {
                node: {
                  id: nodeId('ApiKey', credential.keyId),
                  name: credential.keyId,
                  description: null,
                },
              },
            ]
          : [],
    },
    teams: async () => {
      const own = await team(account.teamName);
      return { edges: own ? [{ node: shownEntity(own) }] : [] };
    },
  };
}
