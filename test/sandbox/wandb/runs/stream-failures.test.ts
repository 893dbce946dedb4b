import { describe, expect, it } from 'vitest';
import type { WandbFailure } from '../../../../src/sandbox/wandb/wandb-failures.ts';
import { startWandb } from '../wandb-calls.ts';
import { history, startedRun, stream, team, upload } from './run-calls.ts';

describe('a file stream to the local W&B', () => {
  it.each<[WandbFailure, number, number]>([
    [{ kind: 'status', status: 401 }, 401, 0],
    [{ kind: 'errors', message: 'no' }, 200, 0],
    [{ kind: 'errors', message: 'no', afterEffect: true }, 200, 1],
    [{ kind: 'json', body: { stopped: true } }, 200, 0],
    [{ kind: 'slow', delayMs: 1 }, 200, 1],
  ])('fails as planned: %j', async (failure, status, lines) => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    wandb.failures.set('file_stream', failure, { times: 1 });
    expect((await stream(wandb, history(0, { loss: 1 }))).status).toBe(status);
    expect(run.history.count()).toBe(lines);
    expect((await stream(wandb, history(0, { loss: 1 }))).json).toEqual({ exitcode: null, limits: {} });
    expect(run.history.count()).toBe(1);
  });

  it.each<WandbFailure>([{ kind: 'reset' }, { kind: 'truncated' }])(
    'loses its connection as planned: %j',
    async (failure) => {
      const wandb = await startWandb();
      await startedRun(wandb);
      wandb.failures.set('file_stream', failure, { times: 1 });
      await expect(stream(wandb, history(0, {}))).rejects.toThrow();
      expect((await stream(wandb, history(0, {}))).status).toBe(200);
    },
  );

  it('can be held before its effect', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    const held = wandb.hold('file_stream', { at: 'before' });
    const sent = stream(wandb, history(0, { loss: 1 }));
    await held.reached;
    expect(run.history.count()).toBe(0);
    held.release();
    expect((await sent).status).toBe(200);
    expect(run.history.count()).toBe(1);
  });

  it('is recorded like the transfer of a file, without credentials and signatures', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    await stream(wandb, history(0, {}), { headers: { 'x-wandb-username': 'ada' } });
    await stream(wandb, history(0, {}), { key: 'wrong' });
    await upload(wandb, 'note.txt', 'hello');
    const path = `/files/${team}/demo/one/file_stream`;
    expect(wandb.routeRequests).toMatchObject([
      {
        method: 'POST',
        path,
        caller: 'keysmith',
        status: 200,
        headers: { authorization: 'Basic •••', 'x-wandb-username': 'ada' },
      },
      { method: 'POST', path, caller: null, status: 401 },
      { method: 'PUT', path: `/storage/run/${team}/demo/one/note.txt`, caller: null, status: 200 },
    ]);
    expect(JSON.stringify(wandb.routeRequests)).not.toContain('signature=');
  });
});
