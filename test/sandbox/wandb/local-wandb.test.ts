import { request } from 'node:https';
import { describe, expect, it, vi } from 'vitest';
import { startDrivenWandb } from '../../driver/driven-wandb.ts';
import { selfSignedCertificate } from './failures/self-signed-certificate.ts';
import { account, basic, call, createServiceAccount, dataOf, startWandb } from './wandb-calls.ts';

describe('the local W&B server', () => {
  it('refuses to listen on other addresses than localhost', async () => {
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

  it('has the people of Acme, whose email addresses differ from Slack’s in letter case only', async () => {
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

  it('serves the API under its base path only', async () => {
    const wandb = await startWandb({ basePath: '/wandb/' });
    expect(new URL(wandb.baseUrl).pathname).toBe('/wandb');
    expect(await dataOf(wandb, '{ viewer { username } }')).toEqual({ viewer: { username: 'keysmith' } });
    const elsewhere = await fetch(new URL('/graphql', wandb.baseUrl), { method: 'POST', body: '{}' });
    expect(elsewhere.status).toBe(404);
  });

  it('serves HTTPS with a given certificate', async () => {
    const { key, cert } = selfSignedCertificate();
    const wandb = await startWandb({ https: { key, cert } });
    const headers = { authorization: basic(wandb.apiKey), 'content-type': 'application/json' };
    const ask = (ca?: string) =>
      new Promise<string>((resolve, reject) => {
        const sent = request(
          `${wandb.baseUrl}/graphql`,
          { method: 'POST', headers, agent: false, ca },
          (response) => {
            response.setEncoding('utf8').once('data', resolve);
          },
        );
        sent.on('error', reject).end('{"query":"{ viewer { username } }"}');
      });
    expect(await ask(cert)).toBe('{"data":{"viewer":{"username":"keysmith"}}}');
    await expect(ask()).rejects.toThrow(/self.signed/);
  });

  it('records each call with its root fields, variables and times, but without its credentials', async () => {
    let nowMs = 1000;
    const wandb = await startWandb({ now: () => nowMs++ });
    await call(
      wandb,
      `mutation Create($input: CreateServiceAccountInput!) {
      result: createServiceAccount(input: $input) { user { id } }
    }`,
      { ...account(), headers: { 'x-wandb-username': 'alice' } },
    );
    await call(wandb, '{ viewer { id } serverInfo { cliVersionInfo } }', {
      key: wandb.keyOf('ada@acme.test'),
    });
    await call(wandb, '{ viewer { id } }', { key: null });
    expect(wandb.requests).toMatchObject([
      {
        operations: ['createServiceAccount'],
        operationName: 'Create',
        ...account(),
        headers: { authorization: 'Basic •••', 'x-wandb-username': 'alice' },
        caller: 'keysmith',
        startedAtMs: expect.any(Number),
        status: 200,
        executed: true,
      },
      { operations: ['viewer', 'serverInfo'], operationName: null, caller: 'ada' },
      { caller: null },
    ]);
    const [first] = wandb.requests;
    expect(first?.endedAtMs).toBeGreaterThan(first?.startedAtMs ?? Number.POSITIVE_INFINITY);
    expect(wandb.requests.at(-1)?.headers).not.toHaveProperty('authorization');
    const recorded = JSON.stringify(wandb.requests);
    for (const { secret } of wandb.activeKeys()) {
      expect(recorded).not.toContain(secret);
      expect(recorded).not.toContain(basic(secret));
    }
  });

  it('accepts a given API key after a restart', async () => {
    const apiKey = `local-${'a'.repeat(40)}`;
    const first = await startWandb({ apiKey });
    await first.stop();
    const second = await startWandb({ apiKey });
    expect(await dataOf(second, '{ viewer { username } }')).toEqual({ viewer: { username: 'keysmith' } });
  });

  it('aborts the calls in flight when it stops, without their effect', async () => {
    const wandb = await startWandb();
    const held = wandb.hold('createServiceAccount', { at: 'before' });
    const creation = call(wandb, createServiceAccount, account());
    await held.reached;
    await Promise.all([wandb.stop(), expect(creation).rejects.toThrow('fetch failed')]);
    held.release();
    await wandb.stop();
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
  });

  it('lists the service accounts of a team on its page, without their secrets', async () => {
    const wandb = await startWandb({ basePath: '/wandb' });
    const team = wandb.team('ml-platform');
    const { apiKey } = team.createServiceAccount('<b>nightly & "eval"</b>');
    const { viewer } = await dataOf(wandb, '{ viewer { organizations { OAuthProviders { id } } } }');
    const providerId = viewer.organizations[0].OAuthProviders[0].id;
    const input = { entityName: 'ml-platform', providerId, subject: 'repo:acme/app', name: 'app' };
    const createClient = 'mutation ($input: CreateClientInput!) { createClient(input: $input) { success } }';
    await dataOf(wandb, createClient, { variables: { input } });
    const page = await fetch(`${wandb.baseUrl}/ml-platform/service-accounts`);
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(html).toContain('<h1>Service accounts of ml-platform</h1>');
    expect(html).toContain('&#60;b&#62;nightly &#38; &#34;eval&#34;&#60;/b&#62;');
    expect(html).toContain(
      'Federated identity: repo:acme/app of https://token.actions.githubusercontent.com',
    );
    expect(html).toContain(`API keys: ${apiKey.slice(0, 14)}…`);
    expect(html).not.toContain(apiKey);
  });

  it('shows on the page of a team that it has no accounts, that an account has no key, or that the team is unknown', async () => {
    const wandb = await startWandb();
    const text = async (team: string) => (await fetch(`${wandb.baseUrl}/${team}/service-accounts`)).text();
    expect(await text('ml-platform')).toContain('This team has no service accounts.');
    const { apiKey } = wandb.team('ml-platform').createServiceAccount('idle');
    wandb.deleteKey(apiKey);
    expect(await text('ml-platform')).toContain('No API key');
    const missing = await fetch(`${wandb.baseUrl}/nowhere/service-accounts`);
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('Team not found')]);
  });

  it('refuses cross-origin requests to the page of a team', async () => {
    const wandb = await startWandb();
    const url = `${wandb.baseUrl}/ml-platform/service-accounts`;
    const response = await fetch(url, { headers: { origin: 'https://elsewhere.test' } });
    expect(response.status).toBe(403);
  });
});
