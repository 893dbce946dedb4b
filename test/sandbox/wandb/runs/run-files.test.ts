import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { basic, call, dataOf, startWandb } from '../wandb-calls.ts';
import { startedRun, team, upload, uploadUrl } from './run-calls.ts';

const MINUTE = 60_000;

interface FileNode {
  name: string;
  url: string;
  directUrl: string;
  sizeBytes: number;
  md5: string;
}

async function filesOf(wandb: DrivenWandb, options = ''): Promise<FileNode[]> {
  const query = `{ project(name: "demo", entityName: "${team}") { run(name: "one") {
    files${options} { edges { node { name url directUrl sizeBytes md5 } } }
  } } }`;
  const { project } = await dataOf(wandb, query);
  return project.run.files.edges.map(({ node }: { node: FileNode }) => node);
}

describe('the files of a run on the local W&B', () => {
  it('go to a signed absolute URL without credentials, and come back by a signed or an authenticated one', async () => {
    const wandb = await startWandb({ basePath: '/wandb' });
    await startedRun(wandb);
    expect((await upload(wandb, 'plots/loss curve.txt', 'hello')).status).toBe(200);
    await uploadUrl(wandb, 'never-sent.txt');
    const [file, ...others] = await filesOf(wandb);
    expect([file, others]).toEqual([
      {
        name: 'plots/loss curve.txt',
        url: `${wandb.baseUrl}/files/${team}/demo/one/plots/loss%20curve.txt`,
        directUrl: expect.stringContaining(`${wandb.baseUrl}/storage/`),
        sizeBytes: 5,
        md5: createHash('md5').update('hello').digest('base64'),
      },
      [],
    ]);
    if (!file) throw new Error('The file is missing');
    const headers = { authorization: basic(wandb.apiKey) };
    const [direct, own] = await Promise.all([fetch(file.directUrl), fetch(file.url, { headers })]);
    expect([await direct.text(), await own.text()]).toEqual(['hello', 'hello']);
    expect(own.headers.get('content-disposition')).toBe('attachment');
    expect(own.headers.get('content-security-policy')).toContain('sandbox');
  });

  it('can be found by name and by a pattern with %', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    for (const name of ['a.json', 'b.json', 'media/a.png']) await upload(wandb, name, name);
    const names = async (options: string) => (await filesOf(wandb, options)).map(({ name }) => name);
    expect(await names('(names: ["b.json"])')).toEqual(['b.json']);
    expect(await names('(pattern: "%.json")')).toEqual(['a.json', 'b.json']);
    expect(await names('(pattern: "media/%.png")')).toEqual(['media/a.png']);
    expect(await names('(pattern: "a.json")')).toEqual(['a.json']);
    expect(await names('(first: 1, after: "1")')).toEqual(['b.json']);
  });

  it('are refused at a URL that has expired, is for another file or another method, or has no signature', async () => {
    let nowMs = Date.now();
    const wandb = await startWandb({ now: () => nowMs });
    await startedRun(wandb);
    const url = new URL(await uploadUrl(wandb, 'note.txt'));
    const put = async (to: URL) => (await fetch(to, { method: 'PUT', body: 'x' })).status;
    const other = new URL(url.href.replace('note.txt', 'config.yaml'));
    const bare = new URL(url.pathname, url);
    const longer = new URL(url);
    longer.searchParams.set('expires', String(nowMs + 1000 * MINUTE));
    for (const wrong of [other, bare, longer]) expect(await put(wrong)).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    nowMs += 15 * MINUTE;
    expect(await put(url)).toBe(403);
    nowMs -= 1;
    expect(await put(url)).toBe(200);
  });

  it('are refused when they are too large or too many', async () => {
    const wandb = await startWandb({ runLimits: { maxFilesPerRun: 2 } });
    await startedRun(wandb);
    const large = await upload(wandb, 'large.bin', 'x'.repeat(16 * 2 ** 20 + 1)).catch(() => undefined);
    expect(large?.status ?? 413).toBe(413);
    await upload(wandb, 'a.txt', 'a');
    const input = { entityName: team, projectName: 'demo', runName: 'one', files: ['b.txt'] };
    const query = 'mutation ($input: CreateRunFilesInput!) { createRunFiles(input: $input) { runID } }';
    const { json } = await call(wandb, query, { variables: { input } });
    expect(json.errors[0].message).toBe('too many files in this run');
  });
});

describe('an artifact of the local W&B', () => {
  const create = async (wandb: DrivenWandb, content: string, aliases: string[] = []) => {
    const md5 = createHash('md5').update(content).digest();
    const digest = md5.toString('base64');
    const input = {
      entityName: team,
      projectName: 'demo',
      runName: 'one',
      artifactTypeName: 'dataset',
      artifactCollectionName: 'tiny',
      digest: md5.toString('hex'),
      aliases: aliases.map((alias) => ({ artifactCollectionName: 'tiny', alias })),
    };
    const { createArtifact } = await dataOf(
      wandb,
      'mutation ($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state } } }',
      { variables: { input } },
    );
    const { id, state } = createArtifact.artifact;
    if (state === 'COMMITTED') return { id, state };
    const { manifest, files } = await dataOf(
      wandb,
      `mutation {
        manifest: createArtifactManifest(input: { artifactID: "${id}", name: "wandb_manifest.json", digest: "" }) {
          artifactManifest { file { uploadUrl } }
        }
        files: createArtifactFiles(input: { artifactFiles: [{ artifactID: "${id}", name: "a.txt", md5: "${digest}" }] }) {
          files { edges { node { uploadUrl storagePath } } }
        }
      }`,
    );
    const contents = { 'a.txt': { digest, size: content.length } };
    const put = (to: string, body: string) => fetch(to, { method: 'PUT', body });
    await put(files.files.edges[0].node.uploadUrl, content);
    await put(manifest.artifactManifest.file.uploadUrl, JSON.stringify({ version: 1, contents }));
    await dataOf(wandb, `mutation { commitArtifact(input: { artifactID: "${id}" }) { artifact { id } } }`);
    return { id, state };
  };

  it('gets the next version, takes over the aliases, and is the same one when its digest is', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    const first = await create(wandb, 'one', ['best']);
    const second = await create(wandb, 'two', ['best']);
    expect(await create(wandb, 'one')).toEqual({ id: first.id, state: 'COMMITTED' });
    const query = `query ($name: String!) { project(name: "demo", entityName: "${team}") {
      artifact(name: $name) { id versionIndex size aliases { alias } }
    } }`;
    const named = async (name: string) =>
      (await dataOf(wandb, query, { variables: { name } })).project.artifact;
    const aliases = (...names: string[]) => names.map((alias) => ({ alias }));
    expect(await named('tiny:v0')).toEqual({
      id: first.id,
      versionIndex: 0,
      size: 3,
      aliases: aliases('v0'),
    });
    const newest = { id: second.id, versionIndex: 1, size: 3, aliases: aliases('best', 'latest', 'v1') };
    for (const name of ['tiny', 'tiny:latest', 'tiny:best', 'tiny:v1'])
      expect(await named(name)).toEqual(newest);
    expect(await named('tiny:v2')).toBeNull();
  });

  it('returns its files by their MD5 at both paths of the SDKs, with credentials only', async () => {
    const wandb = await startWandb();
    await startedRun(wandb);
    const { id } = await create(wandb, 'one');
    const hex = createHash('md5').update('one').digest('hex');
    const paths = [
      `artifacts/${team}/${hex}`,
      `artifactsV2/default/${team}/${encodeURIComponent(id)}/${hex}`,
      `artifactsV2/default/${team}/demo/tiny/${encodeURIComponent(id)}/${hex}/a.txt`,
    ];
    for (const path of paths) {
      const read = (key: string) =>
        fetch(`${wandb.baseUrl}/${path}`, { headers: { authorization: basic(key) } });
      expect(await (await read(wandb.apiKey)).text()).toBe('one');
      expect((await read(wandb.keyOf('eve'))).status).toBe(404);
      expect((await fetch(`${wandb.baseUrl}/${path}`)).status).toBe(401);
    }
  });
});
