import { describe, expect, it } from 'vitest';
import { wandbPresets } from '../../../../src/sandbox/wandb/wandb-presets.ts';
import { create, openWandbWorld, TEAM, type Wire } from './wandb-world.ts';

const WITHOUT_KEYS = { errors: [{ message: 'Cannot query field "apiKey" on type "Member".' }] };
/** Answers the first such query as a server does whose members have no keys. */
function withoutKeys(operation: string): Wire {
  let isAsked = false;
  return async (name, ask) => {
    if (name !== operation || isAsked) return ask();
    isAsked = true;
    return Response.json(WITHOUT_KEYS, { status: 400 });
  };
}

describe('accounts with API keys on a W&B server', () => {
  it.each([
    ['of a version that shows keys only once', '0.77.0', false],
    ['of the last version that returns keys', '0.76.3', true],
    ['that shows no version', null, true],
  ])('are offered by a server %s (%s): %s, before anything is created', async (_, version, available) => {
    const world = await openWandbWorld({ capabilities: { version } });
    const { backend } = await world.replica();

    expect((await backend.features()).apiKeys).toEqual(
      available ? { available } : { available, reason: 'no_key_shown' },
    );
    // The organization's issuers, and the version: nothing else, and nothing again.
    const asked = () => world.wandb.requests.map(({ operations }) => operations);
    expect(asked().toSorted()).toEqual([['serverInfo', 'entity'], ['viewer']]);
    await backend.features();
    expect(asked()).toHaveLength(2);
  });

  it.each(Object.entries(wandbPresets))(
    'are offered by W&B %s only before 0.77, and federated ones by every version',
    async (version, capabilities) => {
      const world = await openWandbWorld({ capabilities });
      const { backend } = await world.replica();

      const { apiKeys, federated } = await backend.features();
      expect([apiKeys.available, federated.available]).toEqual([version < '0.77', true]);
      expect((await backend.teamAccess({ slackUserId: 'U0ADA', email: 'ada@acme.test' }, TEAM))?.role).toBe(
        'admin',
      );
    },
  );

  it('aren’t offered when the schema has no keys, and Keysmith reads no key to find out', async () => {
    const world = await openWandbWorld({ capabilities: { version: null } });
    const { backend } = await world.replica({ wire: withoutKeys('ReadServerInfo') });

    expect((await backend.features()).apiKeys).toEqual({ available: false, reason: 'no_key_shown' });
  });

  it('are no longer offered once the field is gone, even if the version was read before', async () => {
    const world = await openWandbWorld();
    const replica = await world.replica({ wire: withoutKeys('ReadNewServiceAccountKey') });
    expect((await replica.backend.features()).apiKeys).toEqual({ available: true });
    await create(replica);
    await replica.store.recordKeysNotShown(undefined);

    expect((await replica.backend.features()).apiKeys).toEqual({ available: false, reason: 'no_key_shown' });
    expect(world.delivered).toEqual([]);
  });

  it.each([
    { kind: 'errors', message: 'permission denied' },
    { kind: 'status', status: 403 },
    { kind: 'json', body: { data: { serverInfo: 7 } } },
  ] as const)('are offered by a server that refuses to say its version: %j', async (failure) => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    world.wandb.failures.set('serverInfo', failure);

    expect((await backend.features()).apiKeys).toEqual({ available: true });
  });

  it('are read again the next time if the server failed', async () => {
    const world = await openWandbWorld();
    const { backend } = await world.replica();
    world.wandb.failures.set('serverInfo', { kind: 'status', status: 503 });
    await expect(backend.features()).rejects.toThrow();
    world.wandb.failures.clear();
    expect((await backend.features()).apiKeys).toEqual({ available: true });
  });
});
