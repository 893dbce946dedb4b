import { describe, expect, it } from 'vitest';
import { history, stream, upsert } from './runs/run-calls.ts';
import { account, call, createServiceAccount, dataOf, startWandb } from './wandb-calls.ts';

const name = 'Forschung & Größe 100% + 研究';
const path = encodeURIComponent(name);

async function start() {
  const wandb = await startWandb({ basePath: '/wandb' });
  wandb.createTeam(name);
  return wandb;
}

describe('a team of the local W&B whose name has capitals, spaces and other letters', () => {
  it('is found by exactly this name, also for service accounts', async () => {
    const wandb = await start();
    await dataOf(wandb, createServiceAccount, account('nightly-eval', name));
    const query = 'query ($name: String) { entity(name: $name) { name members { name } } }';
    const entity = async (wanted: string) =>
      (await dataOf(wandb, query, { variables: { name: wanted } })).entity;
    expect(await entity(name)).toEqual({ name, members: [{ name: 'nightly-eval' }] });
    expect(await entity(name.toLowerCase())).toBeNull();
  });

  it('has a page', async () => {
    const wandb = await start();
    wandb.team(name).createServiceAccount('nightly-eval');
    const response = await fetch(`${wandb.baseUrl}/${path}/service-accounts`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<td>nightly-eval</td>');
  });

  it('keeps runs with their lines and files', async () => {
    const wandb = await start();
    expect((await upsert(wandb, { entityName: name })).status).toBe(200);
    expect((await stream(wandb, history(0, { loss: 1 }), { entity: path })).status).toBe(200);
    const created = await call(
      wandb,
      'mutation ($input: CreateRunFilesInput!) { createRunFiles(input: $input) { files { uploadUrl } } }',
      { variables: { input: { entityName: name, projectName: 'demo', runName: 'one', files: ['a.txt'] } } },
    );
    const url = created.json.data.createRunFiles.files[0].uploadUrl;
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(200);
    const files = `query ($name: String) { project(name: "demo", entityName: $name) { run(name: "one") {
      files { edges { node { directUrl } } } } } }`;
    const { project } = await dataOf(wandb, files, { variables: { name } });
    expect(await (await fetch(project.run.files.edges[0].node.directUrl)).text()).toBe('hello');
  });
});
