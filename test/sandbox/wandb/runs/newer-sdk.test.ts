import { describe, expect, it } from 'vitest';
import { startWandb } from '../wandb-calls.ts';
import { startedRun, team, upsert } from './run-calls.ts';

describe('the local W&B and the inputs of newer SDKs', () => {
  it('ignores optional inputs that it doesn’t have while they are null, and refuses them otherwise', async () => {
    const wandb = await startWandb();
    expect((await upsert(wandb, { futureOption: null })).status).toBe(200);
    const { status, json } = await upsert(wandb, { futureOption: true });
    expect([status, json.errors[0].message]).toEqual([
      400,
      expect.stringContaining('unknown field "futureOption"'),
    ]);
  });

  it('logs to the first team of the caller and to a project of its own when the SDK names none', async () => {
    const wandb = await startWandb();
    const { apiKey: key } = wandb.team(team).createServiceAccount('nightly-eval');
    const { json } = await upsert(wandb, { entityName: null, modelName: null, name: null }, { key });
    expect(json.data.upsertBucket).toMatchObject({
      inserted: true,
      bucket: {
        name: expect.stringMatching(/^[0-9a-f]{8}$/),
        project: { name: 'uncategorized', entity: { name: team } },
      },
    });
  });

  it('keeps the details that an SDK doesn’t send again', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb, { notes: 'first', tags: ['a'], displayName: 'nice' });
    await upsert(wandb, { notes: null, tags: null, displayName: null, groupName: 'g' });
    expect(run).toMatchObject({ notes: 'first', tags: ['a'], displayName: 'nice', group: 'g' });
  });
});
