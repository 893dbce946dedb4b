import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../../src/sandbox/slack/protocol/failures.ts';
import { controlsOf, setControl, watchPanel } from '../../slack/page-server/panel-client.ts';
import { startSlackWithApp } from '../../slack/slack-with-app.ts';
import { call, startWandb } from '../wandb-calls.ts';

const viewer = '{ viewer { username } }';
const method = 'wandb: viewer';

async function startBoth() {
  const [{ slack }, wandb] = await Promise.all([startSlackWithApp(), startWandb()]);
  slack.offerFailures(wandb.panelFailures);
  return { slack, wandb };
}

describe('the failures of W&B in the developers’ panel', () => {
  it('can be planned for every root field of the schema, and for all calls', async () => {
    const { slack } = await startBoth();
    const { methods } = await controlsOf(slack);
    expect(methods).toEqual(
      expect.arrayContaining([
        'views.open',
        'wandb: *',
        method,
        'wandb: entity',
        'wandb: createServiceAccount',
      ]),
    );
  });

  it.each<[Failure, number]>([
    [{ kind: 'rate_limited', retryAfterSeconds: 30 }, 429],
    [{ kind: 'status', status: 503 }, 503],
    [{ kind: 'error', error: 'fatal_error' }, 200],
    [{ kind: 'slow', delayMs: 1 }, 200],
    [{ kind: 'slow', delayMs: 1, afterEffect: true }, 200],
  ])('fail the next call with %o, and then no more, which the panel shows', async (failure, status) => {
    const { slack, wandb } = await startBoth();
    const panel = await watchPanel(slack);
    const { failures } = await setControl(slack, 'failure', { method, failure, times: 1 });
    expect(failures).toEqual([{ method, failure, times: 1 }]);
    await panel.controls((controls) => controls.failures.length === 1);

    const failed = await call(wandb, viewer);
    expect(failed.status).toBe(status);
    expect(failed.text.includes('fatal_error')).toBe(failure.kind === 'error');
    await panel.controls((controls) => controls.failures.length === 0);
    expect((await call(wandb, viewer)).status).toBe(200);
  });

  it('go on until they are stopped', async () => {
    const { slack, wandb } = await startBoth();
    await setControl(slack, 'failure', { method: 'wandb: *', failure: { kind: 'status', status: 500 } });
    for (let count = 0; count < 2; count += 1) expect((await call(wandb, viewer)).status).toBe(500);
    const { failures } = await setControl(slack, 'failure', { method: 'wandb: *', failure: null });
    expect(failures).toEqual([]);
    expect((await call(wandb, viewer)).status).toBe(200);
  });
});
