import { describe, expect, it } from 'vitest';
import type { WandbFailure } from '../../../../src/sandbox/wandb/wandb-failures.ts';
import { account, call, createServiceAccount, startWandb } from '../wandb-calls.ts';

const failures: WandbFailure[] = [
  { kind: 'status', status: 502 },
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'errors', message: 'lost' },
  { kind: 'null' },
  { kind: 'login_page' },
  { kind: 'not_json' },
  { kind: 'json', body: 1 },
  { kind: 'redirect', location: 'https://elsewhere.test/' },
  { kind: 'reset' },
  { kind: 'timeout' },
  { kind: 'endless' },
];

describe('a planned failure of the local W&B', () => {
  it.each(failures)(
    'has no effect before the failure and its full effect with afterEffect: %o',
    async (failure) => {
      const wandb = await startWandb();
      const keysBefore = wandb.activeKeys().length;
      /** Calls once and waits for the head of the response, if there will be one. */
      const attempt = async () => {
        const giveUp = new AbortController();
        const held = wandb.hold('createServiceAccount', { at: 'before' });
        const response = fetchHead(wandb, giveUp.signal);
        await held.reached;
        held.release();
        if (failure.kind === 'timeout')
          await expect.poll(() => wandb.requests.at(-1)?.failure).toBe('timeout');
        else await response;
        giveUp.abort();
        await response;
        return wandb.requests.at(-1);
      };
      wandb.failures.set('createServiceAccount', failure);
      expect(await attempt()).toMatchObject({ failure: failure.kind, executed: false });
      expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
      wandb.failures.set('createServiceAccount', { ...failure, afterEffect: true } as WandbFailure);
      expect(await attempt()).toMatchObject({ failure: failure.kind, executed: true });
      expect(wandb.team('ml-platform').serviceAccounts()).toHaveLength(1);
      expect(wandb.activeKeys()).toHaveLength(keysBefore + 1);
    },
  );

  it.each<WandbFailure>([{ kind: 'truncated' }, { kind: 'drip', everyMs: 1 }])(
    'has its effect before it sends the response: %o',
    async (failure) => {
      const wandb = await startWandb();
      wandb.failures.set('createServiceAccount', failure);
      await call(wandb, createServiceAccount, account()).catch(() => undefined);
      expect(wandb.team('ml-platform').serviceAccounts()).toHaveLength(1);
    },
  );

  it('returns errors beside the real data after the effect', async () => {
    const wandb = await startWandb();
    wandb.failures.set('createServiceAccount', {
      kind: 'errors',
      message: 'audit failed',
      afterEffect: true,
    });
    const { status, json } = await call(wandb, createServiceAccount, account());
    const [created] = wandb.team('ml-platform').serviceAccounts();
    expect([status, json]).toEqual([
      200,
      {
        errors: [{ message: 'audit failed', path: ['createServiceAccount'] }],
        data: { createServiceAccount: { user: { id: created?.id } } },
      },
    ]);
  });

  it('applies the server’s own rules before the response is lost', async () => {
    const wandb = await startWandb({ caller: { memberOf: ['ml-platform'] } });
    wandb.failures.set('createServiceAccount', { kind: 'status', status: 503, afterEffect: true });
    expect((await call(wandb, createServiceAccount, account())).status).toBe(503);
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
  });
});

async function fetchHead(wandb: { baseUrl: string; apiKey: string }, signal: AbortSignal): Promise<void> {
  const { variables } = account();
  await fetch(`${wandb.baseUrl}/graphql`, {
    method: 'POST',
    redirect: 'manual',
    signal,
    headers: { authorization: `Basic ${Buffer.from(`api:${wandb.apiKey}`).toString('base64')}` },
    body: JSON.stringify({ query: createServiceAccount, variables }),
  }).catch(() => undefined);
}
