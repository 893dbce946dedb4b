import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { FORM, send } from '../../send-request.ts';
import { ask } from '../../slack/ask.ts';
import { basic } from '../../world/credential-world.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import {
  INTROSPECTION_CLIENT,
  type RunningWorkspace,
  startWorkspace,
  type WorkspaceOptions,
} from '../../world/running-workspace.ts';
import { chooseMethod, endAccount, secretPart, TRANSPORTS } from '../steps.ts';

const ISSUER = 'https://issuer.acme.test';
const SUBJECT = 'repo:acme/eval:ref:refs/heads/main';

let workspace: RunningWorkspace;
let ada: SlackPerson;
async function start(options: WorkspaceOptions): Promise<void> {
  workspace = await startWorkspace(options);
  ada = workspace.slack.as('Ada');
}
afterEach(() => workspace.stop());

const at = (path: string) => `${workspace.keysmith.url}${path}`;
const json = async (path: string, authorization: string, body: unknown) => {
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await send(at(path), { headers, body: JSON.stringify(body) });
  return { status: response.status, body: JSON.parse(response.body) };
};
const gateway = (authorization: string, path = '/forward-auth?team=ml-platform') =>
  send(at(path), { method: 'GET', headers: { authorization } });
const introspect = async (token: string) => {
  const authorization = basic(INTROSPECTION_CLIENT.id, INTROSPECTION_CLIENT.secret);
  const body = new URLSearchParams({ token }).toString();
  return JSON.parse(
    (await send(at('/oauth/introspect'), { headers: { authorization, 'content-type': FORM }, body })).body,
  );
};
async function revoke(): Promise<void> {
  expect(await endAccount(ada, 'random', '/wandb sa revoke nightly-eval')).toContain('Revoked');
}

describe.each(TRANSPORTS)('A key from Slack, over %s', (transport) => {
  test('is valid at every endpoint of Keysmith until it is revoked in Slack', async () => {
    await start({ transport });
    const key = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
    const authorization = basic('api', key);

    expect(await gateway(authorization)).toMatchObject({
      status: 200,
      headers: {
        'x-keysmith-account': 'nightly-eval',
        'x-keysmith-team': 'ml-platform',
        'x-keysmith-scope': 'team',
      },
    });
    expect((await gateway(authorization, '/forward-auth?team=research')).status).toBe(403);
    expect(await json('/graphql', authorization, { query: '{ viewer { entity name } }' })).toMatchObject({
      body: { data: { viewer: { entity: 'ml-platform', name: 'nightly-eval' } } },
    });
    const run = { project: 'anything', email: 'Ben@acme.test' };
    expect(await json('/v1/runs/authorize', authorization, run)).toEqual({
      status: 200,
      body: {
        allowed: true,
        entity: 'ml-platform',
        project: 'anything',
        attributed_to: { username: 'benj', email: 'ben@acme.test' },
        reason: 'attributed',
      },
    });
    expect(await introspect(key)).toMatchObject({ active: true, team: 'ml-platform' });

    await revoke();

    expect((await gateway(authorization)).status).toBe(401);
    expect((await json('/graphql', authorization, { query: '{ viewer { id } }' })).status).toBe(401);
    expect((await json('/v1/runs/authorize', authorization, run)).status).toBe(401);
    expect(await introspect(key)).toEqual({ active: false });
    expect(workspace.logs()).not.toContain(secretPart(key));
  });
});

test('Keysmith stores when and from where a key was last used, even if it stops a moment later', async () => {
  await start({});
  const key = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
  await send(at('/forward-auth'), {
    method: 'GET',
    headers: { authorization: `Bearer ${key}`, 'user-agent': 'wandb-core' },
  });

  await workspace.restartKeysmith();

  expect(
    workspace.rows('select last_used_address as address, last_used_user_agent as agent from api_keys'),
  ).toEqual([{ address: '127.0.0.1', agent: 'wandb-core' }]);
  const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
  expect(list).toMatch(/ · last used <!date\^\d+\^\{date\}\|/);
});

test('a workload logs in with its own system’s JWT, without a stored secret, until the account is revoked', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'ci', alg: 'ES256' }] };
  await start({ organization: { issuers: [{ url: ISSUER, jwks }] } });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await chooseMethod(ada, 'federated');
  await ada.fill('subject', SUBJECT);
  await ada.submit();
  await ada.waitForMessage('random', 'nightly-eval');
  const exchange = async (subject = SUBJECT) => {
    const assertion = await new SignJWT({ aud: 'acme' })
      .setProtectedHeader({ alg: 'ES256', kid: 'ci' })
      .setIssuer(ISSUER)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey);
    return send(at('/oidc/token'), {
      headers: { 'content-type': FORM },
      body: `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=${assertion}`,
    });
  };

  const response = JSON.parse((await exchange()).body);

  expect(response).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  expect(await gateway(`Bearer ${response.access_token}`)).toMatchObject({
    status: 200,
    headers: { 'x-keysmith-account': 'nightly-eval' },
  });
  const metadata = await (await fetch(at('/.well-known/openid-configuration'))).json();
  expect(metadata).toMatchObject({ issuer: workspace.workloadUrl });

  await revoke();

  expect((await gateway(`Bearer ${response.access_token}`)).status).toBe(401);
  const refused = await exchange();
  expect([refused.status, JSON.parse(refused.body).error]).toEqual([400, 'invalid_grant']);
});

test('the metrics count operations without naming anyone', async () => {
  await start({});
  const key = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
  await gateway(basic('api', key));
  await gateway(basic('api', `${key.slice(0, -1)}!`), '/forward-auth?team=ml-platform');
  await fetch(at('/no/such/route?who=ada'));

  const text = await (await fetch(at('/metrics'))).text();

  expect(text).toContain('keysmith_verifications_total{outcome="ok"} 1');
  expect(text).toContain('keysmith_verifications_total{outcome="malformed"} 1');
  expect(text).toContain('keysmith_deliveries_total{outcome="accepted"} 1');
  expect(text).toContain('keysmith_exchanges_total{outcome="ok"} 0');
  expect(text).toContain('keysmith_http_requests_total{route="/forward-auth",method="GET",status="2xx"} 1');
  expect(text).toContain('keysmith_http_requests_total{route="none",method="GET",status="4xx"} 1');
  expect(text).toMatch(
    /keysmith_http_requests_total\{route="\/slack\/events",method="POST",status="2xx"\} \d/,
  );
  expect(text).toContain('keysmith_queue_length{queue="credential_uses"} 1');
  expect(text).toContain('keysmith_database_up 1');
  expect(text).not.toMatch(/ada|nightly|ml-platform|127\.0\.0\.1|keysmith_[0-9A-Za-z]{12}-/);
});

test('with a W&B server, Keysmith checks no credentials but still serves metrics', async () => {
  await start({ backend: 'wandb' });

  for (const path of ['/oidc/token', '/graphql', '/forward-auth', '/.well-known/jwks.json']) {
    expect((await fetch(at(path))).status, path).toBe(404);
  }
  expect((await fetch(at('/metrics'))).status).toBe(200);
});
