import { describe, expect, it } from 'vitest';
import { account, call, createServiceAccount, dataOf, denied, refused, startWandb } from './wandb-calls.ts';

const generate = `mutation ($description: String) {
  result: generateApiKey(input: { description: $description }) { apiKey { id name description } }
}`;
const remove = 'mutation ($id: String!) { result: deleteApiKey(input: { id: $id }) { success } }';
const ownKeys = '{ viewer { apiKeys { edges { node { id name description } } } } }';

describe('API keys of the local W&B', () => {
  it('creates a key of the caller, and returns its secret only in that response', async () => {
    const wandb = await startWandb();
    const key = wandb.keyOf('ada@acme.test');
    const { result } = await dataOf(wandb, generate, { key, variables: { description: 'laptop' } });
    const { id, name: secret } = result.apiKey;
    expect(secret).toMatch(/^[a-z]+-\w{40}$/);
    expect(await dataOf(wandb, '{ viewer { username } }', { key: secret })).toEqual({
      viewer: { username: 'ada' },
    });
    const { viewer } = await dataOf(wandb, ownKeys, { key });
    const listed = viewer.apiKeys.edges.at(-1).node;
    expect(listed).toEqual({ id, name: secret.slice(0, 14), description: 'laptop' });
  });

  it('creates a second key for a service account that calls as itself, and deletes the first', async () => {
    const wandb = await startWandb();
    await dataOf(wandb, createServiceAccount, account());
    const first = wandb.activeKeys().at(-1);
    const { result } = await dataOf(wandb, generate, { key: first?.secret ?? '' });
    const second = result.apiKey.name;
    await dataOf(wandb, remove, { key: second, variables: { id: first?.id } });
    expect((await call(wandb, ownKeys, { key: first?.secret ?? '' })).status).toBe(401);
    expect(wandb.team('ml-platform').serviceAccounts()).toMatchObject([{ keys: [{ secret: second }] }]);
  });

  it('creates keys of 86 characters on newer servers, which list the first 17', async () => {
    const wandb = await startWandb({ capabilities: { keyFormat: 'wandb_v1' } });
    const secret = wandb.createKey('ada', 'laptop');
    expect(secret).toMatch(/^wandb_v1_\w{77}$/);
    const { viewer } = await dataOf(wandb, ownKeys, { key: secret });
    const names = viewer.apiKeys.edges.map(({ node }: { node: { name: string } }) => node.name);
    expect(names).toEqual([expect.stringMatching(/^local-\w{8}$/), secret.slice(0, 17)]);
  });

  it('refuses to create a key without credentials', async () => {
    const wandb = await startWandb();
    const before = wandb.activeKeys().length;
    expect((await call(wandb, generate, { key: null })).status).toBe(401);
    expect(wandb.activeKeys()).toHaveLength(before);
  });

  it('lets team admins delete only the keys of the team’s service accounts, and organization admins all keys', async () => {
    const wandb = await startWandb();
    const [adas] = wandb.activeKeys();
    await dataOf(wandb, createServiceAccount, account());
    const accounts = wandb.activeKeys().at(-1);
    const as = (person: string, id: string | undefined) =>
      call(wandb, remove, { key: wandb.keyOf(person), variables: { id } });
    expect(await as('ben@acme.test', accounts?.id)).toMatchObject({ status: 403, json: denied('result') });
    expect((await as('eve@acme.test', accounts?.id)).status).toBe(403);
    expect((await as('ben@acme.test', adas?.id)).status).toBe(403);
    expect((await as('ada@acme.test', accounts?.id)).status).toBe(200);
    expect((await as('cy@acme.test', adas?.id)).status).toBe(200);
  });

  it('returns 404 for a deleted key', async () => {
    const wandb = await startWandb();
    const { status, json } = await call(wandb, remove, { variables: { id: 'nothing' } });
    expect([status, json]).toEqual([404, refused('result', 'api key nothing not found during deleteApiKey')]);
  });

  it('lists the keys of other people for organization admins only', async () => {
    const wandb = await startWandb();
    const query = `{
      users(query: "ada") { edges { node { apiKeys { edges { node { name user { username } } } } } } }
    }`;
    const { users } = await dataOf(wandb, query);
    const name = wandb.keyOf('ada').slice(0, 14);
    expect(users.edges[0].node.apiKeys.edges).toEqual([{ node: { name, user: { username: 'ada' } } }]);
    const invite = `mutation ($input: CreateInviteInput!) {
      createInvite(input: $input) { invite { toUser { apiKeys { edges { node { id } } } } } }
    }`;
    const variables = { input: { entityName: 'ml-platform', username: 'dee' } };
    const { createInvite } = await dataOf(wandb, invite, { key: wandb.keyOf('ada'), variables });
    expect(createInvite).toEqual({ invite: { toUser: { apiKeys: null } } });
  });
});
