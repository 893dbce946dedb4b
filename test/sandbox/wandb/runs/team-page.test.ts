import { describe, expect, it } from 'vitest';
import { startWandb } from '../wandb-calls.ts';
import { history, startedRun, stream, team, upsert } from './run-calls.ts';

describe('the page of a team on the local W&B', () => {
  it('lists the runs of the team, the newest first, with state, account and last values', async () => {
    let nowMs = Date.now();
    const wandb = await startWandb({ basePath: '/wandb', now: () => nowMs });
    const { apiKey: key } = wandb.team(team).createServiceAccount('nightly-eval');
    await startedRun(wandb, { displayName: '<b>first</b>' });
    await stream(wandb, { complete: true, exitcode: 3 });
    nowMs += 1000;
    await upsert(wandb, { name: 'two' }, { key, headers: { 'x-wandb-user-email': 'ada@acme.test' } });
    await stream(wandb, history(0, { loss: 1, _step: 0 }, { loss: 0.5, _step: 1 }), { key, run: 'two' });
    await upsert(wandb, { name: 'elsewhere', entityName: 'research' });
    const text = async (of: string) => (await fetch(`${wandb.baseUrl}/${of}/service-accounts`)).text();
    const rows = (await text(team)).split('\n').filter((line) => line.includes('<td>demo</td>'));
    expect(rows).toEqual([
      '<tr><td>demo</td><td>quiet-run-2 (two)</td><td>running</td><td>nightly-eval for Ada Lindqvist</td><td>loss: 0.5</td></tr>',
      '<tr><td>demo</td><td>&#60;b&#62;first&#60;/b&#62; (one)</td><td>failed</td><td>Keysmith</td><td></td></tr>',
    ]);
    nowMs += 10 * 60_000;
    expect(await text(team)).toContain('<td>crashed</td>');
    expect(await text('research')).toContain('(elsewhere)');
    expect((await text(team)).includes(key)).toBe(false);
  });

  it('says that a run is stopping, and that a team has no runs', async () => {
    const wandb = await startWandb();
    const text = async () => (await fetch(`${wandb.baseUrl}/${team}/service-accounts`)).text();
    expect(await text()).toContain('This team has no runs.');
    wandb.runs.store.requestStop(await startedRun(wandb));
    expect(await text()).toContain('<td>stopping</td>');
  });

  it('is where the SDK’s links to a project and a run lead, unless there is a UI', async () => {
    const wandb = await startWandb({ basePath: '/wandb' });
    for (const path of ['demo', 'demo/workspace', 'demo/runs/one']) {
      const response = await fetch(`${wandb.baseUrl}/${team}/${path}`, { redirect: 'manual' });
      expect([response.status, response.headers.get('location')]).toEqual([
        302,
        `/wandb/${team}/service-accounts#runs`,
      ]);
    }
    const appUrl = 'http://localhost:3000/wandb';
    const withApp = await startWandb({ appUrl });
    for (const path of ['demo', 'demo/runs/a%26b']) {
      const response = await fetch(`${withApp.baseUrl}/${team}/${path}`, { redirect: 'manual' });
      expect(response.headers.get('location')).toBe(`${appUrl}/${team}/${path}`);
    }
    const foreign = { headers: { origin: 'https://elsewhere.test' } };
    expect((await fetch(`${wandb.baseUrl}/${team}/demo`, foreign)).status).toBe(403);
  });
});
