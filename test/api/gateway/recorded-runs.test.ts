import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';
import { type Exchange, recordedRunName, replayRun, runSdks } from '../../world/wandb-runs/replay.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

const failed = (exchanges: Exchange[]) =>
  exchanges
    .filter(({ status, problems, json }) => status !== 200 || problems.length > 0 || json?.errors)
    .map(({ operation, url, status, text, problems }) => ({ operation, url, status, text, problems }));

describe.each(runSdks)('the recorded requests of SDK %s through the gateway', (sdk) => {
  it('log a run, read it back and resume it with a key', async () => {
    const to = { baseUrl: world.baseUrl, team: TEAM, authorization: world.authorization };
    expect(failed(await replayRun({ sdk, script: 'full', ...to }))).toEqual([]);
    expect(failed(await replayRun({ sdk, script: 'resume', ...to }))).toEqual([]);
    const run = world.upstream.runs.store.run(TEAM, 'demo', recordedRunName(sdk));
    expect(run?.history.count()).toBe(8);
  });
});
