import { describe, expect, it } from 'vitest';
import { account, call, createServiceAccount, dataOf, startWandb } from '../wandb-calls.ts';

const accountsIn = (wandb: Awaited<ReturnType<typeof startWandb>>) =>
  wandb.team('ml-platform').serviceAccounts().length;

describe('a hold of the local W&B', () => {
  it('holds the next call before its effect until it is released', async () => {
    const wandb = await startWandb();
    const hold = wandb.hold('createServiceAccount', { at: 'before' });
    const creation = dataOf(wandb, createServiceAccount, account());
    await hold.reached;
    expect(accountsIn(wandb)).toBe(0);
    hold.release();
    await creation;
    expect(accountsIn(wandb)).toBe(1);
  });

  it('holds the response after the effect, even if the caller has given up', async () => {
    const wandb = await startWandb();
    const hold = wandb.hold('createServiceAccount', { at: 'after' });
    const giveUp = new AbortController();
    const creation = call(wandb, createServiceAccount, { ...account(), signal: giveUp.signal });
    await hold.reached;
    expect(accountsIn(wandb)).toBe(1);
    giveUp.abort();
    await expect(creation).rejects.toThrow('aborted');
    hold.release();
    await expect.poll(() => wandb.requests.at(-1)?.endedAtMs).toBeDefined();
    expect(accountsIn(wandb)).toBe(1);
  });

  it('completes a held call whose caller has given up, as a server would', async () => {
    const wandb = await startWandb();
    const hold = wandb.hold('createServiceAccount', { at: 'before' });
    const giveUp = new AbortController();
    const creation = call(wandb, createServiceAccount, { ...account(), signal: giveUp.signal });
    await hold.reached;
    giveUp.abort();
    await expect(creation).rejects.toThrow('aborted');
    hold.release();
    await expect.poll(() => accountsIn(wandb)).toBe(1);
  });

  it('holds only one call, and only of its operation', async () => {
    const wandb = await startWandb();
    const hold = wandb.hold('createServiceAccount', { at: 'before' });
    await dataOf(wandb, '{ viewer { id } }');
    const first = dataOf(wandb, createServiceAccount, account('first'));
    await hold.reached;
    await dataOf(wandb, createServiceAccount, account('second'));
    hold.release();
    await first;
    const names = wandb
      .team('ml-platform')
      .serviceAccounts()
      .map(({ name }) => name);
    expect(names).toEqual(['second', 'first']);
  });

  it('holds any call for *, and none after an early release', async () => {
    const wandb = await startWandb();
    const hold = wandb.hold('*', { at: 'after' });
    const asking = dataOf(wandb, '{ viewer { username } }');
    await hold.reached;
    hold.release();
    expect(await asking).toEqual({ viewer: { username: 'keysmith' } });
    wandb.hold('viewer', { at: 'before' }).release();
    expect(await dataOf(wandb, '{ viewer { username } }')).toEqual({ viewer: { username: 'keysmith' } });
  });

  it('fails a call as planned after the hold is released', async () => {
    const wandb = await startWandb();
    const hold = wandb.hold('createServiceAccount', { at: 'after' });
    wandb.failures.set('createServiceAccount', { kind: 'reset', afterEffect: true });
    const creation = call(wandb, createServiceAccount, account());
    await hold.reached;
    expect(accountsIn(wandb)).toBe(1);
    hold.release();
    await expect(creation).rejects.toThrow('fetch failed');
  });
});
