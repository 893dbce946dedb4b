import { expect, it } from 'vitest';
import { dataOf, startWandb } from './wandb-calls.ts';

it('lists the team’s service accounts, without their secrets', async () => {
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
  expect(html).toContain('Federated identity: repo:acme/app of https://token.actions.githubusercontent.com');
  expect(html).toContain(`API keys: ${apiKey.slice(0, 14)}…`);
  expect(html).not.toContain(apiKey);
});

it('says so where there are none, no key, or no such team', async () => {
  const wandb = await startWandb();
  const text = async (team: string) => (await fetch(`${wandb.baseUrl}/${team}/service-accounts`)).text();
  expect(await text('ml-platform')).toContain('This team has no service accounts.');
  const { apiKey } = wandb.team('ml-platform').createServiceAccount('idle');
  wandb.deleteKey(apiKey);
  expect(await text('ml-platform')).toContain('No API key');
  const missing = await fetch(`${wandb.baseUrl}/nowhere/service-accounts`);
  expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('Team not found')]);
});

it('shows nothing to other sites', async () => {
  const wandb = await startWandb();
  const url = `${wandb.baseUrl}/ml-platform/service-accounts`;
  const answer = await fetch(url, { headers: { origin: 'https://elsewhere.test' } });
  expect(answer.status).toBe(403);
});
