import { request } from 'node:https';
import { expect, it, vi } from 'vitest';
import { startDrivenWandb } from '../../driver/driven-wandb.ts';
import { selfSignedCertificate } from './failures/self-signed-certificate.ts';
import { account, basic, call, createServiceAccount, dataOf, startWandb } from './wandb-calls.ts';

it('listens on this machine only', async () => {
  await expect(startDrivenWandb({ host: '0.0.0.0' })).rejects.toThrow('on this machine only');
});

it('refuses to start in production', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  try {
    await expect(startDrivenWandb()).rejects.toThrow('NODE_ENV=production');
  } finally {
    vi.unstubAllEnvs();
  }
});

it('knows the people of Acme, who differ from Slack’s in the letter case of their addresses only', async () => {
  const wandb = await startWandb();
  const { entity, users } = await dataOf(
    wandb,
    `{
      entity(name: "ml-platform") { organization { name OAuthProviders { issuerUrl } } members { email role } }
      users { edges { node { email admin teams { edges { node { name } } } } } }
    }`,
  );
  expect(entity).toEqual({
    organization: {
      name: 'acme',
      OAuthProviders: [
        { issuerUrl: 'https://token.actions.githubusercontent.com' },
        { issuerUrl: 'https://gitlab.acme.test' },
      ],
    },
    members: [
      { email: 'Ada@acme.test', role: 'admin' },
      { email: 'ben@Acme.test', role: 'member' },
    ],
  });
  const byAddress = Object.fromEntries(
    users.edges.map(({ node }: { node: { email: string } }) => [node.email.toLowerCase(), node]),
  );
  expect(byAddress['cy@acme.test']).toMatchObject({ admin: true });
  expect(byAddress['dee@acme.test']).toMatchObject({ admin: false, teams: { edges: [] } });
});

it('stands under a path where it is told to, and nowhere else', async () => {
  const wandb = await startWandb({ basePath: '/wandb/' });
  expect(new URL(wandb.baseUrl).pathname).toBe('/wandb');
  expect(await dataOf(wandb, '{ viewer { username } }')).toEqual({ viewer: { username: 'keysmith' } });
  const elsewhere = await fetch(new URL('/graphql', wandb.baseUrl), { method: 'POST', body: '{}' });
  expect(elsewhere.status).toBe(404);
});

it('serves HTTPS with a certificate of one’s own', async () => {
  const { key, cert } = selfSignedCertificate();
  const wandb = await startWandb({ https: { key, cert } });
  const headers = { authorization: basic(wandb.apiKey), 'content-type': 'application/json' };
  const ask = (ca?: string) =>
    new Promise<string>((resolve, reject) => {
      const asked = request(
        `${wandb.baseUrl}/graphql`,
        { method: 'POST', headers, agent: false, ca },
        (answer) => {
          answer.setEncoding('utf8').once('data', resolve);
        },
      );
      asked.on('error', reject).end('{"query":"{ viewer { username } }"}');
    });
  expect(await ask(cert)).toBe('{"data":{"viewer":{"username":"keysmith"}}}');
  await expect(ask()).rejects.toThrow(/self.signed/);
});

it('records each call with its root fields, variables and times, and without its credentials', async () => {
  let nowMs = 1000;
  const wandb = await startWandb({ now: () => nowMs++ });
  await call(
    wandb,
    `mutation Make($input: CreateServiceAccountInput!) {
    result: createServiceAccount(input: $input) { user { id } }
  }`,
    { ...account(), headers: { 'x-wandb-username': 'alice' } },
  );
  await call(wandb, '{ viewer { id } serverInfo { cliVersionInfo } }', { key: wandb.keyOf('ada@acme.test') });
  await call(wandb, '{ viewer { id } }', { key: null });
  expect(wandb.requests).toMatchObject([
    {
      operations: ['createServiceAccount'],
      operationName: 'Make',
      ...account(),
      headers: { authorization: 'Basic •••', 'x-wandb-username': 'alice' },
      caller: 'keysmith',
      startedAtMs: 1000,
      endedAtMs: 1001,
      status: 200,
      executed: true,
    },
    { operations: ['viewer', 'serverInfo'], operationName: null, caller: 'ada' },
    { caller: null },
  ]);
  expect(wandb.requests.at(-1)?.headers).not.toHaveProperty('authorization');
  const recorded = JSON.stringify(wandb.requests);
  for (const { secret } of wandb.activeKeys()) {
    expect(recorded).not.toContain(secret);
    expect(recorded).not.toContain(basic(secret));
  }
});

it('keeps a key over a restart that it was given', async () => {
  const apiKey = `local-${'a'.repeat(40)}`;
  const first = await startWandb({ apiKey });
  await first.stop();
  const second = await startWandb({ apiKey });
  expect(await dataOf(second, '{ viewer { username } }')).toEqual({ viewer: { username: 'keysmith' } });
});

it('cuts what is under way when it stops, without doing it', async () => {
  const wandb = await startWandb();
  const held = wandb.hold('createServiceAccount', { at: 'before' });
  const making = call(wandb, createServiceAccount, account());
  await held.reached;
  await Promise.all([wandb.stop(), expect(making).rejects.toThrow('fetch failed')]);
  held.release();
  await wandb.stop();
  expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
});
