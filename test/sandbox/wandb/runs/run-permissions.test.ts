import { describe, expect, it } from 'vitest';
import { call, denied, refused, startWandb } from '../wandb-calls.ts';
import { history, startedRun, stream, team, upload, upsert } from './run-calls.ts';

const readRun = `{ project(name: "demo", entityName: "${team}") { run(name: "one") { state } } }`;

describe('logging a run to the local W&B', () => {
  it('needs the key of a member or a service account of the team, or of an organization admin', async () => {
    const wandb = await startWandb();
    const { apiKey } = wandb.team(team).createServiceAccount('nightly-eval');
    for (const key of [apiKey, wandb.keyOf('ada'), wandb.keyOf('benj'), wandb.keyOf('cy')]) {
      expect((await upsert(wandb, {}, { key })).status).toBe(200);
      expect((await stream(wandb, history(0, { loss: 1 }), { key })).status).toBe(200);
    }
  });

  it('is refused to everyone else in W&B’s own words', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    const other = wandb.team('research').createServiceAccount('other').apiKey;
    expect(await upsert(wandb, {}, { key: other })).toMatchObject({
      status: 403,
      json: denied('upsertBucket'),
    });
    expect(await stream(wandb, history(0, {}), { key: other })).toEqual({
      status: 403,
      json: { error: 'permission denied' },
    });
    expect((await upsert(wandb, {}, { key: null })).json).toEqual(
      refused('upsertBucket', 'user is not logged in', 'PERMISSION_ERROR'),
    );
    expect(await stream(wandb, history(0, {}), { key: null })).toMatchObject({ status: 401 });
    expect(await upsert(wandb, {}, { key: 'wrong' })).toMatchObject({
      status: 401,
      json: denied('upsertBucket'),
    });
    expect(await stream(wandb, history(0, {}), { key: 'wrong' })).toEqual({
      status: 401,
      json: { error: 'permission denied' },
    });
    const nowhere = await upsert(wandb, { entityName: 'nowhere' });
    expect(nowhere).toMatchObject({
      status: 404,
      json: refused('upsertBucket', 'entity nowhere not found during upsertBucket'),
    });
  });

  it('is refused to members with a view-only seat, who may read', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    wandb.team(team).addMember('dee@acme.test', { role: 'viewer' });
    const key = wandb.keyOf('dee');
    expect((await upsert(wandb, {}, { key })).status).toBe(403);
    expect((await stream(wandb, history(0, {}), { key })).status).toBe(403);
    expect((await call(wandb, readRun, { key })).json.data.project.run).toEqual({ state: 'running' });
  });

  it('ends with the membership or the key of an account', async () => {
    const wandb = await startWandb();
    const { apiKey: key } = wandb.team(team).createServiceAccount('nightly-eval');
    await upsert(wandb, {}, { key });
    wandb.deleteKey(key);
    expect((await stream(wandb, history(0, {}), { key })).status).toBe(401);
  });
});

describe('reading a run of the local W&B', () => {
  it('shows nothing of a team to its non-members: not its projects, runs, files or artifacts', async () => {
    const wandb = await startWandb();
    const run = await startedRun(wandb);
    await upload(wandb, 'note.txt', 'hello');
    const artifact = await committedArtifact(wandb);
    const ask = async (key: string) => {
      const query = `{
        project(name: "demo", entityName: "${team}") { id }
        model(name: "demo", entityName: "${team}") { id }
        projects(entityName: "${team}") { edges { node { name } } }
        artifact(id: "${artifact}") { id }
        clientIDMapping(clientID: "chosen") { serverID }
      }`;
      const { json } = await call(wandb, query, { key });
      const headers = { authorization: `Basic ${btoa(`api:${key}`)}` };
      const file = await fetch(`${wandb.baseUrl}/files/${team}/demo/one/note.txt`, { headers });
      return { ...json.data, file: file.status };
    };
    const stranger = wandb.keyOf('eve');
    expect(await ask(stranger)).toEqual({
      project: null,
      model: null,
      projects: { edges: [] },
      artifact: null,
      clientIDMapping: null,
      file: 404,
    });
    expect(await ask(wandb.keyOf('benj'))).toMatchObject({
      project: { id: run.project.id },
      artifact: { id: artifact },
      clientIDMapping: { serverID: artifact },
      file: 200,
    });
    const stop = `mutation { stopRun(input: { id: "${run.id}" }) { success } }`;
    expect((await call(wandb, stop, { key: stranger })).json).toEqual(denied('stopRun'));
    const change = 'mutation ($input: UpsertBucketInput!) { upsertBucket(input: $input) { inserted } }';
    const variables = { input: { id: run.id, notes: 'mine' } };
    expect((await call(wandb, change, { key: stranger, variables })).json).toEqual(denied('upsertBucket'));
    expect(run.notes).toBeNull();
  });

  it('is refused without credentials, also for files and artifacts', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    expect((await call(wandb, readRun, { key: null })).status).toBe(401);
    expect((await fetch(`${wandb.baseUrl}/files/${team}/demo/one/note.txt`)).status).toBe(401);
    expect((await fetch(`${wandb.baseUrl}/artifacts/${team}/${'a'.repeat(32)}`)).status).toBe(401);
  });
});

async function committedArtifact(wandb: Awaited<ReturnType<typeof startWandb>>): Promise<string> {
  const input = {
    entityName: team,
    projectName: 'demo',
    runName: 'one',
    artifactTypeName: 'dataset',
    artifactCollectionName: 'tiny',
    digest: 'abc',
    clientID: 'chosen',
  };
  const query =
    'mutation ($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id } } }';
  const { json } = await call(wandb, query, { variables: { input } });
  const { id } = json.data.createArtifact.artifact;
  await call(wandb, `mutation { commitArtifact(input: { artifactID: "${id}" }) { artifact { id } } }`);
  return id;
}
